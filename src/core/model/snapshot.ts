import type { Batch } from './batch.ts';
import type { RefusedClaim } from './claim.ts';
import type { TaskId } from './ids.ts';
import type { Lease } from './lease.ts';
import type { MergeEntry } from './merge.ts';
import type { Review } from './review.ts';
import type { Session } from './session.ts';
import type { Task, TaskCommon } from './task.ts';
import type { Launch, Worker } from './worker.ts';

/** Everything a face shows, read in one transaction. */
export interface Overview {
  /** The last event this overview knows. */
  readonly seq: number;
  readonly workers: readonly Worker[];
  readonly tasks: readonly Task[];
  readonly batches: readonly Batch[];
  /** The newest session of each task. */
  readonly sessions: readonly Session[];
  /** The newest review of each task. */
  readonly reviews: readonly Review[];
  /** Entries that wait or land, and the newest ended one of each task. */
  readonly entries: readonly MergeEntry[];
  /** Queued tasks that do not start because others hold files that they have declared, and who. */
  readonly blocked: readonly ({ readonly task: TaskId } & RefusedClaim)[];
  /** Numbers that grow with every change to the claims, to messages, to the shared context; read those anew when they do. */
  readonly changes: { readonly claims: number; readonly messages: number; readonly context: number };
  /** Messages that you have not read. */
  readonly unread: number;
}

/** What is read of a repository that has nothing yet. */
export const emptyOverview: Overview = {
  seq: 0,
  workers: [],
  tasks: [],
  batches: [],
  sessions: [],
  reviews: [],
  entries: [],
  blocked: [],
  changes: { claims: 0, messages: 0, context: 0 },
  unread: 0,
};

/** A task as far as the one that coordinates needs to know it. */
type TaskInPlay = Pick<TaskCommon, 'id' | 'batch' | 'after'> & Pick<Task, 'state'>;

/** What the one that coordinates decides on, read in one transaction at every change: nothing of what is over, and no texts. */
export interface Situation {
  /** Those that live or are about to. */
  readonly workers: readonly Worker[];
  /** Those that wait for a worker or have one, and what the waiting ones come after; `after` is told of the waiting ones. */
  readonly tasks: readonly TaskInPlay[];
  /** Those with a task that waits for a worker. */
  readonly batches: readonly Batch[];
  /** Those of these workers that have not ended. */
  readonly sessions: readonly Session[];
  /** Those that wait or land. */
  readonly entries: readonly MergeEntry[];
  readonly leases: readonly Lease[];
  /** Those that are asked for or taken. */
  readonly launches: readonly Launch[];
}
