import { assertNever } from '../../base/errors.ts';
import type { EntryId, ReviewId } from '../../core/model/ids.ts';
import type { TaskLease } from '../../core/model/lease.ts';
import type { Outcome } from '../../core/store.ts';
import { line } from '../line.ts';
import { none, type Tx } from '../transaction.ts';
import { readBatch } from './batches.ts';
import { enqueueTask } from './entries.ts';
import { endHold, heldTask } from './hold.ts';
import { openReview } from './reviews.ts';
import { next, type Scope } from './scope.ts';
import { waitInQueue } from './waits.ts';

/** See `Store.finish`. */
export function* finish(
  scope: Scope,
  args: { lease: TaskLease; outcome: Outcome; review: ReviewId; entry: EntryId; now: number },
): Tx<'finished' | 'lost'> {
  const { outcome, now } = args;
  const task = yield* heldTask(scope, args.lease);
  if (task === undefined) return 'lost';
  switch (outcome.kind) {
    case 'in_review': {
      const { base, head } = outcome;
      const to = { state: 'in_review', base, head } as const;
      yield* endHold(scope, task, { to, outcome: 'handed_over', head, feedback: null, text: 'handed over', now });
      const { id, batch } = task;
      yield* openReview(scope, {
        id: args.review,
        task: id,
        batch,
        base,
        head,
        text: `review of ${head.slice(0, 10)}`,
        now,
      });
      return 'finished';
    }
    case 'approved': {
      const { base, head } = outcome;
      const to = { state: 'approved', base, head } as const;
      const text = 'approved by the check';
      const approved = yield* endHold(scope, task, { to, outcome: 'handed_over', head, feedback: null, text, now });
      yield* none(
        scope.q.insertInto('reviews').values({
          id: args.review,
          task: task.id,
          base,
          head,
          state: 'approved',
          reviewer: 'check',
          position: yield* next(scope, 'position'),
          created_at: now,
          decided_at: now,
        }),
      );
      const batch = yield* readBatch(scope, task.batch);
      if (batch?.land && approved.state === 'approved') yield* enqueueTask(scope, approved, args.entry, now);
      return 'finished';
    }
    case 'no_changes': {
      const to = { state: 'skipped', reason: 'no changes' } as const;
      yield* endHold(scope, task, { to, outcome: 'no_changes', feedback: null, text: to.reason, now });
      return 'finished';
    }
    case 'failed': {
      const reason = line(outcome.reason);
      yield* endHold(scope, task, { to: { state: 'failed', reason }, outcome: 'failed', reason, text: reason, now });
      return 'finished';
    }
    case 'waits_for_files': {
      const files = outcome.files.join(', ');
      const feedback = { kind: 'files_free', text: files } as const;
      const text = `waits for ${files}`;
      yield* waitInQueue(scope, task.id);
      yield* endHold(scope, task, { to: { state: 'queued' }, outcome: 'stopped', reason: text, feedback, text, now });
      return 'finished';
    }
    case 'requeue':
      yield* endHold(scope, task, {
        to: { state: 'queued' },
        outcome: outcome.outcome,
        feedback: outcome.feedback,
        rounds: task.rounds + (outcome.countsAsRound ? 1 : 0),
        text:
          outcome.feedback === undefined
            ? 'back to the queue'
            : `back to the queue: ${outcome.feedback.kind.replace('_', ' ')}`,
        now,
      });
      return 'finished';
    default:
      return assertNever(outcome, 'outcome');
  }
}
