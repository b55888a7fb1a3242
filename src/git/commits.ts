import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GitError, gitError } from './errors.ts';
import { exists, gitFolder } from './gitFolder.ts';
import { isAncestor, resolve, resolved } from './history.ts';
import { patiently } from './locks.ts';
import { identity, type Repository } from './repository.ts';
import { records } from './run.ts';
import { parseStatus, type StatusEntry } from './status.ts';

/** Commit checked out in a worktree. */
export const head = (repo: Repository, worktree: string): Promise<string> => resolved(repo, 'HEAD', worktree);

/** Changed and untracked paths in a worktree, ignored ones left out. A nested repository ends with `/`. */
export async function changes(repo: Repository, worktree: string): Promise<readonly string[]> {
  return (await entries(repo, worktree)).map(({ path }) => path);
}

/** What differs from the last commit, one entry for each path. */
async function entries(repo: Repository, worktree: string): Promise<readonly StatusEntry[]> {
  const args = ['status', '--porcelain=v2', '-z', '--untracked-files=all', '--ignore-submodules=none'];
  return parseStatus((await repo.git.exact(worktree, args)).text).entries;
}

/** What is uncommitted in a worktree, with what belongs to committing it. Throws `conflicts_left` while a conflict is unsolved. */
export async function uncommitted(
  repo: Repository,
  worktree: string,
): Promise<{ readonly gitDir: string; readonly changed: readonly StatusEntry[]; readonly isMerge: boolean }> {
  const gitDir = await gitFolder(worktree);
  const [changed, added, isMerge] = await Promise.all([
    entries(repo, worktree),
    stages(repo, worktree, '--resolve-undo'),
    exists(join(gitDir, 'MERGE_HEAD')),
  ]);
  await refuseConflicts(repo, worktree, changed, added);
  return { gitDir, changed, isMerge };
}

/**
 * Commits everything uncommitted, and concludes a merge; undefined when there is nothing to commit. Nested repositories
 * stay as they are. Throws `conflicts_left` while a conflict is unsolved.
 */
export async function commitAll(repo: Repository, worktree: string, message: string): Promise<string | undefined> {
  const { gitDir, changed, isMerge } = await uncommitted(repo, worktree);
  if (changed.every(isNested) && !isMerge) return undefined;
  const lock = { reclaim: [worktree, gitDir] };
  const [env] = await Promise.all([identity(repo, worktree), addPaths(repo, worktree, everything(changed), lock)]);
  const commit = ['commit', '--quiet', '--no-verify', '--cleanup=whitespace', '-F', '-'];
  const { code, complaint, text } = await patiently(
    () => repo.git.exact(worktree, commit, { input: message, env, answers: [1] }),
    lock,
  );
  if (code === 0) return head(repo, worktree);
  // Git says so, too, of files that only looked changed: other line ends, a mode that this file system lacks.
  if (await hasNothingStaged(repo, worktree)) return undefined;
  throw gitError('commit', complaint || text);
}

const isNested = ({ path }: StatusEntry): boolean => path.endsWith('/');

/** All that is changed but nested repositories, as pathspecs. */
export const everything = (changed: readonly StatusEntry[]): readonly string[] => [
  '.',
  ...changed.filter(isNested).map(({ path }) => `:(exclude,top,literal)${path}`),
];

/** Stages the files that pathspecs match, deleted ones too. */
export async function addPaths(
  repo: Repository,
  worktree: string,
  paths: readonly string[],
  lock: { readonly reclaim: readonly string[] },
): Promise<void> {
  const add = ['add', '--all', '--pathspec-from-file=-', '--pathspec-file-nul'];
  await patiently(() => repo.git.exact(worktree, add, { input: paths.join('\0') }), lock);
}

/** True when a commit would change nothing. */
export async function hasNothingStaged(repo: Repository, worktree: string): Promise<boolean> {
  const { code } = await repo.git.exact(worktree, ['diff-index', '--cached', '--quiet', 'HEAD'], { answers: [1] });
  return code === 0;
}

/**
 * Merges `commit` into the branch of a worktree. After `conflict` the files hold the markers and the merge waits for
 * commitAll. Throws `worktree_dirty` when tracked files have changes.
 */
export async function mergeIn(
  repo: Repository,
  worktree: string,
  commit: string,
): Promise<'merged' | 'conflict' | 'up_to_date'> {
  const other = await resolved(repo, commit);
  // A crash may have come between the merge and whoever was to solve it.
  if ((await resolve(repo, 'MERGE_HEAD', worktree)) === other) return 'conflict';
  if (await isAncestor(repo, other, await head(repo, worktree))) return 'up_to_date';
  const changed = (await entries(repo, worktree)).filter(({ kind }) => kind !== 'untracked');
  if (changed.length > 0) {
    throw new GitError('worktree_dirty', `${worktree} has uncommitted changes: ${changed[0]?.path}`, {
      hint: 'Commit them first.',
    });
  }
  const gitDir = await gitFolder(worktree);
  const env = await identity(repo, worktree);
  const args = ['merge', '--quiet', '--ff', '--no-edit', '--no-stat', '--no-log', '--no-autostash', '--no-squash'];
  const flags = ['--commit', '--no-verify', '--no-verify-signatures', '--strategy=ort', other];
  // Remembered solutions would be filled in unseen, and by several sessions at once.
  const options = { env, config: ['rerere.enabled=false'], answers: [1] };
  const { code, complaint, text } = await patiently(() => repo.git.exact(worktree, [...args, ...flags], options), {
    reclaim: [worktree, gitDir],
  });
  if (code === 0) return 'merged';
  if ((await resolve(repo, 'MERGE_HEAD', worktree)) !== undefined) return 'conflict';
  throw gitError('merge', complaint || text);
}

const marker = /^(<{7}|>{7}) /m;
const plainText = /^100/;

type Stages = ReadonlyMap<string, ReadonlyMap<number, string>>;

/**
 * Throws while a file that was in conflict is unsolved: unmerged without a content that settles it, or with markers.
 * `added` are the paths that were in conflict and have been added since.
 */
async function refuseConflicts(
  repo: Repository,
  worktree: string,
  changed: readonly StatusEntry[],
  added: Stages,
): Promise<void> {
  const unsolved: string[] = [];
  const isUnmerged = changed.some(({ kind }) => kind === 'unmerged');
  const unmerged: Stages = isUnmerged ? await stages(repo, worktree, '--unmerged') : new Map();
  for (const [path, modes] of unmerged) {
    // Text on both sides: an edited file without markers is the solution. One side deleted it, or it is a link: only `git add` or `git rm` tells.
    const settles = modes.has(2) && modes.has(3) && [...modes.values()].every((mode) => plainText.test(mode));
    if (!settles || (await hasMarkers(worktree, path, true))) unsolved.push(path);
  }
  for (const path of added.keys()) {
    if (!unmerged.has(path) && (await hasMarkers(worktree, path, false))) unsolved.push(path);
  }
  if (unsolved.length === 0) return;
  throw new GitError('conflicts_left', `conflicts are left in ${unsolved.join(', ')}`, {
    hint: 'Solve them, remove the markers and `git add` the files.',
  });
}

/** The paths in conflict, or that were and have been added since, with the file modes of base (1), ours (2), theirs (3). */
async function stages(repo: Repository, worktree: string, which: '--unmerged' | '--resolve-undo'): Promise<Stages> {
  const { text } = await repo.git.exact(worktree, ['ls-files', '-z', which]);
  const found = new Map<string, Map<number, string>>();
  for (const record of records(text)) {
    const tab = record.indexOf('\t');
    const [mode = '', , stage = ''] = record.slice(0, tab).split(' ');
    const path = record.slice(tab + 1);
    found.set(path, (found.get(path) ?? new Map<number, string>()).set(Number(stage), mode));
  }
  return found;
}

/** True when the file has conflict markers; `doubtful` is the answer for one that is gone or is not text. */
async function hasMarkers(worktree: string, path: string, doubtful: boolean): Promise<boolean> {
  const content = await readFile(join(worktree, path)).catch(() => undefined);
  if (!content || content.includes(0)) return doubtful;
  return marker.test(content.toString('utf8'));
}
