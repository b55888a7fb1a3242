import { join, resolve as resolvePath } from 'node:path';
import { UsageError } from '../base/errors.ts';
import type { RepoState } from '../core/ports.ts';
import { GitError, gitError } from './errors.ts';
import { exists } from './gitFolder.ts';
import type { GitRunner } from './run.ts';
import { parseStatus } from './status.ts';
import { worktreesOf } from './worktreeList.ts';

const oldest = [2, 39] as const;

/** Where a repository is. */
interface Location {
  /** Top of the worktree that was asked about. */
  readonly top: string;
  /** Top of the main worktree. */
  readonly root: string;
  readonly commonDir: string;
  /** The git folder of the worktree that was asked about. */
  readonly gitDir: string;
}

/** What a repository looks like, and what a person should hear about it before work starts. */
export interface Inspection extends RepoState {
  readonly warnings: readonly string[];
}

/** Finds the repository of a folder; says why it is none that we can work with. */
export async function locate(git: GitRunner, folder: string): Promise<Location> {
  const questions = ['--is-bare-repository', '--git-common-dir', '--git-dir', '--show-toplevel'];
  const args = ['rev-parse', '--path-format=absolute', ...questions];
  const asked = git.exact(folder, args, { answers: [128] });
  // What an old git says to this is of no interest.
  asked.catch(() => {});
  refuseOldGit((await git.exact(folder, ['version'])).text.trimEnd());
  const { code, text, complaint } = await asked;
  const [bare, commonDir = '', gitDir = '', top = ''] = text.split(/\r?\n/);
  if (bare === 'true') throw bareRepository(folder);
  if (code !== 0) throw whyNotFound(folder, complaint);
  const root = commonDir === gitDir ? top : await mainWorktree(git, top, commonDir);
  return { top: resolvePath(top), root, commonDir: resolvePath(commonDir), gitDir: resolvePath(gitDir) };
}

/** In plain words where git only says that it found nothing; where something is wrong with what it found, in its own. */
function whyNotFound(folder: string, complaint: string): GitError {
  const error = gitError('rev-parse', complaint);
  const { code, hint = '' } = error;
  if (code === 'not_a_repository' && complaint.includes('(or any'))
    return new GitError(code, `${folder} is not inside a git repository`, { hint });
  if (code === 'bare_repository')
    return new GitError(code, `${folder} is inside a git folder, where no files are checked out`, {
      hint: 'Go to the folder that has the files checked out.',
    });
  return error;
}

/** Throws unless `version` (`git version 2.39.5`) is one that this room was written for. */
export function refuseOldGit(version: string): void {
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) > oldest[0] || (Number(major) === oldest[0] && Number(minor) >= oldest[1])) return;
  throw new GitError('git_too_old', `${version} is too old`, { hint: `Install git ${oldest.join('.')} or newer.` });
}

async function mainWorktree(git: GitRunner, top: string, commonDir: string): Promise<string> {
  const [main] = await worktreesOf(git, top, commonDir);
  if (!main || main.bare) throw bareRepository(top);
  return main.path;
}

const bareRepository = (folder: string) =>
  new GitError('bare_repository', `${folder} belongs to a bare repository, which has no files checked out`, {
    hint: 'Open a clone that has its files checked out.',
  });

/**
 * Looks at a checkout without changing anything. Refuses one without a commit and one in the middle of a merge or rebase;
 * an unclean one is fine and reported.
 */
export async function inspect(git: GitRunner, { top, root, commonDir, gitDir }: Location): Promise<Inspection> {
  const [status, isShallow] = await Promise.all([
    git.exact(top, ['status', '--porcelain=v2', '--branch', '-z', '--untracked-files=normal']),
    // As gitrepository-layout(5) has it.
    exists(join(commonDir, 'shallow')),
  ]);
  const { headers, entries } = parseStatus(status.text);
  if (headers.get('branch.oid') === '(initial)') {
    throw new GitError('unborn_branch', 'the repository has no commit yet', {
      hint: 'Make a first commit, then try again.',
    });
  }
  const unfinished = await unfinishedWork(gitDir);
  if (unfinished || entries.some(({ kind }) => kind === 'unmerged')) {
    throw new GitError('conflicted_checkout', `${top} is in the middle of ${unfinished ?? 'a merge with conflicts'}`, {
      hint: 'Finish it or give it up, then try again.',
    });
  }
  const head = headers.get('branch.head');
  const branch = head === '(detached)' ? undefined : head;
  const upstream = headers.get('branch.upstream');
  const behind = Number(/-(\d+)$/.exec(headers.get('branch.ab') ?? '')?.[1] ?? 0);
  const dirty = entries.length > 0;
  return {
    root,
    commonDir,
    ...(branch === undefined ? {} : { branch }),
    ...(upstream === undefined ? {} : { upstream }),
    dirty,
    behind,
    warnings: [
      ...(dirty
        ? ['There are uncommitted changes: new worktrees start from the last commit and do not have them.']
        : []),
      ...(isShallow
        ? [
            'The clone is shallow: branches that part before its oldest commit cannot be merged (`git fetch --unshallow`).',
          ]
        : []),
    ],
  };
}

/** The branch that work lands on: the one named, else the one checked out. */
export function targetOf(state: RepoState, named: string | undefined): string {
  const target = named ?? state.branch;
  if (target !== undefined) return target;
  throw new UsageError(`no branch is checked out in ${state.root} (HEAD is detached)`, {
    hint: 'Name the branch to land on with --target, or check one out.',
  });
}

const signs = [
  ['MERGE_HEAD', 'a merge'],
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
] as const;

/** What a worktree is in the middle of, by the files that git leaves in its git folder. */
async function unfinishedWork(gitDir: string): Promise<string | undefined> {
  for (const [name, what] of signs) {
    if (await exists(join(gitDir, name))) return what;
  }
  return undefined;
}
