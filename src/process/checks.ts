import { spawn } from 'node:child_process';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../base/errors.ts';
import { worktreeVariable } from '../core/model/process.ts';
import type { CheckResult, Checks } from '../core/ports.ts';
import { environmentForCommands } from './environment.ts';
import { endTree } from './tree.ts';

const tailBytes = 20_000;
const graceMs = 2000;
const onWindows = process.platform === 'win32';

/** Runs checks as the person would: by the shell, in their environment, with nothing left running afterwards. */
export function openChecks(env: NodeJS.ProcessEnv = process.env): Checks {
  return {
    async run(command, folder, timeoutMs, log, signal) {
      await mkdir(dirname(log), { recursive: true });
      const file = await open(log, 'w+');
      try {
        const ending = await runInShell({ command, folder, timeoutMs, output: file.fd, env, signal });
        return { ...ending, tail: await readTail(file), log };
      } finally {
        await file.close();
      }
    },
  };
}

interface ShellRun {
  readonly command: string;
  readonly folder: string;
  readonly timeoutMs: number;
  readonly output: number;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

async function runInShell(run: ShellRun): Promise<Pick<CheckResult, 'passed' | 'summary'>> {
  if (run.signal.aborted) return { passed: false, summary: 'stopped' };
  const [shell, flags] = onWindows
    ? ['cmd.exe', ['/d', '/s', '/c', `"${run.command}"`]]
    : ['/bin/sh', ['-c', run.command]];
  const child = spawn(shell, flags, {
    cwd: run.folder,
    env: { ...environmentForCommands(run.env), [worktreeVariable]: run.folder },
    stdio: ['ignore', run.output, run.output],
    // A group of its own, so that what it leaves behind can still be found after it has ended.
    detached: !onWindows,
    windowsHide: true,
    windowsVerbatimArguments: true,
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code === null ? `killed by ${signal}` : `exit ${code}`));
  });
  const { pid } = child;
  let stoppedFor: string | undefined;
  let stopping: Promise<void> = Promise.resolve();
  const stop = (reason: string) => {
    if (stoppedFor !== undefined || pid === undefined) return;
    stoppedFor = reason;
    stopping = endTree(pid, graceMs);
  };
  const timer = setTimeout(() => stop(`killed after ${Math.round(run.timeoutMs / 1000)} s`), run.timeoutMs);
  const onAbort = () => stop('stopped');
  run.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const ending = await ended;
    await stopping;
    if (pid !== undefined) killGroup(pid);
    return { passed: stoppedFor === undefined && ending === 'exit 0', summary: stoppedFor ?? ending };
  } catch (cause) {
    throw new AppError('check_not_started', `could not start the check in ${run.folder}`, {
      hint: 'Look whether the folder still exists.',
      cause,
    });
  } finally {
    clearTimeout(timer);
    run.signal.removeEventListener('abort', onAbort);
  }
}

function killGroup(leader: number): void {
  if (onWindows) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

async function readTail(file: FileHandle): Promise<string> {
  const { size } = await file.stat();
  const length = Math.min(size, tailBytes);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  // A cut through a character leaves continuation bytes in front; they say nothing.
  const start = size > length ? buffer.findIndex((byte) => (byte & 0xc0) !== 0x80) : 0;
  return buffer.subarray(Math.max(start, 0)).toString('utf8');
}
