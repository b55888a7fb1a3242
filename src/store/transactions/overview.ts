import type { RepoId, TaskId } from '../../core/model/ids.ts';
import type { Overview, Situation } from '../../core/model/snapshot.ts';
import { batchOf, entryOf, launchOf, leaseOf, reviewOf, sessionOf, taskOf, workerOf } from '../rows.ts';
import type {
  BatchRow,
  CounterRow,
  DependencyRow,
  EntryRow,
  LaunchRow,
  LeaseRow,
  ReviewRow,
  SessionRow,
  TaskRow,
  WorkerRow,
} from '../tables.ts';
import type { Tx } from '../transaction.ts';
import { plain } from '../transaction.ts';

/** See `Store.overview`. Written without the query builder, so that a command that only shows things starts fast. */
export function* overview(repo: RepoId): Tx<Overview> {
  const [counter] = yield* plain<CounterRow>(`select value from counters where repo = ? and name = 'event'`, repo);
  const workers = yield* plain<WorkerRow>('select * from workers where repo = ? order by position', repo);
  const tasks = yield* plain<TaskRow>('select * from tasks where repo = ? order by position', repo);
  const dependencies = yield* plain<DependencyRow>(
    `select d.* from dependencies d join tasks t on t.id = d.task where t.repo = ? order by d.task, d.position`,
    repo,
  );
  const batches = yield* plain<BatchRow>('select * from batches where repo = ? order by position', repo);
  const sessions = yield* plain<SessionRow>(newest('sessions'), repo);
  const reviews = yield* plain<ReviewRow>(newest('reviews'), repo);
  const entries = yield* plain<EntryRow>(
    `select e.* from entries e where e.repo = ? and (e.ended_at is null or e.position =
      (select max(position) from entries where task = e.task and ended_at is not null)) order by e.position`,
    repo,
  );
  const after = new Map<TaskId, TaskId[]>();
  for (const { task, waits_for } of dependencies) {
    const list = after.get(task);
    if (list) list.push(waits_for);
    else after.set(task, [waits_for]);
  }
  return {
    seq: counter?.value ?? 0,
    workers: workers.map(workerOf),
    tasks: tasks.map((row) => taskOf(row, after.get(row.id) ?? [])),
    batches: batches.map(batchOf),
    sessions: sessions.map(sessionOf),
    reviews: reviews.map(reviewOf),
    entries: entries.map(entryOf),
  };
}

const newest = (table: 'sessions' | 'reviews'): string =>
  `select x.* from tasks t join ${table} x on x.task = t.id and x.position =
    (select max(position) from ${table} where task = t.id) where t.repo = ? order by t.position`;

/** See `Store.situation`. */
export function* situation(repo: RepoId): Tx<Situation> {
  return {
    overview: yield* overview(repo),
    leases: (yield* plain<LeaseRow>('select * from leases where repo = ? order by name', repo)).map(leaseOf),
    launches: (yield* plain<LaunchRow>(
      `select * from launches where repo = ? and state in ('asked', 'taken') order by asked_at, id`,
      repo,
    )).map(launchOf),
  };
}
