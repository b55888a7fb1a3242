import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { carryOver } from './carryOver.ts';
import { withFileErrors } from './errors.ts';
import { isGone } from './gone.ts';
import { resolved } from './history.ts';
import type { Repository } from './repository.ts';
import { checkOutSubmodules } from './submodules.ts';
import { checkOutFiles } from './worktreeFiles.ts';
import { listWorktrees, overRecords } from './worktreeList.ts';

/** The last part of the name of a scratch folder in which a worktree is made. */
const forWorktree = '-tree';

/** Gives `body` an empty folder of this process, which is gone afterwards. */
export async function inScratchFolder<T>(repo: Repository, body: (folder: string) => Promise<T>): Promise<T> {
  for (const folder of await abandoned(repo, '')) await removeFolder(folder);
  return inFolderOfOwn(repo, '', body);
}

async function inFolderOfOwn<T>(repo: Repository, kind: string, body: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(await repo.scratchFolder(), `${process.pid}-${randomBytes(4).toString('hex')}${kind}`);
  await withFileErrors(() => mkdir(folder, { recursive: true }));
  try {
    return await body(folder);
  } finally {
    await removeFolder(folder);
  }
}

/** Runs `body` in a worktree of `commit` made for it, with submodules and carried files, removed afterwards. */
export async function inScratch<T>(
  repo: Repository,
  commit: string,
  include: readonly string[],
  body: (folder: string) => Promise<T>,
): Promise<T> {
  const start = await resolved(repo, commit);
  return inFolderOfOwn(repo, forWorktree, async (folder) => {
    const worktree = join(folder, basename(repo.root));
    const args = ['worktree', 'add', '--quiet', '--no-checkout', '--lock', '--detach', '--', worktree, start];
    await overRecords(repo.commonDir, () => repo.git.exact(repo.root, args));
    try {
      await checkOutFiles(repo, worktree);
      await checkOutSubmodules(repo, worktree);
      await withFileErrors(() => carryOver(repo, worktree, include));
      return await body(worktree);
    } finally {
      await removeFolder(worktree);
      await forget(repo, worktree);
    }
  });
}

/** Removes the scratch worktrees of processes that have died, each after `before` was called with its folder. */
export async function sweepScratch(repo: Repository, before: (folder: string) => Promise<unknown>): Promise<void> {
  for (const folder of await abandoned(repo, forWorktree)) {
    await before(folder);
    await removeFolder(folder);
    const worktrees = await listWorktrees(repo);
    for (const { path } of worktrees) if (path.startsWith(folder + sep)) await forget(repo, path);
  }
}

/** The scratch folders of one kind whose processes died before they could remove them. */
async function abandoned(repo: Repository, kind: string): Promise<readonly string[]> {
  const home = await repo.scratchFolder();
  const names = await readdir(home).catch(() => []);
  const found: string[] = [];
  for (const name of names) {
    const isOfKind = name === `${/^\d+-[0-9a-f]{8}/.exec(name)?.[0]}${kind}`;
    if (isOfKind && (await isGone(Number.parseInt(name, 10)))) found.push(join(home, name));
  }
  return found;
}

/** Takes a worktree of ours off git's records. Its folder is gone already, so there is nothing that force could destroy. */
async function forget(repo: Repository, worktree: string): Promise<void> {
  await repo.git.exact(repo.root, ['worktree', 'remove', '--force', '--force', '--', worktree], { answers: [128] });
}

const removeFolder = (folder: string) => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
