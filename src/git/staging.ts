import { join } from 'node:path';
import { addPaths, everything, hasNothingStaged, head, uncommitted } from './commits.ts';
import { GitError } from './errors.ts';
import { exists, gitFolder } from './gitFolder.ts';
import { patiently } from './locks.ts';
import { identity, type Repository } from './repository.ts';
import { records } from './run.ts';

/**
 * Stages these paths (relative to the worktree; all that is changed when none are given), and returns what a commit would
 * change, by name: both names of a moved file; of a merge only what differs from both sides. Throws `conflicts_left`, `no_such_path`.
 */
export async function stage(
  repo: Repository,
  worktree: string,
  paths: readonly string[],
): Promise<{ readonly own: readonly string[]; readonly isMerge: boolean }> {
  const { gitDir, changed, isMerge } = await uncommitted(repo, worktree);
  const wanted = paths.length === 0 ? everything(changed) : paths.map((path) => `:(top,literal)${path}`);
  await addPaths(repo, worktree, wanted, { reclaim: [worktree, gitDir] });
  const own = await stagedAgainst(repo, worktree, 'HEAD');
  if (!isMerge) return { own, isMerge };
  const others = new Set(await stagedAgainst(repo, worktree, 'MERGE_HEAD'));
  return { own: own.filter((path) => others.has(path)), isMerge };
}

async function stagedAgainst(repo: Repository, worktree: string, commit: string): Promise<readonly string[]> {
  const args = ['diff-index', '--cached', '--name-only', '--no-renames', '-z', commit];
  return records((await repo.git.exact(worktree, args)).text);
}

/**
 * Commits what is staged, with the repository's own hooks; undefined when that is nothing. Throws `hook_refused` with what the
 * hook has said as the cause.
 */
export async function commitStaged(repo: Repository, worktree: string, message: string): Promise<string | undefined> {
  const gitDir = await gitFolder(worktree);
  const env = await identity(repo, worktree);
  const args = ['commit', '--quiet', '--cleanup=whitespace', '-F', '-'];
  const options = { input: message, env, hooks: true, answers: [1] } as const;
  const { code, text, complaint } = await patiently(() => repo.git.exact(worktree, args, options), {
    reclaim: [worktree, gitDir],
  });
  if (code === 0) return head(repo, worktree);
  const isMerge = await exists(join(gitDir, 'MERGE_HEAD'));
  if (!isMerge && (await hasNothingStaged(repo, worktree))) return undefined;
  throw new GitError('hook_refused', 'a hook of the repository refused the commit', {
    cause: `${complaint}${text}`.trim(),
    hint: 'Put right what it says and commit again.',
  });
}
