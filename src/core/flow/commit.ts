import type { Clock } from '../../base/clock.ts';
import { AppError, UsageError } from '../../base/errors.ts';
import type { Claim } from '../model/claim.ts';
import { overlaps } from '../model/claim.ts';
import type { RandomBytes, TaskId } from '../model/ids.ts';
import { newId } from '../model/ids.ts';
import type { Party } from '../model/party.ts';
import type { Strays } from '../model/scope.ts';
import { straysOf } from '../model/scope.ts';
import type { Git } from '../ports.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store.ts';
import type { TaskAtWork } from './atWork.ts';
import { atWork, standOf } from './atWork.ts';
import { claimsFor } from './audit.ts';
import { refusedText } from './teamwork.ts';

export interface CommitWorld {
  readonly store: Pick<Store, 'task' | 'worker' | 'claimFound' | 'claims' | 'send'>;
  readonly git: Git;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomBytes;
  readonly settings: Settings;
}

/** A commit that a session has made, and what it should know of it. */
export interface Committed extends Pick<Strays, 'outside'> {
  readonly commit: string;
  /** The first line of its message. */
  readonly subject: string;
  /** Relative to the repository. */
  readonly files: readonly string[];
}

/**
 * Commits what a session has changed: these paths (relative to its worktree), or everything. What others hold and what the task
 * must not change is refused, and then stays staged. Whoever shares a file that was changed is told.
 */
export async function commit(
  world: CommitWorld,
  id: TaskId,
  message: string,
  paths: readonly string[],
): Promise<Committed> {
  const { store, git, clock, random, settings } = world;
  if (message.trim() === '') throw new UsageError('the message is empty');
  if (message.includes('\u0000')) throw new UsageError('the message holds a NUL character');
  const task = await atWork(store, id);
  await standOf(git, task);
  const { own, isMerge } = await git.stage(task.worktree, paths);
  if (own.length === 0 && !isMerge) throw nothing(task);
  const strays = straysOf(task.options, own);
  if (strays.forbidden.length > 0)
    throw new AppError('forbidden_files', `this task must not change ${strays.forbidden.join(', ')}`, {
      hint: 'Leave it out: `git restore --staged FILE`, and name what to commit.',
    });
  const wanted = claimsFor(settings['claims.modes'], own);
  const ids = wanted.map(() => newId('claim', random));
  const { violations } = await store.claimFound({ task: task.id, paths: wanted, ids, now: clock.now() });
  if (violations.length > 0)
    throw new AppError('claimed_by_others', refusedText(violations, clock.now()), {
      hint: 'Ask its holder with `swarm message`, or leave it out: `git restore --staged FILE`, and name what to commit.',
    });
  const text = (await prefixOf(world, task)) + message.trimStart();
  const made = await git.commitStaged(task.worktree, text);
  if (made === undefined) throw nothing(task);
  await tellSharers(world, task, made, own);
  const subject = text.split('\n', 1)[0] ?? '';
  return { commit: made, subject, files: own, outside: strays.outside };
}

const nothing = (task: TaskAtWork): AppError =>
  new AppError('nothing_to_commit', `there is nothing to commit in ${task.worktree}`);

/** What the setting puts before each message, filled in. */
async function prefixOf({ store, settings }: CommitWorld, task: TaskAtWork): Promise<string> {
  const prefix = settings['commits.prefix'];
  if (prefix === '') return '';
  const worker = await store.worker(task.lease.worker);
  return prefix
    .replaceAll('{worker}', () => worker?.name ?? task.lease.worker)
    .replaceAll('{task}', () => task.id)
    .replaceAll('{title}', () => task.title);
}

/** How many files are named before they are only counted. */
const named = 10;

/** Tells those who have claimed the same files in a way that lets others change them, too. */
async function tellSharers(
  { store, clock, random }: CommitWorld,
  task: TaskAtWork,
  made: string,
  files: readonly string[],
): Promise<void> {
  const changed = new Map<Party, Set<string>>();
  const isShared = ({ holder, mode }: Claim) => holder !== task.id && mode !== 'exclusive';
  for (const claim of (await store.claims()).filter(isShared)) {
    for (const path of files.filter((each) => overlaps(claim, { kind: 'file', path: each })))
      changed.set(claim.holder, (changed.get(claim.holder) ?? new Set()).add(path));
  }
  for (const [holder, paths] of changed) {
    const more = paths.size > named ? ` and ${paths.size - named} more` : '';
    const body = `“${task.title}” (task ${task.id}) has changed ${[...paths].slice(0, named).join(', ')}${more}, which you have claimed, too, in commit ${made.slice(0, 10)} on ${task.branch}.`;
    const ids = [newId('message', random)];
    // Whoever has left meanwhile need not know.
    await store.send({ from: task.id, to: [holder], kind: 'notification', body, ids, now: clock.now() });
  }
}
