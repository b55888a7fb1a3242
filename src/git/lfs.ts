import type { GitRunner } from './run.ts';

/**
 * Configuration that leaves LFS pointers as they are, when the repository wants git-lfs and this machine has none: git
 * would fail on every such file. Empty otherwise.
 */
export async function missingLfs(git: GitRunner, folder: string): Promise<readonly string[]> {
  const { code } = await git.exact(folder, ['config', '--get-regexp', '^filter\\.lfs\\.'], { answers: [1] });
  if (code === 1) return [];
  const works = await git.text(folder, ['lfs', 'version']).then(
    () => true,
    () => false,
  );
  return works ? [] : ['filter.lfs.smudge=', 'filter.lfs.clean=', 'filter.lfs.process=', 'filter.lfs.required=false'];
}
