import type { EntryId, TaskId } from './ids.ts';

/** `refused`: git or the person's checkout said no; it stays approved and can be queued again. */
export const entryStates = ['queued', 'landing', 'merged', 'conflict', 'check_failed', 'refused', 'withdrawn'] as const;
export type EntryState = (typeof entryStates)[number];

/** One approved commit in the merge queue of its target. */
export interface MergeEntry {
  readonly id: EntryId;
  readonly task: TaskId;
  readonly target: string;
  /** The approved commit. */
  readonly head: string;
  readonly state: EntryState;
  /** Place in the target's queue; smaller lands first. */
  readonly position: number;
  /** The commit on the target that brought it home. */
  readonly landed?: string;
  readonly reason?: string;
  /** Absolute path of the check's output. */
  readonly log?: string;
  readonly createdAt: number;
  readonly endedAt?: number;
}
