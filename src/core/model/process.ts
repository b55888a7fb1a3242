/** A process that cannot be mistaken for another: pids are reused, a pid with its start time is not. */
export interface ProcessIdentity {
  /** The computer's name, as the store knows it. */
  readonly machine: string;
  readonly pid: number;
  /** What the operating system says of the process's start; only compared for equality. */
  readonly startTime: string;
}

/**
 * The environment variable in which everything that is started to work in a worktree, and whatever that starts, carries
 * the worktree's path: so it is found again when the one that started it has died.
 */
export const worktreeVariable = 'SWARM_WORKTREE';

/** True when both name the same run of the same process. */
export function sameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.machine === b.machine && a.pid === b.pid && a.startTime === b.startTime;
}
