import type { Clock } from '../../base/clock.ts';
import { AppError, messageOf } from '../../base/errors.ts';
import type { Batch } from '../model/batch.ts';
import type { EntryId, RandomBytes } from '../model/ids.ts';
import { newId } from '../model/ids.ts';
import { targetLeaseName } from '../model/lease.ts';
import type { MergeEntry } from '../model/merge.ts';
import type { Task } from '../model/task.ts';
import type { Checks, Git, Processes } from '../ports.ts';
import type { Settings } from '../settings.ts';
import type { Landing, Store } from '../store.ts';
import { isForRoom } from './room.ts';

export interface MergeWorld {
  readonly store: Pick<
    Store,
    'entry' | 'task' | 'batch' | 'takeLease' | 'renewLease' | 'dropLease' | 'landingStarted' | 'landed'
  >;
  readonly git: Git;
  readonly checks: Checks;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly settings: Settings;
  /** Absolute path for the output of an entry's check. */
  checkLog(entry: EntryId): string;
}

/** How often a landing starts over because somebody else moved the target. */
const mostMoves = 20;
const targetLeaseMs = 30_000;

/** What a landing would do now. */
export type Preview =
  | { readonly kind: 'clean'; readonly files: number }
  | { readonly kind: 'conflict'; readonly files: readonly string[] }
  | { readonly kind: 'already_merged' }
  | { readonly kind: 'target_missing' };

/** Whether an approved commit would merge with its target as they both are now. Changes nothing. */
export async function previewMerge(
  git: Git,
  task: Task,
  head: string,
  onto?: string,
): Promise<Preview & { readonly commit?: string }> {
  const tip = onto ?? (await git.resolve(`refs/heads/${task.target}`));
  if (tip === undefined) return { kind: 'target_missing' };
  if (await git.isAncestor(head, tip)) return { kind: 'already_merged' };
  const composed = await git.compose(tip, head, mergeMessage(task));
  if (composed.kind === 'conflict') return { kind: 'conflict', files: composed.files };
  return { kind: 'clean', files: (await git.diff(tip, composed.commit)).length, commit: composed.commit };
}

/**
 * Lands one entry, exactly once however often it is begun: under the target's lease, on a merged tree that passed the check, by
 * compare-and-swap. Returns what became of it, or `held` when another process lands on that target, or `lost`.
 */
export async function land(
  world: MergeWorld,
  id: EntryId,
  signal: AbortSignal,
): Promise<Landing['kind'] | 'held' | 'lost' | 'gone'> {
  const { store, clock } = world;
  const entry = await store.entry(id);
  if (!entry || (entry.state !== 'queued' && entry.state !== 'landing')) return 'gone';
  const name = targetLeaseName(entry.target);
  const lease = await store.takeLease({ name, owner: world.processes.self, ms: targetLeaseMs });
  if (lease === 'held') return 'held';
  const ended = new AbortController();
  const lost = new AbortController();
  void (async () => {
    while (!ended.signal.aborted) {
      await clock.sleep(targetLeaseMs / 3, ended.signal);
      if (
        !ended.signal.aborted &&
        (await store.renewLease({ name, token: lease.token }).catch(() => 'renewed')) === 'lost'
      )
        lost.abort();
    }
  })();
  try {
    const fence = { entry: id, target: entry.target, token: lease.token };
    if ((await store.landingStarted({ ...fence, now: clock.now() })) === 'lost') return 'lost';
    await world.git.sweepScratch((folder) => world.processes.endLeftovers({ folder, sessions: [] }));
    const landing = await attemptOrRefuse(world, entry, AbortSignal.any([signal, lost.signal]));
    if (lost.signal.aborted) return 'lost';
    const saved = await store.landed({ ...fence, landing, review: newId('review', world.random), now: clock.now() });
    if (saved === 'lost') return 'lost';
    if (landing.kind === 'merged') await world.git.thinSnapshots([entry.task]);
    return landing.kind;
  } finally {
    ended.abort();
    await store.dropLease({ name, token: lease.token });
  }
}

/** What goes wrong in a way that nobody foresaw is told on the entry: tried again and again it would block all behind it. */
async function attemptOrRefuse(world: MergeWorld, entry: MergeEntry, signal: AbortSignal): Promise<Landing> {
  try {
    return await attempt(world, entry, signal);
  } catch (error) {
    if (signal.aborted || isForRoom(error)) throw error;
    return { kind: 'refused', reason: messageOf(error) };
  }
}

async function attempt(world: MergeWorld, entry: MergeEntry, signal: AbortSignal): Promise<Landing> {
  const { git, store } = world;
  const task = await store.task(entry.task);
  const batch = task && (await store.batch(task.batch));
  if (!task || !batch) throw new AppError('task_missing', `the task of entry ${entry.id} is gone`);
  for (let move = 0; move < mostMoves; move++) {
    const tip = await git.resolve(`refs/heads/${entry.target}`);
    if (tip === undefined) return { kind: 'refused', reason: `the branch ${entry.target} is gone` };
    const already = await git.landedBy(entry.target, entry.head);
    if (already !== undefined) return { kind: 'merged', landed: already };
    const head = await git.resolve(`refs/heads/${task.branch}`);
    if (head !== undefined && head !== entry.head) {
      const reason = `${task.branch} has commits that nobody approved`;
      return { kind: 'moved', reason, base: task.base ?? tip, head };
    }
    const composed = await git.compose(tip, entry.head, mergeMessage(task));
    if (composed.kind === 'conflict') return conflict(world.settings, task, tip, composed);
    const red = await check(world, batch, entry, composed.commit, tip, signal);
    if (red) return red;
    signal.throwIfAborted();
    const landed = await git.land(entry.target, tip, composed.commit);
    if (landed.kind === 'landed') return { kind: 'merged', landed: composed.commit };
    if (landed.kind === 'refused') return { kind: 'refused', reason: landed.reason };
  }
  return { kind: 'refused', reason: `${entry.target} was moved by others ${mostMoves} times meanwhile` };
}

function conflict(
  settings: Settings,
  task: Task,
  tip: string,
  found: { files: readonly string[]; hunks: string },
): Landing {
  const reason = `conflicts with ${task.target} in ${found.files.join(', ')}`;
  const feedback = { kind: 'conflict', text: `${reason}\n\n${found.hunks}`, mergeIn: tip } as const;
  return { kind: 'conflict', reason, feedback, maxRounds: settings['tasks.maxRounds'] };
}

async function check(
  world: MergeWorld,
  batch: Batch,
  entry: MergeEntry,
  commit: string,
  tip: string,
  signal: AbortSignal,
): Promise<Landing | undefined> {
  const command = batch.check;
  if (command === undefined) return undefined;
  const log = world.checkLog(entry.id);
  const timeoutMs = world.settings['check.timeoutSeconds'] * 1000;
  const run = (folder: string) => world.checks.run(command, folder, timeoutMs, log, signal);
  const result = await world.git.inScratch(commit, world.settings['worktrees.include'], run);
  signal.throwIfAborted();
  if (result.passed) return undefined;
  const reason = `\`${command}\` ended with ${result.summary}`;
  const feedback = { kind: 'check_failed', text: `${reason}:\n\n${result.tail}`, mergeIn: tip } as const;
  return { kind: 'check_failed', reason, log: result.log, feedback, maxRounds: world.settings['tasks.maxRounds'] };
}

const mergeMessage = (task: Task): string => `Merge ${task.branch}: ${task.title}\n\nSwarm-Task: ${task.id}`;
