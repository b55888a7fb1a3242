import { type StartAfter, waitsFor } from '../../core/flow/waiting.ts';
import type { TaskId, WorkerId } from '../../core/model/ids.ts';
import type { MergeEntry } from '../../core/model/merge.ts';
import type { Review } from '../../core/model/review.ts';
import type { Session } from '../../core/model/session.ts';
import type { Overview } from '../../core/model/snapshot.ts';
import type { Task } from '../../core/model/task.ts';
import type { Worker } from '../../core/model/worker.ts';

/** One repository as it was last read, ready to be asked. */
export interface Seen {
  /** The repository's id. */
  readonly repo: string;
  readonly name: string;
  readonly overview: Overview;
  readonly startAfter: StartAfter;
  readonly tasks: ReadonlyMap<TaskId, Task>;
  readonly workers: ReadonlyMap<WorkerId, Worker>;
  /** The newest session of a task. */
  readonly sessions: ReadonlyMap<TaskId, Session>;
  readonly reviews: ReadonlyMap<TaskId, Review>;
  /** The entry of a task that waits or lands, else the newest that has ended. */
  readonly entries: ReadonlyMap<TaskId, MergeEntry>;
}

/** Orders what was read so that views find things by task. */
export function seenOf(repo: string, name: string, overview: Overview, startAfter: StartAfter): Seen {
  const entries = new Map<TaskId, MergeEntry>();
  for (const entry of overview.entries) {
    const known = entries.get(entry.task);
    const open = entry.state === 'queued' || entry.state === 'landing';
    if (!known || open || (known.state !== 'queued' && known.state !== 'landing' && known.createdAt < entry.createdAt))
      entries.set(entry.task, entry);
  }
  return {
    repo,
    name,
    overview,
    startAfter,
    tasks: new Map(overview.tasks.map((task) => [task.id, task])),
    workers: new Map(overview.workers.map((worker) => [worker.id, worker])),
    sessions: new Map(overview.sessions.map((session) => [session.task, session])),
    reviews: new Map(overview.reviews.map((review) => [review.task, review])),
    entries,
  };
}

/** The worker that holds a task or keeps its session open for the person. */
export function workerOf(seen: Seen, task: Task): Worker | undefined {
  if ('lease' in task) return seen.workers.get(task.lease.worker);
  const session = seen.sessions.get(task.id);
  return session?.state === 'open' ? seen.workers.get(session.worker) : undefined;
}

/** Why a queued task does not start, in words; undefined when only a free worker is missing. */
export const whyQueued = (seen: Seen, task: Task): string | undefined => waitsFor(task, seen.tasks, seen.startAfter);
