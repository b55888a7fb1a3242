import type { Batch } from './batch.ts';
import type { Lease } from './lease.ts';
import type { MergeEntry } from './merge.ts';
import type { Review } from './review.ts';
import type { Session } from './session.ts';
import type { Task } from './task.ts';
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
}

/** What the one that coordinates decides on, read in one transaction. */
export interface Situation {
  readonly overview: Overview;
  readonly leases: readonly Lease[];
  readonly launches: readonly Launch[];
}
