import type { Clock } from '../../base/clock.ts';
import { AppError, messageOf } from '../../base/errors.ts';
import type { TaskId } from '../model/ids.ts';
import type { Git } from '../ports.ts';
import type { Store } from '../store.ts';
import { atWork, standOf } from './atWork.ts';
import { baseWith } from './baseWith.ts';
import type { TakenIn } from './takeIn.ts';
import { takeIn } from './takeIn.ts';

export interface PullWorld {
  readonly store: Pick<Store, 'task' | 'placed'>;
  readonly git: Git;
  readonly clock: Pick<Clock, 'now'>;
}

/** What became of a pull, and what the session should know besides. */
export type Pulled = TakenIn & { readonly warnings: readonly string[] };

/**
 * Brings the newest state of a task's target into its branch; that of the remote that the target follows, too, when it can be
 * asked. The review begins from there, so that it shows the task's own changes only. Whatever is in conflict changes nothing.
 */
export async function pull({ store, git, clock }: PullWorld, id: TaskId, signal: AbortSignal): Promise<Pulled> {
  const task = await atWork(store, id);
  const warnings: string[] = [];
  const newest = await newestOf(git, task.target, warnings, signal);
  const base = await baseWith(git, task, newest, await standOf(git, task));
  const taken = await takeIn(git, task, base, task.target);
  // Also when nothing was to be done: a pull that was cut off may not have come so far.
  if ((taken.kind === 'merged' || taken.kind === 'up_to_date') && base !== task.base) {
    const { lease, worktree } = task;
    if ((await store.placed({ lease, worktree, base, now: clock.now() })) === 'lost')
      throw new AppError('not_at_work', `“${task.title}” now belongs to somebody else`);
  }
  return { ...taken, warnings };
}

/** The target's tip, together with what its remote has beyond it. */
async function newestOf(git: Git, target: string, warnings: string[], signal: AbortSignal): Promise<string> {
  const tip = await git.resolve(`refs/heads/${target}`);
  if (tip === undefined) throw new AppError('target_missing', `the branch ${target} is gone`);
  const followed = await git.followed(target);
  if (followed === undefined) return tip;
  const name = `${followed.remote}/${followed.branch}`;
  const theirs = await git.fetch(followed.remote, followed.branch, signal).catch((error: unknown) => {
    if (signal.aborted || !AppError.is(error)) throw error;
    warnings.push(`${name} is taken as it was last fetched: ${messageOf(error)}`);
    return git.resolve(`refs/remotes/${name}`);
  });
  if (theirs === undefined || (await git.isAncestor(theirs, tip))) return tip;
  if (await git.isAncestor(tip, theirs)) return theirs;
  const composed = await git.compose(tip, theirs, `Merge ${name} into ${target}`);
  if (composed.kind === 'clean') return composed.commit;
  warnings.push(`${target} and ${name} are in conflict in ${composed.files.join(', ')}: only ${target} was taken`);
  return tip;
}
