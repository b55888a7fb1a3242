import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../base/errors.ts';
import type { LandingLauncher, WorkerLauncher } from '../core/ports.ts';
import { environmentForSwarm } from './environment.ts';

/** How our own program is started again as another process. */
export interface OwnProgram {
  /** The file of the command line that Node runs. */
  readonly cli: string;
  /** Arguments behind the command, such as `--store FILE`. */
  readonly options: readonly string[];
  /** The repository's root, where it starts. */
  readonly root: string;
  /** Folder for what it prints: one file for each worker and landing. */
  readonly logs: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Starts workers as child processes without a terminal, in process groups of their own. */
export function childLauncher(program: OwnProgram): WorkerLauncher {
  return {
    modes: ['print'],
    async launch(worker, ended) {
      const child = await startDetached(program, ['worker', 'run', worker.id], `worker-${worker.id}.log`);
      void child.ended.then(ended);
    },
  };
}

/** Starts landings as processes that outlive this one; each entry once at a time as far as this process knows. */
export function landingLauncher(program: OwnProgram): LandingLauncher {
  const running = new Set<string>();
  return {
    async land(entry) {
      if (running.has(entry)) return;
      running.add(entry);
      try {
        const { ended } = await startDetached(program, ['land', 'run', entry], `landing-${entry}.log`);
        void ended.then(() => running.delete(entry));
      } catch (error) {
        running.delete(entry);
        throw error;
      }
    },
  };
}

async function startDetached(
  { cli, options, root, logs, env }: OwnProgram,
  command: readonly string[],
  logName: string,
): Promise<{ readonly ended: Promise<void> }> {
  await mkdir(logs, { recursive: true });
  const log = await open(join(logs, logName), 'a');
  try {
    const child = spawn(process.execPath, [cli, ...command, ...options], {
      cwd: root,
      env: environmentForSwarm(env),
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
      windowsHide: true,
    });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    return { ended };
  } catch (cause) {
    throw new AppError('process_not_started', `could not start swarm ${command.join(' ')}`, {
      hint: 'Look at the number of processes and the free memory of this computer.',
      cause,
    });
  } finally {
    await log.close();
  }
}
