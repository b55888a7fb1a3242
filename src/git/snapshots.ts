import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskId } from '../core/model/ids.ts';
import type { ChangedFile, TakenSnapshot } from '../core/ports.ts';
import { diff } from './diff.ts';
import { GitError, withFileErrors } from './errors.ts';
import { resolve } from './history.ts';
import { type Repository, swarmIdentity } from './repository.ts';
import { inScratchFolder } from './scratch.ts';
import { storeTree } from './tree.ts';

const home = 'refs/swarm/snapshots/';

/** A kept state of a task's worktree. */
export interface Snapshot {
  readonly task: TaskId;
  /** Counts up from 1 within the task; numbers of dropped ones are not used again while a later one exists. */
  readonly number: number;
  readonly commit: string;
  /** Milliseconds since 1970. */
  readonly takenAt: number;
  readonly label: string;
}

/** Keeps the whole tree of a worktree on a private ref; undefined when nothing changed since the last time. */
export async function takeSnapshot(
  repo: Repository,
  task: TaskId,
  worktree: string,
  label: string,
): Promise<TakenSnapshot | undefined> {
  return inScratchFolder(repo, async (scratch) => {
    const [{ tree, leftOut, head }, last] = await Promise.all([
      withFileErrors(() => storeTree(repo, worktree, scratch)),
      lastSnapshot(repo, task),
    ]);
    if (tree === (last?.tree ?? head?.tree)) return undefined;
    const commit = await commitTree(repo, tree, head?.commit, label);
    await number(repo, `${home}${task}/`, (last?.number ?? 0) + 1, commit);
    return { commit, leftOut };
  });
}

/** Keeps a worktree's tree under `refs/swarm/kept/<name>/` before its files are replaced. */
export async function keepTree(repo: Repository, name: string, worktree: string): Promise<void> {
  await inScratchFolder(repo, async (scratch) => {
    const { tree, head } = await storeTree(repo, worktree, scratch);
    const commit = await commitTree(repo, tree, head?.commit, `what was in ${worktree}`);
    await number(repo, `refs/swarm/kept/${name}/`, 1, commit);
  });
}

/** Number and tree of a task's newest snapshot. */
async function lastSnapshot(
  repo: Repository,
  task: TaskId,
): Promise<{ readonly number: number; readonly tree: string } | undefined> {
  const args = ['--sort=-version:refname', '--count=1', '--format=%(refname) %(tree)', `${home}${task}/`];
  const { text } = await repo.git.exact(repo.root, ['for-each-ref', ...args]);
  const [ref = '', tree] = text.trimEnd().split(' ');
  return tree === undefined ? undefined : { number: Number(ref.slice(ref.lastIndexOf('/') + 1)), tree };
}

async function commitTree(repo: Repository, tree: string, parent: string | undefined, label: string): Promise<string> {
  const args = ['commit-tree', tree, ...(parent === undefined ? [] : ['-p', parent]), '-F', '-'];
  const input = `${label.replaceAll('\0', '')}\n`;
  return (await repo.git.exact(repo.root, args, { input, env: swarmIdentity })).text.trimEnd();
}

/** Makes the first free ref from `prefix + from` on; never moves one that exists. */
async function number(repo: Repository, prefix: string, from: number, commit: string): Promise<void> {
  for (let n = from; ; n += 1) {
    try {
      await repo.git.exact(repo.root, ['update-ref', `${prefix}${n}`, commit, '0'.repeat(commit.length)]);
      return;
    } catch (error) {
      if (!GitError.is(error, 'ref_exists')) throw error;
    }
  }
}

/** The snapshots of one task, or of all, each task's oldest first. */
export async function listSnapshots(repo: Repository, task?: TaskId): Promise<readonly Snapshot[]> {
  const format = '%(refname)%00%(objectname)%00%(committerdate:unix)%00%(contents:subject)';
  const args = ['for-each-ref', `--format=${format}`, task === undefined ? home : `${home}${task}/`];
  const { text } = await repo.git.exact(repo.root, args);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [ref = '', commit = '', seconds = '', label = ''] = line.split('\0');
      const [owner = '', count = ''] = ref.slice(home.length).split('/');
      return { task: owner as TaskId, number: Number(count), commit, takenAt: Number(seconds) * 1000, label };
    })
    .sort((a, b) => (a.task === b.task ? a.number - b.number : a.task < b.task ? -1 : 1));
}

/** One snapshot and what it holds beyond the commit that was checked out when it was taken; undefined when there is none. */
export async function showSnapshot(
  repo: Repository,
  task: TaskId,
  number: number,
): Promise<(Snapshot & { readonly files: readonly ChangedFile[] }) | undefined> {
  const snapshot = (await listSnapshots(repo, task)).find((one) => one.number === number);
  if (!snapshot) return undefined;
  const parent = await resolve(repo, `${snapshot.commit}^`);
  return { ...snapshot, files: parent === undefined ? [] : await diff(repo, parent, snapshot.commit) };
}

/** Writes the files of a snapshot into a folder that is new or empty. Throws `path_exists` otherwise. */
export async function restoreSnapshot(repo: Repository, snapshot: Snapshot, folder: string): Promise<void> {
  await withFileErrors(() => mkdir(folder, { recursive: true }));
  if ((await readdir(folder)).length > 0) {
    throw new GitError('path_exists', `${folder} is not empty`, { hint: 'Name a new folder: nothing is overwritten.' });
  }
  await inScratchFolder(repo, async (scratch) => {
    const args = ['read-tree', '--reset', '-u', '--no-recurse-submodules', snapshot.commit];
    await repo.git.exact(folder, args, {
      env: { GIT_DIR: repo.commonDir, GIT_WORK_TREE: folder, GIT_INDEX_FILE: join(scratch, 'index') },
      signal: repo.signal,
    });
  });
}

/** Drops all snapshots of landed tasks but the last of each. */
export async function thinSnapshots(repo: Repository, tasks: readonly TaskId[]): Promise<void> {
  const landed = new Set(tasks);
  const kept = await listSnapshots(repo, tasks.length === 1 ? tasks[0] : undefined);
  const isEarlier = ({ task }: Snapshot, at: number) => landed.has(task) && kept[at + 1]?.task === task;
  await drop(repo, kept.filter(isEarlier));
}

/** Drops the snapshots of `tasks`, which have ended, that were taken before `before` (milliseconds since 1970); returns how many. */
export async function expireSnapshots(repo: Repository, tasks: readonly TaskId[], before: number): Promise<number> {
  const ended = new Set(tasks);
  const old = (await listSnapshots(repo)).filter(({ task, takenAt }) => ended.has(task) && takenAt < before);
  await drop(repo, old);
  return old.length;
}

async function drop(repo: Repository, snapshots: readonly Snapshot[]): Promise<void> {
  if (snapshots.length === 0) return;
  const input = snapshots.map(({ task, number, commit }) => `delete ${home}${task}/${number}\0${commit}\0`).join('');
  await repo.git.exact(repo.root, ['update-ref', '--stdin', '-z'], { input });
}
