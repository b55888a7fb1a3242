import { constants } from 'node:fs';
import { access, copyFile, lstat, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TakenSnapshot } from '../core/ports.ts';
import { GitError, gitError } from './errors.ts';
import type { Repository } from './repository.ts';
import { type ExactAnswer, records } from './run.ts';

type LeftOut = TakenSnapshot['leftOut'];

/** How often files are stored anew when one vanishes while git reads them. */
const attempts = 20;

interface StoredTree {
  readonly tree: string;
  readonly leftOut: LeftOut;
  /** What was checked out then; absent where nothing was committed yet. */
  readonly head?: { readonly commit: string; readonly tree: string };
}

/**
 * Stores everything in a worktree that is not ignored as a tree, untracked files and those of nested repositories too,
 * by way of an index in `scratch`: the worktree's own index, HEAD and files stay as they are. Too large or unreadable
 * files keep the state that the index has of them, if any, and are named.
 */
export async function storeTree(repo: Repository, worktree: string, scratch: string): Promise<StoredTree> {
  const index = join(scratch, 'index');
  const limit = await repo.maxSnapshotBytes();
  const git = (args: readonly string[], input = '') =>
    repo.git.exact(worktree, args, { env: { GIT_INDEX_FILE: index }, input, signal: repo.signal });
  const list = async (...kinds: string[]) => records((await git(['ls-files', '-z', '--deduplicate', ...kinds])).text);

  const stand = await standOf(repo, worktree);
  await copyIndex(stand.index, index);
  // What the index knows comes first, because an untracked file may stand where it has a folder, or the other way round.
  const modified = await store(git, worktree, await list('--modified'), limit);
  const others = await list('--others', '--exclude-standard');
  const nested = await Promise.all(others.filter(isFolder).map((folder) => filesInside(repo, worktree, folder)));
  const untracked = [...others.filter((path) => !isFolder(path)), ...nested.flatMap(({ files }) => files)];
  const added = await store(git, worktree, untracked, limit);
  return {
    tree: (await git(['write-tree'])).text.trimEnd(),
    leftOut: [...modified, ...added, ...nested.flatMap(({ damaged }) => damaged)],
    ...(stand.head === undefined ? {} : { head: stand.head }),
  };
}

const isFolder = (path: string): boolean => path.endsWith('/');

/** Where a worktree's index is, and what is checked out in it. */
async function standOf(
  repo: Repository,
  worktree: string,
): Promise<{ readonly index: string } & Pick<StoredTree, 'head'>> {
  const args = ['rev-parse', '--path-format=absolute', '--git-path', 'index', 'HEAD^{commit}', 'HEAD^{tree}'];
  const { code, text, complaint } = await repo.git.exact(worktree, args, { answers: [128] });
  const [index = '', commit = '', tree = ''] = text.split(/\r?\n/);
  if (index === '') throw gitError('rev-parse', complaint);
  // Without a first commit git fails after it has told where the index is.
  return code === 0 ? { index, head: { commit, tree } } : { index };
}

/** A copy with an index's knowledge of unchanged files, so that only changed ones are read. */
async function copyIndex(index: string, copy: string): Promise<void> {
  const found = await stat(index).catch(() => undefined);
  if (!found) return;
  await copyFile(index, copy);
  // Git reads a file again when it is not older than the index; a copy that looks newer would hide changes.
  const seconds = (Math.floor(found.mtimeMs) - 1) / 1000;
  await utimes(copy, seconds, seconds);
}

/** Puts the present state of `paths` into the index, deleted ones too; returns those that were left out. */
async function store(
  git: (args: readonly string[], input: string) => Promise<ExactAnswer>,
  worktree: string,
  paths: readonly string[],
  limit: number,
): Promise<LeftOut> {
  for (let attempt = 1; ; attempt += 1) {
    const files = await Promise.all(paths.map((path) => look(worktree, path, limit)));
    const input = files.flatMap(({ path, fits }) => (fits ? [`${path}\0`] : [])).join('');
    try {
      if (input !== '') await git(['update-index', '--add', '--remove', '-z', '--stdin'], input);
      return files.flatMap(({ path, bytes, fits }) => (fits ? [] : [{ path, bytes }]));
    } catch (error) {
      // A session that goes on writing may delete a file between the moments in which git finds and opens it.
      if (!GitError.is(error, 'file_vanished') || attempt === attempts) throw error;
      await sleep(attempt * 5);
    }
  }
}

/** Whether a file can be stored; one that is gone can: git then removes it. */
async function look(worktree: string, path: string, limit: number) {
  const file = join(worktree, path);
  const found = await lstat(file).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) return { path, bytes: 0, fits: found.code === 'ENOENT' || found.code === 'ENOTDIR' };
  if (!found.isFile()) return { path, bytes: 0, fits: found.isSymbolicLink() || found.isDirectory() };
  const readable = await access(file, constants.R_OK).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
  return { path, bytes: found.size, fits: readable && found.size <= limit };
}

/** The files of a repository inside a worktree, as it sees them itself, and of those inside it in turn. */
async function filesInside(
  repo: Repository,
  worktree: string,
  folder: string,
): Promise<{ readonly files: readonly string[]; readonly damaged: LeftOut }> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  // A damaged one must not be taken for the repository around it.
  const options = { env: { GIT_CEILING_DIRECTORIES: worktree }, signal: repo.signal };
  const listing = await repo.git.exact(join(worktree, folder), args, options).catch((error: unknown) => {
    if (error instanceof GitError) return undefined;
    throw error;
  });
  if (!listing) return { files: [], damaged: [{ path: folder, bytes: 0 }] };
  const paths = records(listing.text).map((path) => folder + path);
  const kinds = await Promise.all(paths.map((path) => lstat(join(worktree, path)).catch(() => undefined)));
  const isInner = (at: number) => kinds[at]?.isDirectory() === true;
  const inner = paths.filter((_, at) => isInner(at)).map((path) => (isFolder(path) ? path : `${path}/`));
  const deeper = await Promise.all(inner.map((path) => filesInside(repo, worktree, path)));
  return {
    files: [...paths.filter((_, at) => !isInner(at)), ...deeper.flatMap(({ files }) => files)],
    damaged: deeper.flatMap(({ damaged }) => damaged),
  };
}
