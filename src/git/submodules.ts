import { join } from 'node:path';
import { GitError } from './errors.ts';
import { exists } from './gitFolder.ts';
import type { Repository } from './repository.ts';
import { records } from './run.ts';

/**
 * Checks out the submodules of a worktree, and theirs, from the copies that the repository holds already: the network is
 * not asked. Submodules that the main worktree never had are left alone.
 */
export async function checkOutSubmodules(repo: Repository, worktree: string): Promise<void> {
  await checkOut(repo, worktree, repo.commonDir);
}

async function checkOut(repo: Repository, worktree: string, source: string): Promise<void> {
  for (const { name, path } of await submodules(repo, worktree)) {
    // The name comes from a file of the repository and must not lead out of the folder of copies.
    if (name.split(/[\\/]/).includes('..')) continue;
    const copy = join(source, 'modules', name);
    if (!(await exists(join(copy, 'HEAD')))) continue;
    const origin = await repo.git.exact(
      worktree,
      ['config', '-f', join(copy, 'config'), '--get', 'remote.origin.url'],
      {
        answers: [1],
      },
    );
    await repo.git
      .exact(worktree, ['submodule', 'update', '--checkout', '--quiet', '--', path], {
        // Only the copy of our own repository may be cloned from a path; nothing is written to the shared configuration.
        config: ['protocol.file.allow=always', `submodule.${name}.url=${copy}`, `submodule.${name}.active=true`],
        signal: repo.signal,
      })
      .catch((error: unknown) => {
        if (repo.signal?.aborted) throw error;
        throw new GitError('submodule_unavailable', `the submodule ${path} could not be checked out in ${worktree}`, {
          hint: `Run \`git submodule update --init --recursive\` in ${repo.root}, then try again.`,
          cause: error,
        });
      });
    const inside = join(worktree, path);
    if (origin.code === 0) await repo.git.exact(inside, ['config', 'remote.origin.url', origin.text.trimEnd()]);
    await checkOut(repo, inside, copy);
  }
}

/** The submodules that `.gitmodules` names. */
async function submodules(repo: Repository, worktree: string): Promise<readonly { name: string; path: string }[]> {
  const file = join(worktree, '.gitmodules');
  if (!(await exists(file))) return [];
  const { text } = await repo.git.exact(
    worktree,
    ['config', '-z', '-f', file, '--get-regexp', '^submodule\\..*\\.path$'],
    {
      answers: [1],
    },
  );
  return records(text).map((line) => {
    const end = line.indexOf('\n');
    return { name: line.slice('submodule.'.length, end - '.path'.length), path: line.slice(end + 1) };
  });
}
