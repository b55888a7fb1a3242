import { AppError, type AppErrorOptions, messageOf } from '../base/errors.ts';

/** Why git refused; scripts may compare these words. */
type GitErrorCode =
  | 'bad_branch_name'
  | 'bare_repository'
  | 'branch_checked_out'
  | 'branch_exists'
  | 'branch_in_the_way'
  | 'conflicted_checkout'
  | 'conflicts_left'
  | 'disk_full'
  | 'dubious_ownership'
  | 'file_vanished'
  | 'folder_missing'
  | 'git_failed'
  | 'git_locked'
  | 'git_missing'
  | 'git_too_old'
  | 'merge_unfinished'
  | 'hook_refused'
  | 'no_such_path'
  | 'not_a_fast_forward'
  | 'not_a_repository'
  | 'not_writable'
  | 'path_exists'
  | 'ref_exists'
  | 'ref_moved'
  | 'remote_failed'
  | 'remote_refused'
  | 'remote_silent'
  | 'repository_damaged'
  | 'submodule_unavailable'
  | 'unborn_branch'
  | 'unknown_commit'
  | 'unrelated_histories'
  | 'worktree_busy'
  | 'worktree_dirty'
  | 'would_overwrite';

/** A failure of git or of the repository. */
export class GitError extends AppError {
  declare readonly code: GitErrorCode;
  /** The lock file in the way, when the code is `git_locked`. */
  readonly lock: string | undefined;

  constructor(code: GitErrorCode, message: string, options: AppErrorOptions & { readonly lock?: string } = {}) {
    super(code, message, options);
    this.lock = options.lock;
  }
}

interface Saying {
  readonly text: RegExp;
  readonly code: GitErrorCode;
  readonly hint?: string;
}

/** What git says under LC_ALL=C; the first that matches decides. */
const sayings: readonly Saying[] = [
  {
    // Of a key that is not accepted git says that permission was denied, as it does of files.
    text: /Could not read from remote repository|Could not resolve host|unable to access 'https?:|Authentication failed|could not read (Username|Password)|terminal prompts disabled|does not appear to be a git repository/,
    code: 'remote_failed',
    hint: 'Try `git fetch` in a terminal of your own: nothing can be asked for here.',
  },
  {
    text: /spawn git(\.exe)? ENOENT/,
    code: 'git_missing',
    hint: 'Install git 2.39 or newer and make sure it is on the PATH.',
  },
  {
    // Of a write that failed halfway git does not say why; one that may not begin says so in other words.
    text: /No space left on device|Disk quota exceeded|Out of diskspace|unable to write (file|new.index)/,
    code: 'disk_full',
    hint: 'Free some space and try again.',
  },
  {
    text: /Unable to create '(?<lock>[^\n]+\.lock)': File exists/,
    code: 'git_locked',
    hint: 'Another git process works here; if none does, remove that file.',
  },
  {
    text: /Permission denied|Read-only file system|insufficient permission|unable to create directory for/i,
    code: 'not_writable',
    hint: 'Check who may write to that folder.',
  },
  {
    text: /detected dubious ownership in repository/,
    code: 'dubious_ownership',
    hint: 'The folder belongs to another user. If you trust it: git config --global --add safe.directory <folder>',
  },
  {
    text: /not a git repository/i,
    code: 'not_a_repository',
    hint: 'Open a folder inside a git repository, or run `git init` and make a first commit.',
  },
  {
    text: /must be run in a work tree/,
    code: 'bare_repository',
    hint: 'Open a clone that has its files checked out.',
  },
  { text: /cannot lock ref '[^']*': reference already exists/, code: 'ref_exists' },
  {
    text: /cannot lock ref '[^']*': '[^']*' exists; cannot create/,
    code: 'branch_in_the_way',
    hint: 'No branch can be named like the beginning of another one: rename that branch, or set branches.template.',
  },
  { text: /cannot lock ref '[^']*': (is at \S+ but expected|unable to resolve reference)/, code: 'ref_moved' },
  { text: /is not a valid (branch|ref) name|refusing to update ref with bad name/, code: 'bad_branch_name' },
  { text: /a branch named '.*' already exists/, code: 'branch_exists' },
  { text: /is already (checked out|used by worktree) at/, code: 'branch_checked_out' },
  { text: /fatal: '.*' (already exists|is a missing but (already registered|locked) worktree)/, code: 'path_exists' },
  { text: /would be overwritten by (merge|checkout)|not uptodate\. Cannot merge/, code: 'would_overwrite' },
  {
    text: /failed to read \S*worktrees\/.*\/commondir/,
    code: 'worktree_busy',
    hint: 'Try again in a moment.',
  },
  { text: /Not possible to fast-forward/, code: 'not_a_fast_forward' },
  { text: /pathspec '.*' did not match any file/, code: 'no_such_path' },
  { text: /Unable to process path|short read/, code: 'file_vanished' },
  { text: /refusing to merge unrelated histories/, code: 'unrelated_histories' },
  {
    text: /You have not concluded your (merge|cherry-pick)|(Merging|Committing) is not possible because you have unmerged files/,
    code: 'merge_unfinished',
    hint: 'Finish that with `git commit` or give it up with `git merge --abort`.',
  },
  {
    text: /object file .* is empty|loose object .* is corrupt|unable to read tree|bad (tree )?object|missing (blob|tree|commit)/,
    code: 'repository_damaged',
    hint: 'Run `git fsck` to see what is damaged.',
  },
  {
    text: /not a valid object name|unknown revision|invalid reference|Needed a single revision|not something we can merge/i,
    code: 'unknown_commit',
  },
];

/** Git's complaint without its prefixes and advice, on one line. */
export function cleaned(complaint: string): string {
  const words = complaint
    .split('\n')
    .map((line) => line.replace(/^(fatal|error|warning): /, '').trim())
    .filter(
      (line) =>
        line !== '' && !/^(hint:|Aborting$|Updating [0-9a-f]+\.\.|Preparing worktree|Merge with strategy)/.test(line),
    );
  return words.join(' ').slice(0, 2000);
}

/** Makes an error of what git wrote to stderr. `what` is the subcommand: `worktree add`. */
export function gitError(what: string, complaint: string): GitError {
  for (const { text, code, hint } of sayings) {
    const match = text.exec(complaint);
    if (!match) continue;
    return new GitError(code, code === 'git_missing' ? 'git was not found' : `git ${what}: ${cleaned(complaint)}`, {
      ...(hint === undefined ? {} : { hint }),
      ...(match.groups?.lock === undefined ? {} : { lock: match.groups.lock }),
    });
  }
  return new GitError('git_failed', `git ${what}: ${cleaned(complaint) || 'failed without a word'}`);
}

/** True when `git merge` says that it moved a branch, rather than finding nothing to do. */
export const saysFastForward = (said: string): boolean => /^Updating [0-9a-f]+\.\.[0-9a-f]+$/m.test(said);

const fileErrors: Readonly<Record<string, GitErrorCode>> = {
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EACCES: 'not_writable',
  EPERM: 'not_writable',
  EROFS: 'not_writable',
};

/** Runs work on files of ours and tells a full disk and a forbidden folder as git's own are told. */
export async function withFileErrors<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = fileErrors[String((error as NodeJS.ErrnoException).code)];
    if (code === undefined) throw error;
    const hint = sayings.find((saying) => saying.code === code)?.hint;
    throw new GitError(code, messageOf(error), { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}
