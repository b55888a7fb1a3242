import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve as resolvePath } from 'node:path';
import type { WorktreeRequest } from '../core/ports.ts';
import { canonicalPath } from './canonicalPath.ts';
import { carryOver } from './carryOver.ts';
import { GitError, gitError, withFileErrors } from './errors.ts';
import { exists, linkedGitFolder } from './gitFolder.ts';
import { resolve } from './history.ts';
import { outwaitLocks, patiently } from './locks.ts';
import type { Repository } from './repository.ts';
import { keepTree } from './snapshots.ts';
import { checkOutSubmodules } from './submodules.ts';
import { inTurn } from './turns.ts';
import { checkOutFiles, checkoutsAtOnce, fillIndex } from './worktreeFiles.ts';
import { listWorktrees, overRecords, recordMs, type WorktreeRecord } from './worktreeList.ts';

/** How long the git of a process that died is given to finish what it does to the same worktree. */
const busyMs = 10_000;
/** Git's lock reason of a worktree of ours until it has all its files, so that a crash in between is seen. */
const preparing = 'being prepared by Swarm';

interface AddedWorktree {
  /** False when it was there already. */
  readonly created: boolean;
  /** The ignored files that were copied into it. */
  readonly carried: readonly string[];
}

/**
 * Creates the worktree of a task's branch, or finds it. What a crash left half-made is finished, a record or link that
 * was lost is restored, and files that stand there are never lost. Throws `branch_exists` for a branch that is not
 * the task's, `path_exists` for a folder that is not, `branch_checked_out` when another worktree has the branch.
 */
export async function addWorktree(repo: Repository, request: WorktreeRequest): Promise<AddedWorktree> {
  const turns = join(repo.commonDir, 'swarm', 'turns');
  let asked = request;
  // What was made before something else was in the way is known again as the task's own.
  const made = () => {
    asked = { ...request, mine: true };
  };
  const work = () => withFileErrors(() => add(repo, asked, made));
  return withFileErrors(() => inTurn(turns, checkoutsAtOnce, () => patiently(work, { patienceMs: busyMs })));
}

async function add(repo: Repository, request: WorktreeRequest, made: () => void): Promise<AddedWorktree> {
  const { branch, mine, include } = request;
  const path = await canonicalPath(request.path);
  // What is in the way of a new branch git finds out by itself.
  const [tip, known] = mine ? await Promise.all([resolve(repo, `refs/heads/${branch}`), listWorktrees(repo)]) : [];
  const record = known && (await soundRecord(repo, path, known, branch));
  if (!record) {
    const parent = dirname(path);
    if (await isFile(parent)) throw pathExists(parent, 'and is no folder');
    if (!(await isVacant(path))) throw pathExists(path);
    await create(repo, path, request, tip);
    made();
  } else if (record.hasFolder && record.locked !== preparing) {
    await relink(record);
    const locks = [join(record.gitDir, 'index.lock'), join(record.gitDir, 'HEAD.lock')];
    await outwaitLocks([...locks, join(repo.commonDir, 'refs', 'heads', `${branch}.lock`)], [path, repo.root]);
    if (!record.hasIndex) await fillIndex(repo, path, record.gitDir);
    return { created: false, carried: [] };
  } else {
    if (record.locked === undefined) {
      await repo.git.exact(repo.root, ['worktree', 'lock', '--reason', preparing, '--', path]);
    }
    await relink(record);
    await keepModified(repo, record);
  }
  await checkOutFiles(repo, path, record?.gitDir);
  await checkOutSubmodules(repo, path);
  const carried = await carryOver(repo, path, include);
  await unlock(path);
  return { created: true, carried };
}

/** The worktree is ready; a process that lost the task may have found that too. The lock is a file by gitrepository-layout(5). */
async function unlock(path: string): Promise<void> {
  const gitDir = await linkedGitFolder(path);
  if (gitDir !== undefined) await rm(join(gitDir, 'locked'), { force: true });
}

const pathExists = (path: string, why = 'and is not the worktree of this task') =>
  new GitError('path_exists', `${path} exists already ${why}`, { hint: 'Move it away or change worktrees.folder.' });

async function create(
  repo: Repository,
  path: string,
  { branch, base, mine }: WorktreeRequest,
  tip: string | undefined,
): Promise<void> {
  // Git hands these on to another git, which would take them for options.
  if (branch.startsWith('-')) throw gitError('worktree add', `'${branch}' is not a valid branch name`);
  if (base.startsWith('-')) throw gitError('worktree add', `invalid reference: ${base}`);
  const place = tip === undefined ? ['--no-track', '-b', branch, '--', path, base] : ['--', path, branch];
  const args = ['worktree', 'add', '--quiet', '--no-checkout', '--lock', '--reason', preparing, ...place];
  const make = () =>
    repo.git.exact(repo.root, args).catch(async (error: unknown) => {
      const raced = error instanceof GitError && ['branch_exists', 'path_exists'].includes(error.code);
      if (raced && mine) throw busy(path, error);
      if (GitError.is(error, 'branch_exists')) throw branchExists(branch, error);
      if (tip === undefined && !raced) {
        // Git has made the branch by then; left behind it would look like a stranger's. It holds nothing but its start.
        await repo.git.exact(repo.root, ['update-ref', '-d', `refs/heads/${branch}`, base], { answers: [1, 128] });
      }
      throw error;
    });
  await overRecords(repo.commonDir, make);
}

const branchExists = (branch: string, cause: unknown) =>
  new GitError('branch_exists', `there is a branch ${branch} already, and it is not this task’s`, {
    hint: 'Rename it or change the branch template.',
    cause,
  });

const busy = (path: string, cause?: unknown) =>
  new GitError('worktree_busy', `another process is at work on ${path}`, { hint: 'Try again in a moment.', cause });

interface SoundRecord extends WorktreeRecord {
  /** The worktree's own folder inside the common one. */
  readonly gitDir: string;
  readonly hasFolder: boolean;
  readonly hasIndex: boolean;
}

/** Git's record of the worktree, put right if need be; undefined when `known` has none and there is none to restore. */
async function soundRecord(
  repo: Repository,
  path: string,
  known: readonly WorktreeRecord[],
  branch: string,
): Promise<SoundRecord | undefined> {
  const elsewhere = known.find((one) => one.branch === branch && one.path !== path);
  if (elsewhere) {
    throw new GitError('branch_checked_out', `${branch} is checked out in ${elsewhere.path}`, {
      hint: 'Switch that worktree to another branch, or run `git worktree prune` when its folder is gone.',
    });
  }
  let record = known.find((one) => one.path === path);
  if (record && isDamaged(record)) {
    const gitDir = await gitDirOf(repo, path);
    if (Date.now() - (await stat(gitDir)).mtimeMs < recordMs) throw busy(path);
    await setAside(repo, gitDir);
    record = undefined;
  }
  const link = await linkedGitFolder(path);
  if (!record && link !== undefined && dirname(link) === join(repo.commonDir, 'worktrees')) {
    await writeRecord(repo, path, branch);
    record = (await listWorktrees(repo)).find((one) => one.path === path);
  }
  if (!record) return undefined;
  if (record.branch !== branch) throw pathExists(path, `and has ${record.branch ?? 'no branch'} checked out`);
  const gitDir = await gitDirOf(repo, path);
  return { ...record, gitDir, hasFolder: await exists(path), hasIndex: await exists(join(gitDir, 'index')) };
}

/** Git shows a record whose HEAD was never written, or was lost, without branch and commit. */
const isDamaged = (record: WorktreeRecord) => record.branch === undefined && /^0+$/.test(record.head);

/** The folder inside the common one that git keeps for a worktree. */
async function gitDirOf(repo: Repository, path: string): Promise<string> {
  const home = join(repo.commonDir, 'worktrees');
  for (const name of await readdir(home)) {
    const link = await readFile(join(home, name, 'gitdir'), 'utf8').catch(() => '');
    if (resolvePath(home, name, link.trimEnd()) === join(path, '.git')) return join(home, name);
  }
  throw new GitError('repository_damaged', `git’s record of the worktree ${path} is incomplete`, {
    hint: `Look into ${home}.`,
  });
}

/** Writes a record for a folder that lost its own, in the layout of gitrepository-layout(5); git offers no command for it. */
async function writeRecord(repo: Repository, path: string, branch: string): Promise<void> {
  const gitDir = join(repo.commonDir, 'worktrees', `${basename(path)}-${randomBytes(3).toString('hex')}`);
  await mkdir(gitDir, { recursive: true });
  await writeFile(join(gitDir, 'commondir'), '../..\n');
  await writeFile(join(gitDir, 'HEAD'), `ref: refs/heads/${branch}\n`);
  await writeFile(join(gitDir, 'gitdir'), `${join(path, '.git')}\n`);
}

/** Moves a damaged record out of git's sight, with whatever it still holds. */
async function setAside(repo: Repository, gitDir: string): Promise<void> {
  const home = join(repo.commonDir, 'swarm', 'damaged');
  await mkdir(home, { recursive: true });
  await rename(gitDir, join(home, `${basename(gitDir)}-${randomBytes(3).toString('hex')}`));
}

/** Makes the worktree's folder point at its record. */
async function relink({ path, gitDir }: SoundRecord): Promise<void> {
  await mkdir(path, { recursive: true });
  if ((await linkedGitFolder(path)) !== gitDir) await writeFile(join(path, '.git'), `gitdir: ${gitDir}\n`);
}

/** Keeps what stands in a half-made worktree and differs from its commit, before the checkout is done anew. */
async function keepModified(repo: Repository, { path, gitDir, branch = '' }: SoundRecord): Promise<void> {
  if ((await readdir(path)).every((name) => name === '.git')) return;
  await fillIndex(repo, path, gitDir);
  const args = ['diff-files', '--name-only', '-z', '--diff-filter=MT', '--ignore-submodules=all'];
  if ((await repo.git.exact(path, args)).text !== '') await keepTree(repo, branch, path);
}

/** True when nothing stands at `path`, or an empty folder. */
async function isVacant(path: string): Promise<boolean> {
  return readdir(path).then(
    (names) => names.length === 0,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
