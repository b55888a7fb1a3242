import type { Repository } from './repository.ts';
import { records } from './run.ts';

/**
 * Paths in a worktree, committed or not, that differ from each one of the commits; untracked ones too, ignored ones left
 * out. A file that was moved counts under both names; a nested repository ends with `/`.
 */
export async function differing(
  repo: Repository,
  worktree: string,
  commits: readonly string[],
): Promise<readonly string[]> {
  const ask = async (...args: readonly string[]) => records((await repo.git.exact(worktree, args)).text);
  const diff = ['diff', '--name-only', '--no-renames', '--no-ext-diff', '--ignore-submodules=none', '-z'];
  const [untracked, [first = [], ...others]] = await Promise.all([
    ask('ls-files', '--others', '--exclude-standard', '-z'),
    Promise.all(commits.map((commit) => ask(...diff, '--end-of-options', commit, '--'))),
  ]);
  const rest = others.map((paths) => new Set(paths));
  return [...first.filter((path) => rest.every((paths) => paths.has(path))), ...untracked];
}
