import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Desk } from './commandLine.ts';

/** What may change although nothing was done: our own store and Node's compiled code, and what the scripted `claude` notes. */
const notMeant = [`${sep}.git${sep}swarm`, `${sep}swarm${sep}compiled`, `${sep}claude program${sep}`];

/**
 * Every file of a desk with a digest of its content: the repository with its refs, index and configuration, what lies
 * beside it, the person's settings. What is equal before and after was not touched.
 */
export async function filesOf({ repo }: Desk): Promise<readonly string[]> {
  const top = dirname(repo.path);
  const entries = await readdir(top, { recursive: true, withFileTypes: true });
  const lines = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(top.length);
    if (notMeant.some((part) => `${name}${sep}`.includes(part)) || name.endsWith(`${sep}swarm`)) return '';
    // Git makes this folder before it knows whether a worktree can be made.
    if (entry.isDirectory()) return name.endsWith(join('.git', 'worktrees')) ? '' : `${name}${sep}`;
    if (entry.isSymbolicLink()) return `${name} → ${await readlink(path)}`;
    return `${name} ${createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
      .slice(0, 12)}`;
  });
  return (await Promise.all(lines)).filter((line) => line !== '').sort();
}

/** What was printed, with the folder of the test as `…`, its empty lines out. */
export function said({ repo }: Desk, text: string): readonly string[] {
  return text
    .replaceAll(dirname(repo.path), '…')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}
