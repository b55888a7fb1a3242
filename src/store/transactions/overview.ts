import type { RepoId, TaskId } from '../../core/model/ids.ts';
import type { Overview, Situation } from '../../core/model/snapshot.ts';
import type { TaskState } from '../../core/model/task.ts';
import { leasedStates } from '../../core/model/task.ts';
import { isLive, workerStates } from '../../core/model/worker.ts';
import { batchOf, entryOf, launchOf, leaseOf, reviewOf, sessionOf, taskOf, workerOf } from '../rows.ts';
import type {
  BatchRow,
  CounterName,
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
import { blockedTasks } from './blocked.ts';
import { unread } from './messages.ts';

/** See `Store.overview`. Written without the query builder, so that a command that only shows things starts fast. */
export function* overview(repo: RepoId, now: number): Tx<Overview> {
  const counters = yield* plain<CounterRow>('select name, value from counters where repo = ?', repo);
  const count = (name: CounterName): number => counters.find((each) => each.name === name)?.value ?? 0;
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
  const after = afterOf(dependencies);
  return {
    seq: count('event'),
    workers: workers.map(workerOf),
    tasks: tasks.map((row) => taskOf(row, after.get(row.id) ?? [])),
    batches: batches.map(batchOf),
    sessions: sessions.map(sessionOf),
    reviews: reviews.map(reviewOf),
    entries: entries.map(entryOf),
    blocked: yield* blockedTasks({ repo }, now),
    changes: { claims: count('claim'), messages: count('message'), context: count('context') },
    unread: yield* unread({ repo }, 'you'),
  };
}

const newest = (table: 'sessions' | 'reviews'): string =>
  `select x.* from tasks t join ${table} x on x.task = t.id and x.position =
    (select max(position) from ${table} where task = t.id) where t.repo = ? order by t.position`;

/** See `Store.situation`. */
export function* situation(repo: RepoId): Tx<Situation> {
  const workers = yield* plain<WorkerRow>(
    `select * from workers where repo = ? and state in (${liveWorkers}) order by position`,
    repo,
  );
  const tasks = yield* plain<Pick<TaskRow, 'id' | 'batch' | 'state' | 'position'>>(
    `select id, batch, state, position from tasks where repo = ? and state in (${inPlay})
     union select b.id, b.batch, b.state, b.position from tasks t join dependencies d on d.task = t.id
       join tasks b on b.id = d.waits_for where t.repo = ? and t.state = 'queued'
     order by position`,
    repo,
    repo,
  );
  const dependencies = yield* plain<DependencyRow>(
    `select d.* from tasks t join dependencies d on d.task = t.id where t.repo = ? and t.state = 'queued'
     order by d.task, d.position`,
    repo,
  );
  const batches = yield* plain<BatchRow>(
    `select * from batches where repo = ? and id in (select batch from tasks where repo = ? and state = 'queued')
     order by position`,
    repo,
    repo,
  );
  const sessions = yield* plain<SessionRow>(
    `select s.* from workers w join sessions s on s.worker = w.id
     where w.repo = ? and w.state in (${liveWorkers}) and s.state in ('starting', 'open') order by s.position`,
    repo,
  );
  const entries = yield* plain<EntryRow>(
    `select * from entries where repo = ? and state in ('queued', 'landing') order by position`,
    repo,
  );
  const leases = yield* plain<LeaseRow>('select * from leases where repo = ? order by name', repo);
  const launches = yield* plain<LaunchRow>(
    `select * from launches where repo = ? and state in ('asked', 'taken') order by asked_at, id`,
    repo,
  );
  const after = afterOf(dependencies);
  return {
    workers: workers.map(workerOf),
    tasks: tasks.map(({ id, batch, state }) => ({ id, batch, state, after: after.get(id) ?? [] })),
    batches: batches.map(batchOf),
    sessions: sessions.map(sessionOf),
    entries: entries.map(entryOf),
    leases: leases.map(leaseOf),
    launches: launches.map(launchOf),
  };
}

const words = (states: readonly string[]): string => states.map((state) => `'${state}'`).join(', ');
const liveWorkers = words(workerStates.filter((state) => isLive({ state })));
const inPlay = words(['queued' satisfies TaskState, ...leasedStates]);

/** What each task comes after, in the order it was said. */
function afterOf(dependencies: readonly DependencyRow[]): ReadonlyMap<TaskId, readonly TaskId[]> {
  const after = new Map<TaskId, TaskId[]>();
  for (const { task, waits_for } of dependencies) {
    const list = after.get(task);
    if (list) list.push(waits_for);
    else after.set(task, [waits_for]);
  }
  return after;
}
