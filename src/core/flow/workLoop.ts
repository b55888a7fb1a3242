import { newId } from '../model/ids.ts';
import { driveAgain, driveTask } from './dispatch.ts';
import { endSession, settleSession } from './session.ts';
import type { OpenSession } from './supervise.ts';
import { follow } from './supervise.ts';
import type { WorkerWorld } from './worker.ts';

/** How often an idle worker asks even if no change was heard. */
const askMs = 2_000;
/** Changes come in bursts; an idle worker asks at most this often. */
const paceMs = 100;

/**
 * A worker's life: lease, drive, hand over, again; until it is told to stop, or (in print mode) nothing is left to do.
 * A session that was handed over stays open for the person until its slot is needed.
 */
export async function workLoop(world: WorkerWorld, stop: AbortSignal): Promise<void> {
  let open: OpenSession | undefined;
  let saidToWait = false;
  /** When it last showed that it lives, and for how long that holds; while it drives a task the task's heartbeat does. */
  let alive = { at: 0, ms: 0 };
  try {
    while (!stop.aborted) {
      const settings = await world.settings();
      const leaseMs = settings['workers.leaseSeconds'] * 1000;
      const answer = await world.store.leaseNext({
        worker: world.worker,
        attempt: newId('attempt', world.random),
        owner: world.processes.self,
        leaseMs,
        max: settings['workers.max'],
        startAfter: settings['tasks.startAfter'],
        modes: settings['claims.modes'],
        now: world.clock.now(),
      });
      if (answer.kind === 'stop') return;
      if (answer.kind === 'leased') {
        if (open) await endSession(world, open, 'its slot was needed');
        open = await driveTask(world, answer, stop);
        saidToWait = false;
        alive = { at: world.clock.monotonic(), ms: leaseMs };
        continue;
      }
      // Without a terminal nobody keeps it for anything; for what is queued later another one is started.
      if (world.mode === 'print' && answer.queued === 0) return;
      if (open === undefined && !saidToWait) world.say('waiting for a task …');
      saidToWait = open === undefined;
      if (alive.ms !== leaseMs || world.clock.monotonic() - alive.at >= leaseMs / 3) {
        await world.store.renewWorker({ worker: world.worker, leaseMs });
        alive = { at: world.clock.monotonic(), ms: leaseMs };
      }
      open = await idle(world, open, stop);
    }
  } finally {
    if (open) await endSession(world, open, 'its worker stopped');
  }
}

/** Waits for a change, while a session that is still open is followed. */
async function idle(
  world: WorkerWorld,
  open: OpenSession | undefined,
  stop: AbortSignal,
): Promise<OpenSession | undefined> {
  const change = new AbortController();
  const calm = world.clock.monotonic() + paceMs;
  const listener = world.store.onDidChange(() => {
    void world.clock.sleep(Math.max(0, calm - world.clock.monotonic()), stop).then(() => change.abort());
  });
  const signal = AbortSignal.any([stop, change.signal]);
  try {
    if (!open) {
      await world.clock.sleep(askMs, signal);
      return undefined;
    }
    const timer = new AbortController();
    void world.clock.sleep(askMs, signal).then(() => timer.abort());
    const followed = await follow(world, open, undefined, AbortSignal.any([signal, timer.signal]));
    if (followed.kind === 'ended') {
      await settleSession(world, open, followed.end);
      return undefined;
    }
    return followed.kind === 'prompted' ? await takeBack(world, open, stop) : open;
  } finally {
    listener.dispose();
  }
}

/** The person spoke to a session whose task was handed over: the task is this worker's again, if it still may be. */
async function takeBack(world: WorkerWorld, open: OpenSession, stop: AbortSignal): Promise<OpenSession | undefined> {
  const settings = await world.settings();
  const retaken = await world.store.retake({
    worker: world.worker,
    task: open.task,
    attempt: newId('attempt', world.random),
    session: open.id,
    owner: world.processes.self,
    leaseMs: settings['workers.leaseSeconds'] * 1000,
    now: world.clock.now(),
  });
  if ('refused' in retaken) {
    world.log.info(`${open.task} is not taken back: ${retaken.refused}`);
    open.running.grantEdits(false);
    return open;
  }
  return await driveAgain(world, open, retaken, stop);
}
