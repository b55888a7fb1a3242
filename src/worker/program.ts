import { systemClock } from '../base/clock.ts';
import { UsageError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { claudeLauncher } from '../claude/launcher.ts';
import { workLoop } from '../core/flow/workLoop.ts';
import type { RandomBytes, TaskId, WorkerId } from '../core/model/ids.ts';
import type { Git } from '../core/ports.ts';
import type { Settings } from '../core/settings.ts';
import type { Store } from '../core/store.ts';
import { openChecks } from '../process/checks.ts';
import { openProcesses } from '../process/identity.ts';
import { openEndpoint } from './endpoint.ts';

/** What a worker works in: an opened repository. */
export interface WorkerParts {
  readonly store: Store;
  readonly git: Git & { readonly root: string };
  readonly places: {
    worktrees(settings: Settings): string;
    logs(task: TaskId, attempt: number): string;
  };
  readonly random: RandomBytes;
  settings(): Promise<Settings>;
}

export interface WorkerRun {
  readonly parts: WorkerParts;
  readonly worker: WorkerId;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Asks the worker to stop: its session ends, its task goes back to the queue with all its work. */
  readonly stop: AbortSignal;
  /** Shows a line at the terminal, while no session owns it. */
  say(line: string): void;
}

/** The program in the terminal: reports itself, works until stopped or out of work, reports its end. */
export async function runWorker({ parts, worker, env, log, stop, say }: WorkerRun): Promise<void> {
  const { store, git, places, random } = parts;
  const processes = await openProcesses();
  const row = await store.workerStarted({ worker, process: processes.self, now: systemClock.now() });
  if ('refused' in row) throw new UsageError(row.refused);
  let reason = 'done';
  try {
    await using endpoint = await openEndpoint(log);
    const sessions = claudeLauncher({ endpoint, env, worker, root: git.root, processes, clock: systemClock, log });
    await workLoop(
      {
        worker,
        mode: row.mode,
        store,
        git,
        sessions,
        checks: openChecks(env),
        processes,
        clock: systemClock,
        random,
        log,
        settings: () => parts.settings(),
        worktrees: (settings) => places.worktrees(settings),
        logs: (task, attempt) => places.logs(task, attempt),
        say,
      },
      stop,
    );
    if (stop.aborted) reason = 'asked to stop';
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
    throw error;
  } finally {
    await store.workerStopped({ worker, reason, now: systemClock.now() });
  }
}
