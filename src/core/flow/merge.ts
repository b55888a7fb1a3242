import type { Clock } from '../../base/clock.ts';
import { AppError, messageOf } from '../../base/errors.ts';
import type { Batch } from '../model/batch.ts';
import type { EntryId, RandomBytes, TaskId } from '../model/ids.ts';
import { newId } from '../model/ids.ts';
import { targetLeaseName } from '../model/lease.ts';
import type { MergeEntry } from '../model/merge.ts';
import type { Task } from '../model/task.ts';
import type { Checks, Git, Processes } from '../ports.ts';
import type { Settings } from '../settings.ts';
import type { Landing, Store } from '../store.ts';
import { claimsFor, filesOf, heldBackText } from './audit.ts';
import { underLease } from './leased.ts';
import { isForRoom } from './room.ts';

export interface MergeWorld {
  readonly store: Pick<
    Store,
    'entry' | 'task' | 'batch' | 'takeLease' | 'renewLease' | 'dropLease' | 'landingStarted' | 'landed' | 'audit'
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

/** What is needed to say whether others hold what a task has changed. */
export interface PreviewWorld {
  readonly git: Git;
  readonly store: Pick<Store, 'audit'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly settings: Settings;
}

/** How often a landing starts over because somebody else moved the target. */
const mostMoves = 20;
const targetLeaseMs = 30_000;

/** What a landing would do now. */
export type Preview =
  | { readonly kind: 'clean'; readonly files: number }
  | { readonly kind: 'conflict'; readonly files: readonly string[] }
  /** Somebody else holds files that it changes. */
  | { readonly kind: 'held_back'; readonly reason: string }
  | { readonly kind: 'already_merged' }
  | { readonly kind: 'target_missing' };

/**
 * Whether an approved commit would merge with its target as they both are now, or as it is with `before`, tasks that land first.
 * Changes nothing.
 */
export async function previewMerge(
  world: PreviewWorld,
  task: Task,
  head: string,
  before: { readonly tip?: string; readonly tasks: ReadonlySet<TaskId> } = { tasks: new Set() },
): Promise<Preview & { readonly commit?: string }> {
  const { git } = world;
  const tip = before.tip ?? (await git.resolve(`refs/heads/${task.target}`));
  if (tip === undefined) return { kind: 'target_missing' };
  if (await git.isAncestor(head, tip)) return { kind: 'already_merged' };
  const composed = await git.compose(tip, head, mergeMessage(task));
  if (composed.kind === 'conflict') return { kind: 'conflict', files: composed.files };
  const changes = await git.diff(tip, composed.commit);
  const taken = await heldBack(world, task, head, filesOf(changes), before.tasks);
  if (taken) return { kind: 'held_back', reason: taken.reason };
  return { kind: 'clean', files: changes.length, commit: composed.commit };
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
  return underLease(world, lease, async (lost) => {
    const fence = { entry: id, target: entry.target, token: lease.token };
    if ((await store.landingStarted({ ...fence, now: clock.now() })) === 'lost') return 'lost';
    await world.git.sweepScratch((folder) => world.processes.endLeftovers({ folder, sessions: [] }));
    const landing = await attemptOrRefuse(world, entry, AbortSignal.any([signal, lost]));
    if (lost.aborted) return 'lost';
    const saved = await store.landed({ ...fence, landing, review: newId('review', world.random), now: clock.now() });
    if (saved === 'lost') return 'lost';
    if (landing.kind === 'merged') await world.git.thinSnapshots([entry.task]);
    return landing.kind;
  });
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
    if (already !== undefined)
      return { kind: 'merged', landed: already, files: await changed(git, task.base ?? entry.head, entry.head) };
    const head = await git.resolve(`refs/heads/${task.branch}`);
    if (head !== undefined && head !== entry.head) {
      const reason = `${task.branch} has commits that nobody approved`;
      return { kind: 'moved', reason, base: task.base ?? tip, head };
    }
    const composed = await git.compose(tip, entry.head, mergeMessage(task));
    if (composed.kind === 'conflict') return conflict(world.settings, task, tip, composed);
    const files = await changed(git, tip, composed.commit);
    const held = () => heldBack(world, task, entry.head, files);
    const taken = await held();
    if (taken) return taken;
    const red = await check(world, batch, entry, composed.commit, tip, signal);
    if (red) return red;
    // A check takes its time, in which somebody may have claimed a file.
    const takenMeanwhile = batch.check === undefined ? undefined : await held();
    if (takenMeanwhile) return takenMeanwhile;
    signal.throwIfAborted();
    const landed = await git.land(entry.target, tip, composed.commit);
    if (landed.kind === 'landed') return { kind: 'merged', landed: composed.commit, files };
    if (landed.kind === 'refused') return { kind: 'refused', reason: landed.reason };
  }
  return { kind: 'refused', reason: `${entry.target} was moved by others ${mostMoves} times meanwhile` };
}

/** What differs between two commits, by name; of a file that was moved both. */
const changed = async (git: Pick<Git, 'diff'>, from: string, to: string): Promise<readonly string[]> =>
  filesOf(await git.diff(from, to));

/** Refuses work that changes what somebody else holds; what came in with its base is others' work. */
async function heldBack(
  { git, store, settings, clock }: PreviewWorld,
  task: Task,
  head: string,
  landing: readonly string[],
  landedBefore: ReadonlySet<TaskId> = new Set(),
): Promise<Extract<Landing, { kind: 'refused' }> | undefined> {
  const own = new Set(task.base === undefined ? landing : await changed(git, task.base, head));
  const files = landing.filter((path) => own.has(path));
  const paths = claimsFor(settings['claims.modes'], files);
  const refused = await store.audit({ task: task.id, paths });
  const held = refused.filter(({ by }) => by.task === undefined || !landedBefore.has(by.task));
  return held.length === 0 ? undefined : { kind: 'refused', reason: heldBackText(held, clock.now()) };
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
