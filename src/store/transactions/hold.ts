import type { AttemptId, WorkerId } from '../../core/model/ids.ts';
import type { TaskLease } from '../../core/model/lease.ts';
import { taskLeaseName, workerLeaseName } from '../../core/model/lease.ts';
import type { ProcessIdentity } from '../../core/model/process.ts';
import type { Attempt } from '../../core/model/session.ts';
import type { Task } from '../../core/model/task.ts';
import { interrupted, isLeased } from '../../core/model/task.ts';
import { line } from '../line.ts';
import { attemptOf } from '../rows.ts';
import { none, row, type Tx } from '../transaction.ts';
import type { Move } from './move.ts';
import { moveTask, withDependencies } from './move.ts';
import { newLease } from './newLease.ts';
import { claimsOf, endClaimsOf } from './release.ts';
import type { Scope } from './scope.ts';
import { remember } from './waits.ts';

/** A task in a worker's hands. */
export type HeldTask = Extract<Task, { readonly lease: TaskLease }>;

export const isHeld = (task: Task): task is HeldTask => isLeased(task.state);

/** The task, while the lease that is shown still holds it. */
export function* heldTask({ q, repo }: Scope, lease: TaskLease): Tx<HeldTask | undefined> {
  const found = yield* row(
    q
      .selectFrom('tasks')
      .selectAll()
      .where('repo', '=', repo)
      .where('id', '=', lease.task)
      .where('worker', '=', lease.worker)
      .where('lease_token', '=', lease.token),
  );
  if (found === undefined) return undefined;
  const task = yield* withDependencies(q, found);
  return isHeld(task) ? task : undefined;
}

export interface Hold {
  readonly worker: WorkerId;
  readonly attempt: AttemptId;
  readonly owner: ProcessIdentity;
  readonly leaseMs: number;
  readonly text: string;
  readonly now: number;
}

/** See `Store.renewWorker`. */
export function* renewWorker(
  { q, repo }: Scope,
  { worker, leaseMs, now }: { worker: WorkerId; leaseMs: number; now: number },
): Tx<void> {
  yield* none(
    q
      .updateTable('leases')
      .set((eb) => ({ renewals: eb('renewals', '+', 1), ms: leaseMs, renewed_at: now }))
      .where('repo', '=', repo)
      .where('name', '=', workerLeaseName(worker)),
  );
}

/** Gives a task into a worker's hands: a lease with a new token, a new attempt, the worker busy. */
export function* beginHold(
  scope: Scope,
  task: Task,
  hold: Hold,
): Tx<{ task: Extract<Task, { state: 'leased' }>; attempt: Attempt }> {
  const { worker, owner, now } = hold;
  const { token } = yield* newLease(scope, { name: taskLeaseName(task.id), owner, ms: hold.leaseMs, now });
  // Both are renewed together from now on.
  yield* renewWorker(scope, hold);
  const attempt = yield* row(
    scope.q
      .insertInto('attempts')
      .values({
        id: hold.attempt,
        task: task.id,
        number: task.attempts + 1,
        worker,
        base: task.base ?? null,
        started_at: now,
      })
      .returningAll(),
  );
  yield* none(
    scope.q
      .updateTable('workers')
      .set({ state: 'busy', task: task.id, phase: null, updated_at: now })
      .where('id', '=', worker),
  );
  const held = yield* moveTask(scope, task, {
    to: { state: 'leased', lease: { task: task.id, worker, token }, attempt: hold.attempt },
    attempts: task.attempts + 1,
    worker,
    text: hold.text,
    now,
  });
  if (held.state !== 'leased' || attempt === undefined) throw new Error(`${task.id} could not be leased`);
  return { task: held, attempt: attemptOf(attempt) };
}

export interface HoldEnd extends Move {
  readonly outcome: NonNullable<Attempt['outcome']>;
  readonly reason?: string;
  /** The commit that was handed over. */
  readonly head?: string;
}

/** Takes a task out of its worker's hands: the task moves on, lease and attempt end, the worker is free. */
export function* endHold(scope: Scope, task: HeldTask, end: HoldEnd): Tx<Task> {
  const { q, repo } = scope;
  const { worker, token } = task.lease;
  const moved = yield* moveTask(scope, task, { ...end, worker });
  yield* none(q.deleteFrom('leases').where('repo', '=', repo).where('token', '=', token));
  yield* none(
    q
      .updateTable('attempts')
      .set({
        ended_at: end.now,
        outcome: end.outcome,
        reason: end.reason === undefined ? null : line(end.reason),
        ...(end.head === undefined ? {} : { head: end.head }),
      })
      .where('id', '=', task.attempt),
  );
  yield* none(
    q
      .updateTable('workers')
      .set((eb) => ({
        state: eb
          .case()
          .when('state', '=', 'busy')
          .then('idle' as const)
          .else(eb.ref('state'))
          .end(),
        task: null,
        phase: null,
        updated_at: end.now,
      }))
      .where('id', '=', worker)
      .where('task', '=', task.id),
  );
  // One that waits for files goes on as soon as it has them, so it keeps the others.
  if ((end.outcome === 'lost' || end.outcome === 'stopped') && end.feedback?.kind !== 'files_free') {
    // What it had waited for it waits for again, as its next session is told that it has that.
    const awaited = task.feedback?.kind === 'files_free' ? yield* claimsOf(scope, task.id) : [];
    yield* endClaimsOf(scope, task.id, 'its worker is gone', end.now);
    yield* remember(
      scope,
      task.id,
      'queue',
      awaited.filter(({ origin }) => origin === 'declared'),
    );
  }
  return moved;
}

/** Takes a task from a worker that cannot go on with it: back to the queue, and a session that was cut off will hear of it. */
export function* requeue(
  scope: Scope,
  task: HeldTask,
  outcome: 'lost' | 'stopped',
  reason: string,
  now: number,
): Tx<void> {
  const session = yield* row(scope.q.selectFrom('sessions').select('id').where('attempt', '=', task.attempt).limit(1));
  const feedback = session === undefined ? undefined : interrupted(task.feedback);
  yield* endHold(scope, task, { to: { state: 'queued' }, outcome, reason, feedback, text: reason, now });
}
