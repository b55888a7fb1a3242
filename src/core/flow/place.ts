import { AppError } from '../../base/errors.ts';
import type { Task } from '../model/task.ts';
import { slugOf } from '../model/task.ts';
import type { Git } from '../ports.ts';
import type { Settings } from '../settings.ts';
import { baseWith } from './baseWith.ts';

/** Where a task's work happens. */
export interface Place {
  readonly worktree: string;
  /** The left side of the coming review. */
  readonly base: string;
  readonly warnings: readonly string[];
}

export interface PlaceWorld {
  readonly git: Git;
  readonly settings: Settings;
  /** Absolute folder for worktrees. */
  readonly worktrees: string;
  /** A session was started there before, so its base holds even if the branch cannot be found. */
  readonly begun: boolean;
  task(id: Task['id']): Promise<Task | undefined>;
}

/** The path of a task's worktree inside the folder for worktrees. */
export const worktreePath = (folder: string, task: Pick<Task, 'id' | 'title'>): string =>
  `${folder.replace(/[/\\]+$/, '')}/${slugOf(task.title)}-${task.id}`;

/**
 * Makes the task's worktree, or finds it, and brings into it what the next attempt needs to see. `saved` is called with
 * the worktree and the base before anything is made, so that a later attempt knows its own branch again.
 */
export async function placeTask(
  world: PlaceWorld,
  task: Task,
  saved: (worktree: string, base: string) => Promise<void>,
): Promise<Place> {
  const { git } = world;
  const warnings: string[] = [];
  const worktree = task.worktree ?? worktreePath(world.worktrees, task);
  const mine = task.base !== undefined || task.options.continues === true;
  const [tip, fresh] = await Promise.all([
    git.resolve(`refs/heads/${task.branch}`),
    task.base === undefined ? baseFor(world, task) : undefined,
  ]);
  if (tip !== undefined && !mine) {
    // Once the base is saved the branch counts as the task's own, so a stranger's must be told before.
    throw new AppError('branch_exists', `there is a branch ${task.branch} already, and it is not this task’s`, {
      hint: 'Rename it, or name it in the task (`branch: …`) to go on with it.',
    });
  }
  // A base that no branch was made of is that of a placing that was cut short, perhaps long ago: it is found anew.
  const isPlaced = task.base !== undefined && (world.begun || tip !== undefined);
  const first = isPlaced ? task.base : (fresh ?? (await baseFor(world, task)));
  let base = first;
  await saved(worktree, base);
  const { carried } = await git.addWorktree({
    path: worktree,
    branch: task.branch,
    base,
    mine,
    include: world.settings['worktrees.include'],
  });
  if (carried.length > 0) warnings.push(`carried over: ${carried.join(', ')}`);
  // Whoever held the files that this task has waited for has most likely changed them.
  const newest = task.feedback?.kind === 'files_free' ? await git.resolve(`refs/heads/${task.target}`) : undefined;
  const mergeIn = newest ?? task.feedback?.mergeIn;
  const head = mergeIn === undefined ? base : await git.head(worktree);
  if (mergeIn !== undefined && !(await git.isAncestor(mergeIn, head))) {
    base = await baseWith(git, { ...task, base }, mergeIn, head);
    await bringIn(git, worktree, base, `Work in progress: ${task.title}`);
  }
  if (base !== first) await saved(worktree, base);
  return { worktree, base, warnings };
}

/** Merges a commit into the worktree; an attempt that was cut off may have left the conflict of that very merge there. */
async function bringIn(git: Git, worktree: string, commit: string, message: string): Promise<void> {
  try {
    if ((await git.changes(worktree)).length > 0) await git.commitAll(worktree, message);
  } catch (error) {
    if (AppError.is(error, 'conflicts_left')) return;
    throw error;
  }
  await git.mergeIn(worktree, commit);
}

/**
 * The commit a new branch starts from: the tip of its target, or what unmerged dependencies make together with that tip.
 * Merged in memory, so that dependencies in conflict leave nothing behind and a later attempt starts from what they are then.
 */
async function baseFor(world: PlaceWorld, task: Task): Promise<string> {
  const { git } = world;
  const name = task.requestedBase ?? `refs/heads/${task.target}`;
  const tip = await git.resolve(name);
  if (tip === undefined) {
    throw new AppError('base_missing', `there is no commit or branch “${task.requestedBase ?? task.target}” any more`, {
      hint: 'Cancel the task and ask for it again.',
    });
  }
  const started = task.options.continues ? await git.resolve(`refs/heads/${task.branch}`) : undefined;
  if (started !== undefined) return (await git.mergeBase(started, tip)) ?? tip;
  const heads: string[] = [];
  for (const id of task.after) {
    const before = await world.task(id);
    if (before?.head !== undefined && before.state !== 'skipped' && !(await git.isAncestor(before.head, tip)))
      heads.push(before.head);
  }
  if (heads.length === 0) return tip;
  let base: string | undefined;
  for (const head of [...heads, tip]) {
    if (base === undefined || (await git.isAncestor(base, head))) {
      base = head;
      continue;
    }
    const composed = await git.compose(base, head, `Start ${task.branch} from what it comes after`);
    if (composed.kind === 'conflict') {
      const files = composed.files.join(', ');
      throw new AppError(
        'dependencies_conflict',
        `what this task starts from is in conflict: its dependencies and ${task.requestedBase ?? task.target}, in ${files}`,
        { hint: 'Merge the dependencies first, then retry this task.' },
      );
    }
    base = composed.commit;
  }
  return base ?? tip;
}
