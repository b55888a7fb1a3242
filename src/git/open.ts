import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskId } from '../core/model/ids.ts';
import type { ChangedFile, Git } from '../core/ports.ts';
import { defaultSettings } from '../core/settings.ts';
import { canonicalPath } from './canonicalPath.ts';
import { changes, commitAll, head, mergeIn } from './commits.ts';
import { compose } from './compose.ts';
import { diff, isFolder, patch, showFile } from './diff.ts';
import { differing } from './differing.ts';
import { branches, isAncestor, landedBy, mergeBase, missing, resolve, upstream } from './history.ts';
import { land } from './landing.ts';
import { missingLfs } from './lfs.ts';
import { type Inspection, inspect, locate } from './preflight.ts';
import { fetch, followed, push, pushRemote } from './remotes.ts';
import type { Repository } from './repository.ts';
import { gitRunner } from './run.ts';
import { inScratch, sweepScratch } from './scratch.ts';
import {
  expireSnapshots,
  listSnapshots,
  restoreSnapshot,
  type Snapshot,
  showSnapshot,
  takeSnapshot,
  thinSnapshots,
} from './snapshots.ts';
import { commitStaged, stage } from './staging.ts';
import { listWorktrees, type WorktreeRecord } from './worktreeList.ts';
import { addWorktree } from './worktrees.ts';

export interface OpenOptions {
  /** The environment of git; this process's unless given. What could steer git elsewhere is taken out. */
  readonly env?: NodeJS.ProcessEnv;
  /** The setting `snapshots.maxFileMegabytes`, asked for each snapshot. */
  readonly maxSnapshotMegabytes?: () => number | Promise<number>;
  /** Where scratch worktrees are made, asked each time; `<common folder>/swarm/scratch` unless given. */
  readonly scratchFolder?: () => string | Promise<string>;
  /** How long a remote may take to answer; a minute unless given. */
  readonly remoteMs?: number;
  /** Ends checkouts, copies, snapshots and diffs when aborted; never a commit or a landing. */
  readonly signal?: AbortSignal;
}

/** A repository, with what the faces need besides the port. */
export interface Repo extends Git {
  readonly root: string;
  readonly commonDir: string;
  /** Looks at the checkout of the folder that was opened. Throws `unborn_branch`, `conflicted_checkout`. */
  inspect(): Promise<Inspection>;
  listWorktrees(): Promise<readonly WorktreeRecord[]>;
  /** Names of the local branches, the one committed to last first. */
  branches(): Promise<readonly string[]>;
  /** The content of a file in a commit; undefined when it has none of that name. */
  showFile(commit: string, path: string): Promise<Uint8Array | undefined>;
  /** The snapshots of one task, or of all, oldest first. */
  listSnapshots(task?: TaskId): Promise<readonly Snapshot[]>;
  /** One snapshot and its files beyond the commit that was checked out then. */
  showSnapshot(
    task: TaskId,
    number: number,
  ): Promise<(Snapshot & { readonly files: readonly ChangedFile[] }) | undefined>;
  /** Writes a snapshot into a new or empty folder. Throws `path_exists`. */
  restoreSnapshot(snapshot: Snapshot, folder: string): Promise<void>;
}

/**
 * Opens the repository that `folder` is in, from any subfolder or worktree. Throws `git_missing`, `git_too_old`,
 * `folder_missing`, `not_a_repository`, `bare_repository`, `dubious_ownership`.
 */
export async function openRepo(folder: string, options: OpenOptions = {}): Promise<Repo> {
  const env = options.env ?? process.env;
  const plain = gitRunner(env);
  const lfs = missingLfs(plain, folder);
  // Where there is no repository, that is what there is to say.
  lfs.catch(() => {});
  const location = await locate(plain, folder);
  const commonDir = await realpath(location.commonDir);
  const scratch = options.scratchFolder ?? (() => join(commonDir, 'swarm', 'scratch'));
  const megabytes = options.maxSnapshotMegabytes ?? (() => defaultSettings['snapshots.maxFileMegabytes']);
  const repo: Repository = {
    root: location.root,
    commonDir,
    // A worktree may lie inside the repository: once its link is gone, git would work on the checkout around it.
    git: gitRunner(env, { config: await lfs, stays: true }),
    scratchFolder: async () => canonicalPath(await scratch()),
    maxSnapshotBytes: async () => (await megabytes()) * 1024 * 1024,
    remoteMs: options.remoteMs ?? 60_000,
    signal: options.signal,
  };
  return {
    root: repo.root,
    commonDir,
    inspect: () => inspect(repo.git, location),
    resolve: (name) => resolve(repo, name),
    isAncestor: (ancestor, descendant) => isAncestor(repo, ancestor, descendant),
    mergeBase: (one, other) => mergeBase(repo, one, other),
    upstream: (branch) => upstream(repo, branch),
    missing: (from, of, most) => missing(repo, from, of, most),
    addWorktree: (request) => addWorktree(repo, request),
    listWorktrees: () => listWorktrees(repo),
    branches: () => branches(repo),
    head: (worktree) => head(repo, worktree),
    changes: (worktree) => changes(repo, worktree),
    differing: (worktree, commits) => differing(repo, worktree, commits),
    stage: (worktree, paths) => stage(repo, worktree, paths),
    commitStaged: (worktree, message) => commitStaged(repo, worktree, message),
    commitAll: (worktree, message) => commitAll(repo, worktree, message),
    mergeIn: (worktree, commit) => mergeIn(repo, worktree, commit),
    snapshot: (task, worktree, label) => takeSnapshot(repo, task, worktree, label),
    diff: (from, to) => diff(repo, from, to),
    isFolder: (commit, path) => isFolder(repo, commit, path),
    patch: (from, to) => patch(repo, from, to),
    showFile: (commit, path) => showFile(repo, commit, path),
    compose: (onto, theirs, message) => compose(repo, onto, theirs, message),
    inScratch: (commit, include, body) => inScratch(repo, commit, include, body),
    sweepScratch: (before) => sweepScratch(repo, before),
    land: (target, from, to) => land(repo, target, from, to),
    followed: (branch) => followed(repo, branch),
    pushRemote: (target) => pushRemote(repo, target),
    fetch: (remote, branch, until) => fetch(repo, remote, branch, until),
    push: (remote, branch, commit, until) => push(repo, remote, branch, commit, until),
    landedBy: (branch, commit) => landedBy(repo, branch, commit),
    thinSnapshots: (tasks) => thinSnapshots(repo, tasks),
    listSnapshots: (task) => listSnapshots(repo, task),
    showSnapshot: (task, number) => showSnapshot(repo, task, number),
    restoreSnapshot: (snapshot, into) => restoreSnapshot(repo, snapshot, into),
    expireSnapshots: (tasks, before) => expireSnapshots(repo, tasks, before),
  };
}
