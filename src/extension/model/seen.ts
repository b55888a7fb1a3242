import { type StartAfter, waitsFor } from '../../core/flow/waiting.ts';
import type { TaskId, WorkerId } from '../../core/model/ids.ts';
import type { MergeEntry } from '../../core/model/merge.ts';
import type { Review } from '../../core/model/review.ts';
import type { Session } from '../../core/model/session.ts';
import type { Overview } from '../../core/model/snapshot.ts';
import type { Task } from '../../core/model/task.ts';
import type { Worker } from '../../core/model/worker.ts';
import type { Sayings } from './said.ts';
import type { Team } from './team.ts';

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
  /** Claims and messages; absent until they were read once, which is soon after the rest. */
  readonly team?: Team | undefined;
  readonly sayings: Sayings;
  /** Whether claimed files are to be marked. */
  readonly marksClaims: boolean;
}

/** What is read besides the overview. */
type Beside = Partial<Pick<Seen, 'team' | 'sayings' | 'marksClaims'>>;

/** Orders what was read so that views find things by task. */
export function seenOf(
  repo: string,
  name: string,
  overview: Overview,
  startAfter: StartAfter,
  beside: Beside = {},
): Seen {
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
    team: beside.team,
    sayings: beside.sayings ?? new Map(),
    marksClaims: beside.marksClaims ?? true,
  };
}

/** The worker that holds a task or keeps its session open for the person. */
export function workerOf(seen: Seen, task: Task): Worker | undefined {
  if ('lease' in task) return seen.workers.get(task.lease.worker);
  const session = seen.sessions.get(task.id);
  return session?.state === 'open' ? seen.workers.get(session.worker) : undefined;
}

/** The task that a worker drives, or whose session it keeps open. */
export function taskOf(seen: Seen, worker: Worker): Task | undefined {
  const open = seen.overview.sessions.find((session) => session.worker === worker.id && session.state === 'open');
  const id = worker.task ?? open?.task;
  return id === undefined ? undefined : seen.tasks.get(id);
}

/** Why a queued task does not start, in words; undefined when only a free worker is missing. */
export const whyQueued = (seen: Seen, task: Task): string | undefined =>
  waitsFor(task, seen.tasks, seen.startAfter, seen.overview.blocked);
