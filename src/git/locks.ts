import { readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { GitError } from './errors.ts';

/** How old a lock file must be before anybody asks whether its process still lives. */
const doubtMs = 2_000;

interface LockOptions {
  /**
   * Folders of ours that the lock may belong to. A lock file left behind by a killed git is removed when no git process
   * is at work in any of them. Without it a lock is only waited for.
   */
  readonly reclaim?: readonly string[];
  /** How long to wait; five seconds unless told. */
  readonly patienceMs?: number;
}

/** What may be over in a moment. */
const passing: readonly string[] = ['git_locked', 'worktree_busy'];

/** Runs `action` again while another git process holds a lock that it needs, or is at work on the same worktree. */
export async function patiently<T>(
  action: () => Promise<T>,
  { reclaim = [], patienceMs = 5_000 }: LockOptions = {},
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let waitMs = 10; ; waitMs = Math.min(waitMs * 2, 250)) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof GitError) || !passing.includes(error.code) || performance.now() > deadline) throw error;
      if (error.lock !== undefined && reclaim.length > 0) await removeAbandoned(error.lock, reclaim);
    }
    await sleep(waitMs * (0.5 + Math.random()));
  }
}

/**
 * Waits until none of `locks` is there, so that whoever works next does not stumble over one that a killed git has left.
 * One that stays, because its process lives, is left to those who need it.
 */
export async function outwaitLocks(locks: readonly string[], reclaim: readonly string[]): Promise<void> {
  for (const lock of locks) {
    const look = async () => {
      if (await stat(lock).catch(() => undefined)) throw new GitError('git_locked', `${lock} is there`, { lock });
    };
    await patiently(look, { reclaim }).catch((error: unknown) => {
      if (!GitError.is(error, 'git_locked')) throw error;
    });
  }
}

/** Removes a lock file when it is proved that the git process which made it is gone. */
async function removeAbandoned(lock: string, folders: readonly string[]): Promise<void> {
  const before = await stat(lock).catch(() => undefined);
  if (!before || Date.now() - before.mtimeMs < doubtMs) return;
  if (await isAtWork(lock, folders)) return;
  const after = await stat(lock).catch(() => undefined);
  if (after?.ino === before.ino && after.mtimeMs === before.mtimeMs) await rm(lock, { force: true });
}

/** True unless it is proved that no program has `lock` open, and no git process stands or has a file open in one of `folders`. */
async function isAtWork(lock: string, folders: readonly string[]): Promise<boolean> {
  const within = (path: string) => folders.some((base) => path === base || path.startsWith(base + sep));
  try {
    if (process.platform === 'linux') return await isAtWorkOnLinux(lock, within);
    if (process.platform === 'darwin') {
      return (await openFiles(lock)).length > 0 || (await openFiles('-c', 'git')).some(within);
    }
    return true;
  } catch {
    return true;
  }
}

async function isAtWorkOnLinux(lock: string, within: (path: string) => boolean): Promise<boolean> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const [, name = '', state] = /\((.*)\) (\S)/s.exec(await readOrNothing(join('/proc', pid, 'stat'))) ?? [];
    if (state === 'Z') continue;
    const isGit = name.startsWith('git');
    // Another person's programs may not be looked into, and would not work here with something other than git.
    const files = await readdir(join('/proc', pid, 'fd')).catch(isGit ? unlessGone : () => []);
    for (const link of [join('/proc', pid, 'cwd'), ...files.map((file) => join('/proc', pid, 'fd', file))]) {
      const path = await readlink(link).catch(() => '');
      if (path === lock || (isGit && within(path))) return true;
    }
  }
  return false;
}

const readOrNothing = (path: string) => readFile(path, 'utf8').catch(() => '');

function unlessGone(error: NodeJS.ErrnoException): readonly string[] {
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return [];
  throw error;
}

/** Open files and current folders, as lsof tells them for a file or a program's name; it exits with 1 when there are none. */
async function openFiles(...which: string[]): Promise<readonly string[]> {
  const { exitCode, stdout, shortMessage } = await execa('lsof', ['-w', '-Fn', ...which], { reject: false });
  if (exitCode !== 0 && exitCode !== 1) throw new Error(shortMessage);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('n'))
    .map((line) => line.slice(1));
}
