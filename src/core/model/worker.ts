import type { FaceId, LaunchId, RepoId, TaskId, WorkerId } from './ids.ts';
import type { ProcessIdentity } from './process.ts';
import type { SessionMode } from './session.ts';

/** `starting` until its process reports; `idle` and `busy` by its lease; `stopping` when asked to; `stopped` by itself; `lost` when its process died or it fell silent. */
export const workerStates = ['starting', 'idle', 'busy', 'stopping', 'stopped', 'lost'] as const;
export type WorkerState = (typeof workerStates)[number];

/** A slot, in one terminal or child process, that drives one task at a time. */
export interface Worker {
  readonly id: WorkerId;
  readonly repo: RepoId;
  /** `worker 3`: counted per repository, for people. */
  readonly name: string;
  readonly mode: SessionMode;
  readonly state: WorkerState;
  readonly machine: string;
  /** From its own report on. For a terminal this is the terminal's process. */
  readonly process?: ProcessIdentity;
  readonly task?: TaskId;
  /** What it does right now, in words: `preparing the worktree`. */
  readonly phase?: string;
  readonly startedAt: number;
  readonly updatedAt: number;
}

/** Living, or about to live. */
export const isLive = (worker: Pick<Worker, 'state'>): boolean =>
  worker.state === 'starting' || worker.state === 'idle' || worker.state === 'busy' || worker.state === 'stopping';

/** The leader's wish that a worker be started, and what became of it. */
export interface Launch {
  readonly id: LaunchId;
  readonly worker: WorkerId;
  /** The face that asked for the work and should open the terminal. */
  readonly face: FaceId;
  readonly mode: SessionMode;
  readonly state: 'asked' | 'taken' | 'started' | 'failed';
  readonly askedAt: number;
  readonly takenBy?: FaceId;
  readonly reason?: string;
}
