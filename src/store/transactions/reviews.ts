import type { BatchId, ReviewId, TaskId } from '../../core/model/ids.ts';
import type { Review } from '../../core/model/review.ts';
import { reviewOf } from '../rows.ts';
import { none, rows, type Tx } from '../transaction.ts';
import { append } from './events.ts';
import { next, type Scope } from './scope.ts';

export interface NewReview {
  readonly id: ReviewId;
  readonly task: TaskId;
  readonly batch: BatchId;
  readonly base: string;
  readonly head: string;
  readonly text: string;
  readonly now: number;
}

/** Opens a review of a commit. One that was open for an earlier commit is superseded. */
export function* openReview(scope: Scope, review: NewReview): Tx<void> {
  yield* supersedeReview(scope, review.task, review.now);
  yield* none(
    scope.q.insertInto('reviews').values({
      id: review.id,
      task: review.task,
      base: review.base,
      head: review.head,
      state: 'open',
      position: yield* next(scope, 'position'),
      created_at: review.now,
    }),
  );
  const { task, batch, now: at } = review;
  yield* append(scope, { kind: 'review.opened', at, task, batch, text: review.text });
}

/** Closes the open review of a task whose commit is not up for decision any more. */
export function* supersedeReview({ q }: Scope, task: TaskId, now: number): Tx<void> {
  yield* none(
    q
      .updateTable('reviews')
      .set({ state: 'superseded', decided_at: now })
      .where('task', '=', task)
      .where('state', '=', 'open'),
  );
}

/** See `Store.reviews`. */
export function* reviewsOf({ q }: Scope, task: TaskId): Tx<readonly Review[]> {
  return (yield* rows(q.selectFrom('reviews').selectAll().where('task', '=', task).orderBy('position'))).map(reviewOf);
}
