import type { Batch } from '../model/batch.ts';
import type { WorkerId } from '../model/ids.ts';
import type { SessionMode } from '../model/session.ts';
import type { Situation } from '../model/snapshot.ts';
import { isLeased } from '../model/task.ts';
import type { Worker } from '../model/worker.ts';
import type { Settings } from '../settings.ts';
import { isMet } from './waiting.ts';

/** What should change about the workers. */
export interface Workforce {
  /** For each worker to be started, the batch it is for. */
  readonly start: readonly Batch[];
  /** Idle workers whose room is needed for a mode that they do not have, or whose session ties a task to them that they cannot take. */
  readonly release: readonly WorkerId[];
}

/** As many workers as have work, no more than each batch and the repository allow; idle ones are used before new ones are started. */
export function workforce(
  situation: Pick<Situation, 'workers' | 'tasks' | 'batches' | 'sessions'>,
  settings: Pick<Settings, 'workers.max' | 'tasks.startAfter'>,
): Workforce {
  const live = situation.workers;
  const tied = live.filter((worker) => worker.state === 'idle' && tiesTask(worker, situation));
  const idle = live.filter(
    (worker) => (worker.state === 'starting' || worker.state === 'idle') && !tied.includes(worker),
  );
  let room = settings['workers.max'] - live.length;
  const spare = new Map<SessionMode, WorkerId[]>();
  for (const worker of idle) spare.set(worker.mode, [...(spare.get(worker.mode) ?? []), worker.id]);
  const start: Batch[] = [];
  let short = 0;
  for (const batch of situation.batches) {
    const missing = missingFor(batch, situation, settings);
    const reused = spare.get(batch.mode)?.splice(0, missing).length ?? 0;
    const wanted = missing - reused;
    const started = Math.min(wanted, Math.max(0, room));
    room -= started;
    short += wanted - started;
    for (let count = 0; count < started; count++) start.push(batch);
  }
  const unused = [...spare.values()]
    .flat()
    .filter((id) => live.some((worker) => worker.id === id && worker.state === 'idle'));
  const leaving = live.filter((worker) => worker.state === 'stopping').length;
  const tying = tied.map(({ id }) => id);
  return { start, release: [...tying, ...unused.slice(0, Math.max(0, short - leaving - tying.length))] };
}

/** Whether its open session keeps a task from everybody else that it cannot take itself, because the task's batch changed its mode. */
function tiesTask(
  worker: Worker,
  { sessions, tasks, batches }: Pick<Situation, 'sessions' | 'tasks' | 'batches'>,
): boolean {
  return sessions.some((session) => {
    const task = tasks.find(
      ({ id, state }) => session.worker === worker.id && id === session.task && state === 'queued',
    );
    const batch = task && batches.find(({ id }) => id === task.batch);
    return batch !== undefined && batch.mode !== worker.mode;
  });
}

/** How many tasks of a batch could be worked on now, and by how many more workers. */
function missingFor(
  batch: Batch,
  { tasks }: Pick<Situation, 'tasks'>,
  settings: Pick<Settings, 'tasks.startAfter'>,
): number {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const own = tasks.filter((task) => task.batch === batch.id);
  const running = own.filter((task) => isLeased(task.state)).length;
  const runnable = own.filter(
    (task) =>
      task.state === 'queued' &&
      task.after.every((id) => {
        const before = byId.get(id);
        return before !== undefined && isMet(before, settings['tasks.startAfter']);
      }),
  ).length;
  return Math.min(runnable, Math.max(0, batch.workers - running));
}
