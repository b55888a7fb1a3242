import type { EntryId, ReviewId, TaskId } from '../../core/model/ids.ts';
import type { Refusal, ReviewState, Verdict } from '../../core/model/review.ts';
import { judge } from '../../core/model/review.ts';
import type { Task } from '../../core/model/task.ts';
import { line } from '../line.ts';
import { none, row, type Tx } from '../transaction.ts';
import { readBatch } from './batches.ts';
import { enqueueTask, withdraw } from './entries.ts';
import { append } from './events.ts';
import { moveTask, noTask, notNow, readTask } from './move.ts';
import { openReview } from './reviews.ts';
import type { Scope } from './scope.ts';

interface Decide {
  readonly task: TaskId;
  readonly verdict: Verdict;
  readonly head: string;
  readonly reviewer: string;
  readonly entry: EntryId;
  readonly now: number;
}

/** See `Store.decide`. */
export function* decide(scope: Scope, args: Decide): Tx<Task | Refusal> {
  const { verdict, now } = args;
  const task = yield* readTask(scope, args.task);
  if (task === undefined) return noTask(args.task);
  const judged = judge(task, verdict, args.head);
  if ('refused' in judged) return judged;
  if (task.state === 'approved' && verdict.kind === 'approve') return task;
  yield* markReview(scope, task, judged.review, args);
  switch (verdict.kind) {
    case 'approve': {
      if (task.state !== 'in_review') throw new Error(`${task.id} was judged while ${task.state}`);
      const to = { state: 'approved', base: task.base, head: task.head } as const;
      const approved = yield* moveTask(scope, task, { to, text: `approved by ${args.reviewer}`, now });
      const batch = yield* readBatch(scope, task.batch);
      if (!batch?.land || approved.state !== 'approved') return approved;
      yield* enqueueTask(scope, approved, args.entry, now);
      return approved;
    }
    case 'request_changes': {
      yield* withdraw(scope, task, 'changes were asked for', now);
      const feedback = { kind: 'changes_asked', text: verdict.note } as const;
      return yield* moveTask(scope, task, { to: { state: 'queued' }, feedback, text: 'changes asked', now });
    }
    case 'reject': {
      yield* withdraw(scope, task, 'the work was rejected', now);
      const reason = line(verdict.note) || `rejected by ${args.reviewer}`;
      return yield* moveTask(scope, task, { to: { state: 'cancelled', reason }, text: reason, now });
    }
  }
}

/** Writes the verdict on the newest review of the commit. */
function* markReview(scope: Scope, task: Task, state: ReviewState, args: Decide): Tx<void> {
  const { verdict, reviewer, now } = args;
  const note = verdict.kind === 'approve' ? null : verdict.note.trim() || null;
  const review = yield* row(
    scope.q
      .selectFrom('reviews')
      .select('id')
      .where('task', '=', task.id)
      .where('head', '=', args.head)
      .orderBy('position', 'desc')
      .limit(1),
  );
  if (review === undefined) throw new Error(`${task.id} is ${task.state} without a review`);
  yield* none(
    scope.q.updateTable('reviews').set({ state, reviewer, note, decided_at: now }).where('id', '=', review.id),
  );
  const kind =
    verdict.kind === 'approve'
      ? 'review.approved'
      : verdict.kind === 'reject'
        ? 'review.rejected'
        : 'review.changes_asked';
  const text = note === null ? `by ${reviewer}` : `by ${reviewer}: ${note}`;
  yield* append(scope, { kind, at: now, task: task.id, batch: task.batch, text });
}

/** See `Store.reopenReview`. */
export function* reopenReview(
  scope: Scope,
  args: { task: TaskId; review: ReviewId; base: string; head: string; reason: string; now: number },
): Tx<Task | Refusal> {
  const { base, head, reason, now } = args;
  const task = yield* readTask(scope, args.task);
  if (task === undefined) return noTask(args.task);
  if (task.state !== 'in_review' && task.state !== 'approved') return notNow(task, 'reviewed');
  yield* withdraw(scope, task, reason, now);
  yield* openReview(scope, { id: args.review, task: task.id, batch: task.batch, base, head, text: reason, now });
  return yield* moveTask(scope, task, { to: { state: 'in_review', base, head }, text: reason, now });
}
