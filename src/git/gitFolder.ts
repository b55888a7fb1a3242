import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The folder that git keeps for a worktree: `.git` itself, or what it points at. */
export async function gitFolder(worktree: string): Promise<string> {
  return (await linkedGitFolder(worktree)) ?? join(worktree, '.git');
}

/** The folder that a worktree's `.git` file points at; undefined when there is no such file. */
export async function linkedGitFolder(worktree: string): Promise<string | undefined> {
  const link = await readFile(join(worktree, '.git'), 'utf8').catch(() => '');
  const [, gitDir] = /^gitdir: (.*)\n?$/.exec(link) ?? [];
  return gitDir === undefined ? undefined : resolve(worktree, gitDir);
}

/** True when something is there. */
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
