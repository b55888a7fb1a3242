/** A process that cannot be mistaken for another: pids are reused, a pid with its start time is not. */
export interface ProcessIdentity {
  /** The computer's name, as the store knows it. */
  readonly machine: string;
  readonly pid: number;
  /** What the operating system says of the process's start; only compared for equality. */
  readonly startTime: string;
}

/** True when both name the same run of the same process. */
export function sameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.machine === b.machine && a.pid === b.pid && a.startTime === b.startTime;
}
