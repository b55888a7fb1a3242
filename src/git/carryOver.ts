import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readlink, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve as resolvePath, sep } from 'node:path';
import { exists } from './gitFolder.ts';
import type { Repository } from './repository.ts';
import { records } from './run.ts';

/**
 * Copies untracked files from the main worktree into another one: those that match a pattern of `.worktreeinclude` or of
 * `include` and are ignored there, so that none is ever committed. Nothing that exists is overwritten, no symbolic link is followed.
 * Returns the paths that were copied.
 */
export async function carryOver(
  repo: Repository,
  worktree: string,
  include: readonly string[],
): Promise<readonly string[]> {
  const patterns = await patternFlags(repo, include);
  if (patterns.length === 0) return [];
  const matching = await repo.git.exact(repo.root, ['ls-files', '-z', '--others', '--ignored', ...patterns], {
    signal: repo.signal,
  });
  const reachable: string[] = [];
  for (const path of records(matching.text)) {
    if (await leadsStraight(worktree, path)) reachable.push(path);
  }
  const carried: string[] = [];
  for (const path of await onlyIgnored(repo, worktree, reachable)) {
    repo.signal?.throwIfAborted();
    if (await carry(repo.root, worktree, path)) carried.push(path);
  }
  return carried;
}

async function patternFlags(repo: Repository, include: readonly string[]): Promise<readonly string[]> {
  const file = join(repo.root, '.worktreeinclude');
  return [
    ...((await exists(file)) ? [`--exclude-from=${file}`] : []),
    ...include.map((pattern) => `--exclude=${pattern}`),
  ];
}

async function onlyIgnored(repo: Repository, folder: string, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const input = paths.map((path) => `${path}\0`).join('');
  const { text } = await repo.git.exact(folder, ['check-ignore', '-z', '--stdin'], { input, answers: [1] });
  return records(text);
}

/** Copies one file or link; false when it was left out. */
async function carry(from: string, to: string, path: string): Promise<boolean> {
  const source = join(from, path);
  const target = join(to, path);
  const found = await lstat(source).catch(() => undefined);
  if (!found) return false;
  try {
    await mkdir(dirname(target), { recursive: true });
    if (found.isSymbolicLink()) {
      const link = await readlink(source);
      if (isAbsolute(link) || !staysInside(from, resolvePath(dirname(source), link))) return false;
      await symlink(link, target);
    } else if (found.isFile()) {
      await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    } else {
      // A folder in this list is a repository of its own, for example a worktree inside the main one.
      return false;
    }
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // It was there already, or the main worktree changed under our hands.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  }
}

/** True when the folders that lead to a file are real ones as far as they exist, and not links that may lead out. */
async function leadsStraight(base: string, path: string): Promise<boolean> {
  let folder = base;
  for (const name of path.split('/').slice(0, -1)) {
    folder = join(folder, name);
    const found = await lstat(folder).catch(() => undefined);
    if (!found) return true;
    if (!found.isDirectory()) return false;
  }
  return true;
}

const staysInside = (base: string, path: string): boolean => path.startsWith(base + sep);
