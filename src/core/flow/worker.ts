import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { RandomBytes, TaskId, WorkerId } from '../model/ids.ts';
import type { SessionMode } from '../model/session.ts';
import type { Checks, Git, Processes, SessionLauncher } from '../ports.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store.ts';

/** Everything a worker needs of the world. */
export interface WorkerWorld {
  readonly worker: WorkerId;
  readonly mode: SessionMode;
  readonly store: Store;
  readonly git: Git;
  readonly sessions: SessionLauncher;
  readonly checks: Checks;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  /** Read anew for every task. */
  settings(): Promise<Settings>;
  /** Absolute folder for worktrees. */
  worktrees(settings: Settings): string;
  /** Absolute folder for the logs of one attempt. */
  logs(task: TaskId, attempt: number): string;
  /** Shows a line to the person at the terminal, while no session owns it. */
  say(line: string): void;
}
