import type { TaskId, WorkerId } from '../../core/model/ids.ts';
import type { TaskLease } from '../../core/model/lease.ts';
import { taskLeaseName, workerLeaseName } from '../../core/model/lease.ts';
import type { Refusal } from '../../core/model/review.ts';
import type { Task } from '../../core/model/task.ts';
import { line } from '../line.ts';
import { none, row, rows, type Tx } from '../transaction.ts';
import { withdraw } from './entries.ts';
import { append } from './events.ts';
import { endHold, heldTask, isHeld } from './hold.ts';
import { mayMove, moveTask, noTask, notNow, readTask } from './move.ts';
import { supersedeReview } from './reviews.ts';
import type { Scope } from './scope.ts';

/** See `Store.cancelTask`. */
export function* cancelTask(scope: Scope, args: { task: TaskId; reason: string; now: number }): Tx<Task | Refusal> {
  const task = yield* readTask(scope, args.task);
  if (task === undefined) return noTask(args.task);
  if (!mayMove(task, 'cancelled')) return notNow(task, 'cancelled');
  const reason = line(args.reason) || 'cancelled';
  const cancelled = { to: { state: 'cancelled', reason }, text: reason, now: args.now } as const;
  if (isHeld(task)) return yield* endHold(scope, task, { ...cancelled, outcome: 'cancelled', reason });
  yield* withdraw(scope, task, 'the task was cancelled', args.now);
  yield* supersedeReview(scope, task.id, args.now);
  return yield* moveTask(scope, task, cancelled);
}

/** See `Store.retryTask`. */
export function* retryTask(scope: Scope, args: { task: TaskId; now: number }): Tx<Task | Refusal> {
  const task = yield* readTask(scope, args.task);
  if (task === undefined) return noTask(args.task);
  if (!('reason' in task)) return notNow(task, 'queued again');
  return yield* moveTask(scope, task, { to: { state: 'queued' }, rounds: 0, text: 'queued again', now: args.now });
}

/** See `Store.renewTask`. */
export function* renewTask(
  { q, repo }: Scope,
  { lease, now }: { lease: TaskLease; now: number },
): Tx<'renewed' | 'lost' | 'stop'> {
  const name = taskLeaseName(lease.task);
  // The worker lives as well, in the same commit: each one makes everybody look.
  const renewed = yield* rows(
    q
      .updateTable('leases')
      .set((eb) => ({ renewals: eb('renewals', '+', 1), renewed_at: now }))
      .where('repo', '=', repo)
      .where((eb) =>
        eb.or([
          eb.and([eb('name', '=', name), eb('token', '=', lease.token)]),
          eb('name', '=', workerLeaseName(lease.worker)),
        ]),
      )
      .returning('name'),
  );
  if (!renewed.some((each) => each.name === name)) return 'lost';
  return (yield* isAskedToStop(q, lease.worker)) ? 'stop' : 'renewed';
}

/** See `Store.taskHeld`. */
export function* taskHeld({ q, repo }: Scope, { lease }: { lease: TaskLease }): Tx<'held' | 'lost' | 'stop'> {
  const held = yield* row(
    q
      .selectFrom('leases')
      .select('token')
      .where('repo', '=', repo)
      .where('name', '=', taskLeaseName(lease.task))
      .where('token', '=', lease.token),
  );
  if (held === undefined) return 'lost';
  return (yield* isAskedToStop(q, lease.worker)) ? 'stop' : 'held';
}

function* isAskedToStop(q: Scope['q'], id: WorkerId): Tx<boolean> {
  const worker = yield* row(q.selectFrom('workers').select('state').where('id', '=', id));
  return worker?.state === 'stopping';
}

/** See `Store.placed`. */
export function* placed(
  scope: Scope,
  args: { lease: TaskLease; worktree: string; base: string; now: number },
): Tx<'saved' | 'lost'> {
  const { lease, worktree, base, now } = args;
  const task = yield* heldTask(scope, lease);
  if (task === undefined) return 'lost';
  yield* none(scope.q.updateTable('tasks').set({ worktree, base, updated_at: now }).where('id', '=', task.id));
  yield* none(scope.q.updateTable('attempts').set({ base }).where('id', '=', task.attempt));
  const text = `in ${worktree} on ${base.slice(0, 10)}`;
  yield* note(scope, { kind: 'task.phase', task: task.id, worker: lease.worker, text, now });
  return 'saved';
}

/** See `Store.warned`. */
export function* warned(scope: Scope, args: { task: TaskId; text: string; now: number }): Tx<void> {
  yield* note(scope, { ...args, kind: 'task.warned' });
}

/** See `Store.snapshotKept`. */
export function* snapshotKept(
  scope: Scope,
  args: { task: TaskId; commit: string; text: string; now: number },
): Tx<void> {
  const text = `${args.commit.slice(0, 10)}: ${args.text}`;
  yield* note(scope, { kind: 'snapshot.kept', task: args.task, text, now: args.now });
}

/** Appends a line about a task. */
export function* note(
  scope: Scope,
  args: {
    kind: 'task.phase' | 'task.warned' | 'snapshot.kept';
    task: TaskId;
    worker?: WorkerId | undefined;
    text: string;
    now: number;
  },
): Tx<void> {
  const task = yield* row(scope.q.selectFrom('tasks').select('batch').where('id', '=', args.task));
  const { kind, now: at, worker, text } = args;
  yield* append(scope, { kind, at, task: args.task, batch: task?.batch, worker, text });
}
