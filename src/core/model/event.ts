import type { BatchId, TaskId, WorkerId } from './ids.ts';

/** Facts that are already committed. `session.*` ones are what Claude did; `task.<state>` says a task came to that state. */
const eventKinds = [
  'batch.created',
  'claim.handed_over',
  'claim.refused',
  'claim.released',
  'claim.taken',
  'claim.violated',
  'context.added',
  'context.changed',
  'leader.changed',
  'entry.queued',
  'entry.landing',
  'entry.merged',
  'entry.conflict',
  'entry.check_failed',
  'entry.refused',
  'entry.withdrawn',
  'guest.joined',
  'guest.left',
  'lease.lost',
  'message.sent',
  'review.approved',
  'review.changes_asked',
  'review.opened',
  'review.rejected',
  'session.asks',
  'session.batch_done',
  'session.cleared',
  'session.compacted',
  'session.denied',
  'session.ended',
  'session.limited',
  'session.prompted',
  'session.started',
  'session.status',
  'session.stuck',
  'session.text',
  'session.tool',
  'session.tool_done',
  'session.turn_ended',
  'session.turn_failed',
  'session.unenforced',
  'session.usage',
  'snapshot.kept',
  'task.approved',
  'task.cancelled',
  'task.dead',
  'task.failed',
  'task.in_review',
  'task.leased',
  'task.merged',
  'task.merging',
  'task.phase',
  'task.queued',
  'task.running',
  'task.skipped',
  'task.waiting',
  'task.warned',
  'worker.asked',
  'worker.lost',
  'worker.started',
  'worker.stopped',
  'worker.stopping',
] as const;
export type EventKind = (typeof eventKinds)[number];

/** One committed fact. */
export interface SwarmEvent {
  /** Position in the repository's history: 1, 2, 3 … in commit order, without gaps that matter. */
  readonly seq: number;
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
  readonly kind: EventKind;
  readonly batch?: BatchId;
  readonly task?: TaskId;
  readonly worker?: WorkerId;
  /** One line for people. */
  readonly text: string;
}
