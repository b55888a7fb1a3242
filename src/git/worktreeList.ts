import { readdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve as resolvePath } from 'node:path';
import { GitError } from './errors.ts';
import { patiently } from './locks.ts';
import type { Repository } from './repository.ts';
import { type GitRunner, records } from './run.ts';

/** A record that is younger may still be in the making. */
export const recordMs = 2_000;

/** A worktree as git has it on record. */
export interface WorktreeRecord {
  /** Absolute; the folder may be gone. */
  readonly path: string;
  /** The commit checked out; all zeros when the record is damaged. */
  readonly head: string;
  /** Short name; absent when HEAD is detached. */
  readonly branch?: string;
  readonly bare: boolean;
  /** Why it is locked; empty when locked without a reason. */
  readonly locked?: string;
}

/** All worktrees of the repository, the main one first. */
export function listWorktrees({ git, root, commonDir }: Repository): Promise<readonly WorktreeRecord[]> {
  return worktreesOf(git, root, commonDir);
}

/** The same, from any folder of the repository. */
export async function worktreesOf(
  git: GitRunner,
  folder: string,
  commonDir: string,
): Promise<readonly WorktreeRecord[]> {
  const list = () => git.exact(folder, ['worktree', 'list', '--porcelain', '-z']);
  return parseWorktrees((await overRecords(commonDir, list)).text);
}

/**
 * Runs a git command that reads the records of all worktrees. One record that is just being written stops each such
 * command, and one that a killed git has left so would stop them for ever: it is completed.
 */
export function overRecords<T>(commonDir: string, action: () => Promise<T>): Promise<T> {
  return patiently(async () => {
    try {
      return await action();
    } catch (error) {
      if (GitError.is(error, 'worktree_busy')) await completeRecords(commonDir);
      throw error;
    }
  });
}

/** Writes what git would have written next, in the layout of gitrepository-layout(5). */
async function completeRecords(commonDir: string): Promise<void> {
  const home = join(commonDir, 'worktrees');
  for (const name of await readdir(home).catch(() => [])) {
    const file = join(home, name, 'commondir');
    const found = await stat(file).catch(() => undefined);
    if (found?.size === 0 && Date.now() - found.mtimeMs > recordMs) await writeFile(file, '../..\n');
  }
}

/** Reads `git worktree list --porcelain -z`. */
function parseWorktrees(text: string): readonly WorktreeRecord[] {
  return text
    .split('\0\0')
    .filter((block) => block !== '')
    .map((block) => {
      const fields = new Map(
        records(block).map((line) => {
          const space = line.indexOf(' ');
          return space < 0 ? ([line, ''] as const) : ([line.slice(0, space), line.slice(space + 1)] as const);
        }),
      );
      const branch = fields.get('branch')?.replace(/^refs\/heads\//, '');
      const locked = fields.get('locked');
      return {
        path: resolvePath(fields.get('worktree') ?? ''),
        head: fields.get('HEAD') ?? '',
        ...(branch === undefined ? {} : { branch }),
        bare: fields.has('bare'),
        ...(locked === undefined ? {} : { locked }),
      };
    });
}
