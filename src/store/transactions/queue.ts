import type { ClaimModes } from '../../core/model/claim.ts';
import type { AttemptId, SessionId, TaskId, WorkerId } from '../../core/model/ids.ts';
import type { ProcessIdentity } from '../../core/model/process.ts';
import type { Refusal } from '../../core/model/review.ts';
import type { Attempt } from '../../core/model/session.ts';
import type { Task, TaskState } from '../../core/model/task.ts';
import { leasedStates } from '../../core/model/task.ts';
import type { LeaseAnswer } from '../../core/store.ts';
import type { TaskRow, WorkerRow } from '../tables.ts';
import { row, type Tx } from '../transaction.ts';
import { readBatch } from './batches.ts';
import { claimBeforeLease } from './blocked.ts';
import { withdraw } from './entries.ts';
import { endSilentGuests } from './guests.ts';
import { beginHold } from './hold.ts';
import { moveTask, noTask, notNow, readTask, withDependencies } from './move.ts';
import { supersedeReview } from './reviews.ts';
import type { Scope } from './scope.ts';
import { resumable } from './sessions.ts';

/** What must have become of a dependency before a task may start. `core/flow/waiting.ts` says the same to people. */
const met: Readonly<Record<'merged' | 'in_review', readonly TaskState[]>> = {
  merged: ['merged', 'skipped'],
  in_review: ['merged', 'skipped', 'in_review', 'approved', 'merging'],
};

export interface LeaseNext {
  readonly worker: WorkerId;
  readonly attempt: AttemptId;
  readonly owner: ProcessIdentity;
  readonly leaseMs: number;
  readonly max: number;
  readonly startAfter: 'merged' | 'in_review';
  readonly modes: ClaimModes;
  readonly now: number;
}

/** See `Store.leaseNext`. */
export function* leaseNext(scope: Scope, args: LeaseNext): Tx<LeaseAnswer> {
  const { q } = scope;
  const worker = yield* row(q.selectFrom('workers').selectAll().where('id', '=', args.worker));
  if (worker === undefined || (worker.state !== 'idle' && worker.state !== 'busy')) return { kind: 'stop' };
  if (worker.task !== null) throw new Error(`${worker.id} holds ${worker.task} and asks for another task`);
  yield* endSilentGuests(scope, args.now);
  const waiting = yield* runnable(scope, worker, args);
  if (waiting === undefined) return { kind: 'nothing', queued: yield* queuedFor(scope, worker) };
  const { task, attempt } = yield* beginHold(scope, waiting, {
    ...args,
    text: `${worker.name}, attempt ${waiting.attempts + 1}`,
  });
  const batch = yield* readBatch(scope, task.batch);
  if (batch === undefined) throw new Error(`${task.id} has no batch`);
  const last = yield* resumable(scope, task.id);
  return { kind: 'leased', task, attempt, batch, ...(last === undefined ? {} : { last }) };
}

/** The next task for this worker; the files that it has declared are claimed for it. */
function* runnable(scope: Scope, worker: WorkerRow, args: LeaseNext): Tx<Task | undefined> {
  const { q, repo } = scope;
  const leased = yield* row(
    q
      .selectFrom('tasks')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('repo', '=', repo)
      .where('state', 'in', leasedStates),
  );
  if (Number(leased?.count) >= args.max) return undefined;
  const open = yield* row(
    q
      .selectFrom('sessions')
      .innerJoin('tasks', 'tasks.id', 'sessions.task')
      .select('tasks.id')
      .where('sessions.worker', '=', worker.id)
      .where('sessions.state', '=', 'open')
      .where('tasks.state', '=', 'queued')
      .orderBy('sessions.position', 'desc')
      .limit(1),
  );
  const mine = open && (yield* row(candidates(scope, worker, args).where('tasks.id', '=', open.id)));
  const claimed = mine && (yield* withFiles(scope, mine, args));
  if (claimed !== undefined) return claimed;
  for (let position = -1; ; ) {
    const found = yield* row(candidates(scope, worker, args).where('tasks.position', '>', position));
    const free = found && (yield* withFiles(scope, found, args));
    if (found === undefined || free !== undefined) return free;
    position = found.position;
  }
}

/** The task, once the files that it has declared or waits for are claimed for it; undefined when others hold some of them. */
function* withFiles(scope: Scope, found: TaskRow, { modes, now }: LeaseNext): Tx<Task | undefined> {
  const task = yield* withDependencies(scope.q, found);
  return (yield* claimBeforeLease(scope, { task, modes, now })) ? task : undefined;
}

/** The oldest queued task that nothing keeps from being given to this worker. The sessions of a worker that is gone have all ended. */
function candidates({ q, repo }: Scope, worker: WorkerRow, args: LeaseNext) {
  return q
    .selectFrom('tasks')
    .selectAll()
    .where('tasks.repo', '=', repo)
    .where('tasks.state', '=', 'queued')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('batches')
          .select('batches.id')
          .whereRef('batches.id', '=', 'tasks.batch')
          .where('batches.mode', '=', worker.mode)
          .where('batches.workers', '>', (eb) =>
            eb
              .selectFrom('tasks as others')
              .select((count) => count.fn.countAll<number>().as('count'))
              .whereRef('others.batch', '=', 'tasks.batch')
              .where('others.state', 'in', leasedStates),
          ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('dependencies')
            .innerJoin('tasks as before', 'before.id', 'dependencies.waits_for')
            .select('before.id')
            .whereRef('dependencies.task', '=', 'tasks.id')
            .where('before.state', 'not in', met[args.startAfter]),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('sessions')
            .select('sessions.id')
            .whereRef('sessions.task', '=', 'tasks.id')
            .where('sessions.state', '<>', 'ended')
            .where('sessions.worker', '<>', worker.id),
        ),
      ),
    )
    .orderBy('tasks.position')
    .limit(1);
}

/** Tasks that a worker of this mode may still come to do. */
function* queuedFor({ q, repo }: Scope, worker: WorkerRow): Tx<number> {
  const queued = yield* row(
    q
      .selectFrom('tasks')
      .innerJoin('batches', 'batches.id', 'tasks.batch')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('tasks.repo', '=', repo)
      .where('tasks.state', '=', 'queued')
      .where('batches.mode', '=', worker.mode),
  );
  return Number(queued?.count);
}

export interface Retake {
  readonly worker: WorkerId;
  readonly task: TaskId;
  readonly attempt: AttemptId;
  readonly session: SessionId;
  readonly owner: ProcessIdentity;
  readonly leaseMs: number;
  readonly now: number;
}

/** See `Store.retake`. */
export function* retake(
  scope: Scope,
  args: Retake,
): Tx<{ task: Extract<Task, { state: 'running' }>; attempt: Attempt } | Refusal> {
  const { worker, session, now } = args;
  const task = yield* readTask(scope, args.task);
  if (task === undefined) return noTask(args.task);
  if (task.state !== 'in_review' && task.state !== 'approved' && task.state !== 'skipped') {
    return notNow(task, 'taken back');
  }
  const open = yield* row(
    scope.q
      .selectFrom('sessions')
      .innerJoin('workers', 'workers.id', 'sessions.worker')
      .select('sessions.id')
      .where('sessions.id', '=', session)
      .where('sessions.task', '=', task.id)
      .where('sessions.state', '=', 'open')
      .where('sessions.worker', '=', worker)
      .where('workers.state', '=', 'idle'),
  );
  if (open === undefined) return { refused: `the session of “${task.title}” is not open at this worker` };
  yield* withdraw(scope, task, 'its session goes on', now);
  yield* supersedeReview(scope, task.id, now);
  const held = yield* beginHold(scope, task, { ...args, text: 'the person spoke to its session' });
  const { lease, attempt } = held.task;
  const running = yield* moveTask(scope, held.task, {
    to: { state: 'running', lease, attempt, session },
    worker,
    text: 'its session goes on',
    now,
  });
  if (running.state !== 'running') throw new Error(`${task.id} could not be taken back`);
  return { task: running, attempt: held.attempt };
}
