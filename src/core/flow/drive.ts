import type { TaskLease } from '../model/lease.ts';
import type { Task } from '../model/task.ts';
import type { Settings } from '../settings.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { OpenSession } from './supervise.ts';
import type { WorkerWorld } from './worker.ts';

/** A leased task in this worker's hands: what every step from its worktree to its hand-over needs. */
export interface Drive {
  readonly world: WorkerWorld;
  readonly task: Task;
  readonly lease: TaskLease;
  /** As they were when it was leased. */
  readonly settings: Settings;
  readonly heartbeat: Heartbeat;
  /** The worker is to stop, by a signal to its process. */
  readonly stop: AbortSignal;
  /** Aborted when this worker should not go on with the task, for whatever reason. */
  readonly signal: AbortSignal;
  /** The session that lives; it ends before its task does. */
  open: OpenSession | undefined;
}

/** Thrown inside a drive when the task has a new owner: everything stops, nothing is written any more. */
export class LeaseLost extends Error {}

/** Takes the store's answer to a write that showed the lease. Throws LeaseLost. */
export function keep({ heartbeat }: Drive, answer: 'saved' | 'lost'): void {
  if (answer === 'lost' || heartbeat.lost.aborted) throw new LeaseLost();
}

/** Whether the worker was asked to stop, by a person or by its process. */
export const isStopped = ({ stop, heartbeat }: Drive): boolean => stop.aborted || heartbeat.stopAsked.aborted;
