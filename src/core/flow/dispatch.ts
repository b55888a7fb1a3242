import { AppError, messageOf } from '../../base/errors.ts';
import type { ClaudeSessionId } from '../model/ids.ts';
import { newId } from '../model/ids.ts';
import type { TaskLease } from '../model/lease.ts';
import type { Attempt, Session, SessionEnd } from '../model/session.ts';
import type { Task } from '../model/task.ts';
import { interrupted } from '../model/task.ts';
import type { Settings } from '../settings.ts';
import type { LeaseAnswer, Outcome } from '../store.ts';
import { briefingFor, freshPrompt, nextPrompt } from './briefing.ts';
import type { Held } from './handOver.ts';
import { handOver } from './handOver.ts';
import type { Heartbeat } from './heartbeat.ts';
import { heartbeatOf } from './heartbeat.ts';
import { placeTask } from './place.ts';
import { inRoom, isForRoom } from './room.ts';
import { snapshotsOf } from './snapshots.ts';
import type { Followed, OpenSession } from './supervise.ts';
import { EventReader, follow } from './supervise.ts';
import type { WorkerWorld } from './worker.ts';

type Leased = Extract<LeaseAnswer, { kind: 'leased' }>;

/** Time a session has to end by itself before its processes are killed. */
const graceMs = 10_000;

/** Time that is left for making room before a task that found none is begun again. */
const roomMs = 30_000;

/** Thrown inside a drive when the task has a new owner: everything stops, nothing is written any more. */
class LeaseLost extends Error {}

/**
 * Drives one leased task until it is handed over, goes back or is lost. Returns the session when it is still open for
 * the person.
 */
export async function driveTask(
  world: WorkerWorld,
  leased: Leased,
  stop: AbortSignal,
): Promise<OpenSession | undefined> {
  const { task, attempt } = leased;
  const lease = task.lease;
  const settings = await world.settings();
  const heartbeat = heartbeatOf(world, lease, settings['workers.leaseSeconds'] * 1000);
  let open: OpenSession | undefined;
  try {
    const earlier = await world.store.sessions(task.id);
    const held = await place(world, leased, earlier, settings, heartbeat, stop);
    if (stopped(stop, heartbeat)) return await finish(world, lease, stoppedOutcome(task, false), undefined);
    const { last } = leased;
    let conversation = last && (await world.sessions.canResume(last.claudeSessionId)) ? last : undefined;
    for (;;) {
      const begun = earlier.length > 0;
      open = await openSession(world, leased, held, { conversation, begun }, settings, heartbeat, stop);
      const signal = AbortSignal.any([stop, heartbeat.lost, heartbeat.stopAsked]);
      const followed = await follow(world, open, lease, signal);
      const refused = conversation !== undefined && followed.kind === 'ended' && !open.events.hasStarted;
      if (!refused) return await conclude(world, open, followed, held, lease, settings, heartbeat, signal);
      await settleSession(world, open, followed.end);
      open = undefined;
      conversation = undefined;
    }
  } catch (error) {
    if (open) await endSession(world, open, 'the task could not go on');
    if (error instanceof LeaseLost || heartbeat.lost.aborted) {
      world.say(`“${task.title}” now belongs to somebody else or was cancelled; its worktree stays as it is.`);
      return undefined;
    }
    if (stopped(stop, heartbeat))
      return await finish(world, lease, stoppedOutcome(task, open !== undefined), undefined);
    world.log.error(`attempt ${attempt.number} of ${task.id} failed`, error);
    if (isForRoom(error)) {
      await world.clock.sleep(roomMs, AbortSignal.any([stop, heartbeat.lost, heartbeat.stopAsked]));
      return await finish(world, lease, stoppedOutcome(task, open !== undefined), undefined);
    }
    return await finish(world, lease, { kind: 'failed', reason: reasonOf(error) }, undefined);
  } finally {
    heartbeat.stop();
  }
}

/** Goes on with a task whose session the person spoke to after it was handed over. */
export async function driveAgain(
  world: WorkerWorld,
  open: OpenSession,
  retaken: { readonly task: Extract<Task, { state: 'running' }>; readonly attempt: Attempt },
  stop: AbortSignal,
): Promise<OpenSession | undefined> {
  const { task, attempt } = retaken;
  const settings = await world.settings();
  const heartbeat = heartbeatOf(world, task.lease, settings['workers.leaseSeconds'] * 1000);
  try {
    const batch = await world.store.batch(task.batch);
    if (!batch || task.worktree === undefined || task.base === undefined)
      throw new Error(`${task.id} has no batch or place`);
    const held: Held = {
      task,
      batch,
      worktree: task.worktree,
      base: task.base,
      logs: world.logs(task.id, attempt.number),
    };
    open.running.grantEdits(true);
    const signal = AbortSignal.any([stop, heartbeat.lost, heartbeat.stopAsked]);
    const followed = await follow(world, open, task.lease, signal);
    return await conclude(world, open, followed, held, task.lease, settings, heartbeat, signal);
  } catch (error) {
    await endSession(world, open, 'the task could not go on');
    if (error instanceof LeaseLost || heartbeat.lost.aborted) return undefined;
    return await finish(world, task.lease, { kind: 'failed', reason: reasonOf(error) }, undefined);
  } finally {
    heartbeat.stop();
  }
}

/** Ends a session's process and saves how it ended. */
export async function endSession(world: WorkerWorld, open: OpenSession, why: string): Promise<SessionEnd> {
  open.running.grantEdits(false);
  await open.running.stop(graceMs);
  const end = await open.running.ended;
  await world.store.sessionEnded({ session: open.id, exit: why, now: world.clock.now() });
  return end;
}

/** Saves that a session has ended by itself, and ends what it has left running: a command outlives the Claude Code that began it. */
export async function settleSession(world: WorkerWorld, open: OpenSession, end: SessionEnd): Promise<void> {
  const session = (await world.store.sessions(open.task)).find(({ id }) => id === open.id);
  // Once the store has given it up, somebody else may be at work in the worktree.
  if (session?.state === 'open') await world.processes.endLeftovers({ folder: open.worktree, sessions: [] });
  await world.store.sessionEnded({ session: open.id, exit: exitText(end), now: world.clock.now() });
}

async function place(
  world: WorkerWorld,
  leased: Leased,
  earlier: readonly Session[],
  settings: Settings,
  heartbeat: Heartbeat,
  stop: AbortSignal,
): Promise<Held> {
  const { task, attempt, batch } = leased;
  const now = () => world.clock.now();
  await world.store.workerPhase({ worker: world.worker, phase: 'preparing the worktree', task: task.id, now: now() });
  world.say(`“${task.title}”: preparing the worktree …`);
  if (task.worktree !== undefined) {
    const left = await world.processes.endLeftovers({ folder: task.worktree, sessions: earlier });
    const text = `ended what an earlier attempt had left running: ${left} ${left === 1 ? 'process' : 'processes'}`;
    if (left > 0) await world.store.warned({ task: task.id, text, now: now() });
  }
  const found = {
    git: world.git,
    settings,
    worktrees: world.worktrees(settings),
    begun: earlier.length > 0,
    task: (id: Task['id']) => world.store.task(id),
  };
  const signal = AbortSignal.any([stop, heartbeat.lost, heartbeat.stopAsked]);
  const placed = await inRoom(world, task.id, signal, async () => {
    // What was saved when there was no room tells the second try that the branch is the task's own.
    const now = (await world.store.task(task.id)) ?? task;
    return placeTask(found, now, async (worktree, base) => {
      keep(await world.store.placed({ lease: task.lease, worktree, base, now: world.clock.now() }), heartbeat);
    });
  });
  for (const text of placed.warnings) await world.store.warned({ task: task.id, text, now: now() });
  return { task, batch, worktree: placed.worktree, base: placed.base, logs: world.logs(task.id, attempt.number) };
}

/** What a session begins with. */
interface Beginning {
  /** The session whose conversation goes on. */
  readonly conversation: Session | undefined;
  /** Whether the task had a session before. */
  readonly begun: boolean;
}

async function openSession(
  world: WorkerWorld,
  leased: Leased,
  held: Held,
  { conversation, begun }: Beginning,
  settings: Settings,
  heartbeat: Heartbeat,
  stop: AbortSignal,
): Promise<OpenSession> {
  const { task, attempt } = leased;
  const id = newId('session', world.random);
  const claudeSessionId = conversation?.claudeSessionId ?? (uuid(world) as ClaudeSessionId);
  const startedAt = world.clock.now();
  if (begun && conversation === undefined) {
    const text = 'its conversation is gone: a new one begins, with the work so far in the worktree';
    await world.store.warned({ task: task.id, text, now: startedAt });
  }
  const session: Session = {
    id,
    attempt: attempt.id,
    task: task.id,
    worker: world.worker,
    claudeSessionId,
    mode: world.mode,
    state: 'starting',
    logs: held.logs,
    usage: { costUsd: 0, tokens: 0, turns: 0 },
    startedAt,
  };
  keep(await world.store.sessionStarting({ lease: task.lease, session, now: startedAt }), heartbeat);
  const launching = world.sessions.launch(
    {
      task,
      mode: world.mode,
      worktree: held.worktree,
      claudeSessionId,
      resume: conversation !== undefined,
      prompt: promptFor(task, conversation !== undefined, begun),
      briefing: briefingFor(task, held.batch.check),
      logs: held.logs,
      settings,
      check: held.batch.check,
    },
    AbortSignal.any([stop, heartbeat.lost, heartbeat.stopAsked]),
  );
  const running = await launching.catch(async (error: unknown) => {
    // Left as starting it would tie the task to this worker.
    await world.store.sessionEnded({ session: id, exit: `not started: ${messageOf(error)}`, now: world.clock.now() });
    throw error;
  });
  const snapshots = snapshotsOf(world, task.id, held.worktree);
  const events = new EventReader(running.events);
  const open: OpenSession = { id, task: task.id, worktree: held.worktree, running, snapshots, events };
  try {
    keep(
      await world.store.sessionOpen({
        lease: task.lease,
        session: id,
        process: running.process,
        now: world.clock.now(),
      }),
      heartbeat,
    );
  } catch (error) {
    await endSession(world, open, 'the lease was lost while it started');
    throw error;
  }
  running.grantEdits(true);
  return open;
}

/** What follows from why a session is not followed any more. */
async function conclude(
  world: WorkerWorld,
  open: OpenSession,
  followed: Followed,
  held: Held,
  lease: TaskLease,
  settings: Settings,
  heartbeat: Heartbeat,
  signal: AbortSignal,
): Promise<OpenSession | undefined> {
  switch (followed.kind) {
    case 'lost':
      throw new LeaseLost();
    case 'prompted':
      throw new Error('a session that holds its task was followed as if it did not');
    case 'aborted': {
      if (heartbeat.lost.aborted) throw new LeaseLost();
      await endSession(world, open, 'asked to stop');
      await open.snapshots.keep('stopped');
      return await finish(world, lease, stoppedOutcome(held.task, true), undefined);
    }
    case 'ended': {
      await settleSession(world, open, followed.end);
      const kept = open.snapshots.keep('session ended');
      const complete = world.mode === 'print' && followed.end.exitCode === 0 && followed.end.succeeded === true;
      if (complete) return await finish(world, lease, await outcomeOf(world, held, settings, signal, kept), undefined);
      await kept;
      if (followed.end.signal !== undefined && held.task.rounds < settings['tasks.maxRounds']) {
        return await finish(world, lease, killedOutcome(held.task), undefined);
      }
      return await finish(world, lease, { kind: 'failed', reason: failureOf(followed.end, world.mode) }, undefined);
    }
    case 'finished': {
      open.running.grantEdits(false);
      const kept = open.snapshots.keep('finished');
      return await finish(world, lease, await outcomeOf(world, held, settings, signal, kept), open);
    }
  }
}

/** The hand-over, which changes nothing twice, beside the last snapshot, which has an index of its own. */
async function outcomeOf(
  world: WorkerWorld,
  held: Held,
  settings: Settings,
  signal: AbortSignal,
  kept: Promise<void>,
): Promise<Outcome> {
  const [outcome] = await Promise.all([
    inRoom(world, held.task.id, signal, () => handOver(world, held, settings, signal)),
    kept,
  ]);
  return outcome;
}

async function finish(
  world: WorkerWorld,
  lease: TaskLease,
  outcome: Outcome,
  open: OpenSession | undefined,
): Promise<OpenSession | undefined> {
  const review = newId('review', world.random);
  const entry = newId('entry', world.random);
  const answer = await world.store.finish({ lease, outcome, review, entry, now: world.clock.now() });
  // An open session has the terminal to itself.
  if (answer === 'finished' && open === undefined) world.say(outcomeText(lease.task, outcome));
  return open;
}

function outcomeText(task: Task['id'], outcome: Outcome): string {
  switch (outcome.kind) {
    case 'in_review':
      return `${task} is ready for review`;
    case 'approved':
      return `${task} is approved by its check`;
    case 'no_changes':
      return `${task} has changed nothing`;
    case 'failed':
      return `${task} failed: ${outcome.reason}. \`swarm task retry ${task}\` goes on with it.`;
    case 'requeue':
      return `${task} is back in the queue with all its work`;
  }
}

const promptFor = (task: Task, resume: boolean, begun: boolean): string => {
  if (!resume) return begun ? freshPrompt(task) : task.prompt;
  return nextPrompt(task.feedback ?? interrupted(undefined));
};

const stopped = (stop: AbortSignal, heartbeat: Heartbeat): boolean => stop.aborted || heartbeat.stopAsked.aborted;

const stoppedOutcome = (task: Task, hadSession: boolean): Outcome => ({
  kind: 'requeue',
  ...(hadSession ? { feedback: interrupted(task.feedback) } : {}),
  countsAsRound: false,
  outcome: 'stopped',
});

/** Somebody, or the system for want of memory, has killed Claude Code: it goes on where it was, but not for ever. */
const killedOutcome = (task: Task): Outcome => ({
  kind: 'requeue',
  feedback: interrupted(task.feedback),
  countsAsRound: true,
  outcome: 'failed',
});

/** Why an attempt could not go on, and what to do about it. */
function reasonOf(error: unknown): string {
  const text = messageOf(error);
  if (!AppError.is(error) || error.hint === undefined) return text;
  return `${text}${/[.!?]$/.test(text) ? '' : '.'} ${error.hint}`;
}

const exitText = (end: SessionEnd): string =>
  end.signal !== undefined ? `killed by ${end.signal}` : `exit ${end.exitCode ?? 'unknown'}`;

function failureOf(end: SessionEnd, mode: WorkerWorld['mode']): string {
  const denied = end.denied.length > 0 ? `; denied: ${[...new Set(end.denied)].join(', ')}` : '';
  if (end.reason !== undefined) return `${end.reason}${denied}`;
  if (mode === 'interactive' && end.exitCode === 0) return `the session was closed before it was finished${denied}`;
  return `Claude Code ended: ${exitText(end)}${denied}`;
}

function keep(answer: 'saved' | 'lost', heartbeat: Heartbeat): void {
  if (answer === 'lost' || heartbeat.lost.aborted) throw new LeaseLost();
}

/** A random UUID (version 4). */
function uuid(world: Pick<WorkerWorld, 'random'>): string {
  const bytes = Array.from(world.random(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
