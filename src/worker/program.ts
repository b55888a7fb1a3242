import { systemClock } from '../base/clock.ts';
import { messageOf, UsageError } from '../base/errors.ts';
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
import { sessionTools } from './mcp/sessionTools.ts';

/** What a worker works in: an opened repository. */
interface WorkerParts {
  readonly store: Store;
  readonly git: Git & { readonly root: string; readonly commonDir: string };
  readonly places: {
    worktrees(settings: Settings): string;
    logs(task: TaskId, attempt: number): string;
    readonly store: string;
  };
  readonly random: RandomBytes;
  settings(): Promise<Settings>;
}

export interface WorkerRun {
  readonly parts: WorkerParts;
  readonly worker: WorkerId;
  /** The file of our command line, which its sessions run as `swarm`. */
  readonly cli: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Asks the worker to stop: its session ends, its task goes back to the queue with all its work. */
  readonly stop: AbortSignal;
  /** Shows a line at the terminal, while no session owns it. */
  say(line: string): void;
}

/** The program in the terminal: reports itself, works until stopped or out of work, reports its end. */
export async function runWorker({ parts, worker, cli, env, log, stop, say }: WorkerRun): Promise<void> {
  const { store, git, places, random } = parts;
  const settings = lastGood(() => parts.settings(), log);
  const [processes, { 'workers.leaseSeconds': seconds }] = await Promise.all([openProcesses(), settings()]);
  const report = { worker, process: processes.self, leaseMs: seconds * 1000, now: systemClock.now() };
  const row = await store.workerStarted(report);
  if ('refused' in row) throw new UsageError(row.refused);
  let reason = 'done';
  try {
    await using endpoint = await openEndpoint(log);
    const sessions = claudeLauncher({
      endpoint,
      env,
      worker,
      swarm: { cli, store: places.store },
      tools: ({ task, worktree, settings: held }) =>
        sessionTools({
          store,
          random,
          log,
          task: task.id,
          worktree,
          commonDir: git.commonDir,
          modes: async () => held['claims.modes'],
        }),
      root: git.root,
      processes,
      clock: systemClock,
      log,
    });
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
        settings,
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

/** Settings that cannot be read while it works (a file half saved, a typing error) do not end a worker: those before go on to hold. */
function lastGood(read: () => Promise<Settings>, log: Log): () => Promise<Settings> {
  let good: Settings | undefined;
  let complaint = '';
  return async () => {
    try {
      good = await read();
      complaint = '';
    } catch (error) {
      if (good === undefined) throw error;
      if (messageOf(error) !== complaint) log.warn(`the settings stay as they were: ${messageOf(error)}`);
      complaint = messageOf(error);
    }
    return good;
  };
}
