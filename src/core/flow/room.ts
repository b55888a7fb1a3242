import type { TaskId } from '../model/ids.ts';
import type { WorkerWorld } from './worker.ts';

const askMs = 5_000;
const full: readonly unknown[] = ['disk_full', 'store_full', 'ENOSPC', 'EDQUOT'];

/** True for what fails only because nothing more fits on the disk. */
export const isForRoom = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && full.includes(error.code);

/**
 * Does something for a task again and again until there is room for it on the disk: whoever has begun waits, and so
 * nothing more begins. The person is told once. Throws what else goes wrong, and the last refusal once aborted.
 */
export async function inRoom<T>(
  world: Pick<WorkerWorld, 'store' | 'clock' | 'log' | 'say' | 'worker'>,
  task: TaskId,
  signal: AbortSignal,
  action: () => Promise<T>,
): Promise<T> {
  for (let isTold = false; ; isTold = true) {
    try {
      return await action();
    } catch (error) {
      if (!isForRoom(error) || signal.aborted) throw error;
      if (!isTold) await tell(world, task);
    }
    await world.clock.sleep(askMs, signal);
  }
}

async function tell(
  world: Pick<WorkerWorld, 'store' | 'clock' | 'log' | 'say' | 'worker'>,
  task: TaskId,
): Promise<void> {
  const text = 'the disk is full: it goes on by itself when there is room';
  world.say(text);
  try {
    await world.store.workerPhase({
      worker: world.worker,
      phase: 'waiting for room on the disk',
      task,
      now: world.clock.now(),
    });
    await world.store.warned({ task, text, now: world.clock.now() });
  } catch (error) {
    // The store may lie on the same disk.
    world.log.warn(`${text}; and the store: ${String(error)}`);
  }
}
