import { newId } from '../model/ids.ts';
import type { Attempt, Session } from '../model/session.ts';
import type { Task } from '../model/task.ts';
import type { LeaseAnswer, Outcome } from '../store.ts';
import type { Drive } from './drive.ts';
import { isStopped, keep, LeaseLost } from './drive.ts';
import type { Held } from './handOver.ts';
import { handOver } from './handOver.ts';
import { heartbeatOf } from './heartbeat.ts';
import { failureOf, killedOutcome, outcomeText, reasonOf, stoppedOutcome } from './outcome.ts';
import { placeTask } from './place.ts';
import { inRoom, isForRoom } from './room.ts';
import { endSession, openSession, settleSession } from './session.ts';
import type { Followed, OpenSession } from './supervise.ts';
import { follow } from './supervise.ts';
import type { WorkerWorld } from './worker.ts';

type Leased = Extract<LeaseAnswer, { kind: 'leased' }>;

/** Time that is left for making room before a task that found none is begun again. */
const roomMs = 30_000;

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
  return await driven(world, task, stop, undefined, async (drive) => {
    const earlier = await world.store.sessions(task.id);
    const held = await place(drive, leased, earlier);
    if (isStopped(drive)) return await finish(drive, stoppedOutcome(task, false), undefined);
    const { last } = leased;
    let conversation = last && (await world.sessions.canResume(last.claudeSessionId)) ? last : undefined;
    for (;;) {
      const open = await openSession(drive, held, { attempt, conversation, begun: earlier.length > 0 });
      drive.open = open;
      const followed = await follow(world, open, drive.lease, drive.signal);
      const refused = conversation !== undefined && followed.kind === 'ended' && !open.events.hasStarted;
      if (!refused) return await conclude(drive, held, open, followed);
      await settleSession(world, open, followed.end);
      drive.open = undefined;
      conversation = undefined;
    }
  });
}

/** Goes on with a task whose session the person spoke to after it was handed over. */
export async function driveAgain(
  world: WorkerWorld,
  open: OpenSession,
  retaken: { readonly task: Extract<Task, { state: 'running' }>; readonly attempt: Attempt },
  stop: AbortSignal,
): Promise<OpenSession | undefined> {
  const { task, attempt } = retaken;
  return await driven(world, task, stop, open, async (drive) => {
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
    return await conclude(drive, held, open, await follow(world, open, drive.lease, drive.signal));
  });
}

/** Keeps the lease while `body` drives the task, and ends in the same way whatever goes wrong: session first, then the task. */
async function driven(
  world: WorkerWorld,
  task: Extract<Task, { lease: unknown }>,
  stop: AbortSignal,
  open: OpenSession | undefined,
  body: (drive: Drive) => Promise<OpenSession | undefined>,
): Promise<OpenSession | undefined> {
  const settings = await world.settings();
  const heartbeat = heartbeatOf(world, task.lease, settings['workers.leaseSeconds'] * 1000);
  const signal = AbortSignal.any([stop, heartbeat.lost, heartbeat.stopAsked]);
  const drive: Drive = { world, task, lease: task.lease, settings, heartbeat, stop, signal, open };
  try {
    return await body(drive);
  } catch (error) {
    const hadSession = drive.open !== undefined;
    if (drive.open) await endSession(world, drive.open, 'the task could not go on');
    if (error instanceof LeaseLost || heartbeat.lost.aborted) {
      world.say(`“${task.title}” now belongs to somebody else or was cancelled; its worktree stays as it is.`);
      return undefined;
    }
    if (isStopped(drive)) return await finish(drive, stoppedOutcome(task, hadSession), undefined);
    world.log.error(`attempt ${task.attempts} of ${task.id} failed`, error);
    if (isForRoom(error)) {
      await world.clock.sleep(roomMs, signal);
      return await finish(drive, stoppedOutcome(task, hadSession), undefined);
    }
    return await finish(drive, { kind: 'failed', reason: reasonOf(error) }, undefined);
  } finally {
    heartbeat.stop();
  }
}

async function place(drive: Drive, leased: Leased, earlier: readonly Session[]): Promise<Held> {
  const { world, task, lease, settings } = drive;
  const { attempt, batch } = leased;
  const now = () => world.clock.now();
  await world.store.workerPhase({ worker: world.worker, phase: 'preparing the worktree', task: task.id, now: now() });
  world.say(`“${task.title}”: preparing the worktree …`);
  if (task.worktree !== undefined) {
    const left = await world.processes.endLeftovers({ folder: task.worktree, sessions: earlier });
    const text = `ended what an earlier attempt had left running: ${left} ${left === 1 ? 'process' : 'processes'}`;
    if (left > 0) await world.store.warned({ task: task.id, text, now: now() });
    // A worker that was killed has kept none.
    for (const session of earlier) await world.sessions.keepTranscript(session);
  }
  const found = {
    git: world.git,
    settings,
    worktrees: world.worktrees(settings),
    begun: earlier.length > 0,
    task: (id: Task['id']) => world.store.task(id),
  };
  const placed = await inRoom(world, task.id, drive.signal, async () => {
    // What was saved when there was no room tells the second try that the branch is the task's own.
    const now = (await world.store.task(task.id)) ?? task;
    return placeTask(found, now, async (worktree, base) => {
      keep(drive, await world.store.placed({ lease, worktree, base, now: world.clock.now() }));
    });
  });
  for (const text of placed.warnings) await world.store.warned({ task: task.id, text, now: now() });
  return { task, batch, worktree: placed.worktree, base: placed.base, logs: world.logs(task.id, attempt.number) };
}

/** What follows from why a session is not followed any more. */
async function conclude(
  drive: Drive,
  held: Held,
  open: OpenSession,
  followed: Followed,
): Promise<OpenSession | undefined> {
  const { world, task, settings, heartbeat } = drive;
  switch (followed.kind) {
    case 'lost':
      throw new LeaseLost();
    case 'prompted':
      throw new Error('a session that holds its task was followed as if it did not');
    case 'aborted': {
      if (heartbeat.lost.aborted) throw new LeaseLost();
      await endSession(world, open, 'asked to stop');
      await open.snapshots.keep('stopped');
      return await finish(drive, stoppedOutcome(task, true), undefined);
    }
    case 'ended': {
      await settleSession(world, open, followed.end);
      if (followed.stuck !== undefined) {
        const text = `its session ended stuck: ${followed.stuck}`;
        await world.store.warned({ task: task.id, text, now: world.clock.now() });
      }
      const complete = world.mode === 'print' && followed.end.exitCode === 0 && followed.end.succeeded === true;
      if (complete) return await finish(drive, await outcomeOf(drive, held, open), undefined);
      await open.snapshots.keep('session ended');
      if (followed.end.signal !== undefined && task.rounds < settings['tasks.maxRounds']) {
        return await finish(drive, killedOutcome(task), undefined);
      }
      return await finish(drive, { kind: 'failed', reason: failureOf(followed.end, world.mode) }, undefined);
    }
    case 'finished': {
      open.running.grantEdits(false);
      return await finish(drive, await outcomeOf(drive, held, open), open);
    }
  }
}

/** The hand-over, which changes nothing twice. What it does not leave in a commit is kept as a snapshot. */
async function outcomeOf(
  { world, task, settings, signal }: Drive,
  held: Held,
  { snapshots }: OpenSession,
): Promise<Outcome> {
  let isCommitted = false;
  try {
    const outcome = await inRoom(world, task.id, signal, () => handOver(world, held, settings, signal));
    isCommitted = outcome.kind === 'in_review' || outcome.kind === 'approved' || outcome.kind === 'no_changes';
    return outcome;
  } finally {
    await (isCommitted ? snapshots.committed() : snapshots.keep('finished'));
  }
}

async function finish(
  { world, lease }: Drive,
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
