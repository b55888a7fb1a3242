import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Git } from '../core/ports.ts';
import { cleaned, GitError, saysFastForward } from './errors.ts';
import { exists, gitFolder } from './gitFolder.ts';
import { adoptHalfDone } from './halfDone.ts';
import { isAncestor, resolve } from './history.ts';
import { patiently } from './locks.ts';
import type { Repository } from './repository.ts';
import { listWorktrees } from './worktreeList.ts';

type Landing = Awaited<ReturnType<Git['land']>>;

/** How often a landing looks again when a person switches branches under it. */
const rounds = 5;

/**
 * Moves the branch `target` from one commit to a later one by compare-and-swap. A checkout that has it moves along by a
 * fast-forward, with the person's own edits kept, or nothing moves. Nothing is ever pushed.
 */
export async function land(repo: Repository, target: string, from: string, to: string): Promise<Landing> {
  if (!(await isAncestor(repo, from, to))) {
    throw new GitError('not_a_fast_forward', `${to} does not contain ${from}, so ${target} cannot move there`);
  }
  for (let round = 1; ; round += 1) {
    const now = await resolve(repo, `refs/heads/${target}`);
    if (now === to) return { kind: 'landed' };
    if (now !== from) return { kind: 'moved' };
    const checkout = await checkoutOf(repo, target);
    const answer =
      checkout === undefined
        ? await moveRef(repo, target, from, to)
        : 'busy' in checkout
          ? { kind: 'refused' as const, reason: checkout.busy }
          : await fastForward(repo, checkout.folder, target, from, to);
    if (answer !== 'again') return answer;
    if (round === rounds) return { kind: 'refused', reason: `${target} is being switched to and from` };
  }
}

/** The worktree that has the branch checked out; `busy` when it is in the middle of a rebase of it. */
async function checkoutOf(
  repo: Repository,
  target: string,
): Promise<{ folder: string } | { busy: string } | undefined> {
  const scratch = await repo.scratchFolder();
  for (const { path, branch, head } of await listWorktrees(repo)) {
    if (branch === target && (await isThere(path))) return { folder: path };
    const detached = branch === undefined && !path.startsWith(scratch + sep) && !/^0+$/.test(head);
    if (detached && (await isThere(path)) && (await rebases(path, target))) {
      return { busy: `${target} is being rebased in ${path}` };
    }
  }
  return undefined;
}

const isThere = (folder: string): Promise<boolean> => exists(join(folder, '.git'));

async function rebases(worktree: string, target: string): Promise<boolean> {
  const gitDir = await gitFolder(worktree);
  for (const kind of ['rebase-merge', 'rebase-apply']) {
    const name = await readFile(join(gitDir, kind, 'head-name'), 'utf8').catch(() => '');
    if (name.trimEnd() === `refs/heads/${target}`) return true;
  }
  return false;
}

/** For a branch that is checked out nowhere. */
async function moveRef(repo: Repository, target: string, from: string, to: string): Promise<Landing | 'again'> {
  try {
    if (!(await swap(repo, target, from, to))) return { kind: 'moved' };
  } catch (error) {
    return refusal(error);
  }
  const checkout = await checkoutOf(repo, target);
  if (checkout === undefined || 'busy' in checkout) return { kind: 'landed' };
  // Somebody checked it out in between and may have the old files: bring them along, or take the move back.
  const args = ['read-tree', '-m', '-u', '--no-recurse-submodules', from, to];
  try {
    await patiently(() => repo.git.exact(checkout.folder, args));
    return { kind: 'landed' };
  } catch (error) {
    if (!(await swap(repo, target, to, from))) return { kind: 'landed' };
    return refusal(error);
  }
}

/** For a branch that is checked out in `folder`. */
async function fastForward(
  repo: Repository,
  folder: string,
  target: string,
  from: string,
  to: string,
): Promise<Landing | 'again'> {
  if ((await checkedOut(repo, folder)) !== target) return 'again';
  const args = ['merge', '--ff-only', '--no-stat', '--no-autostash', '--no-verify-signatures', to];
  let said: string;
  try {
    said = await merge(repo, folder, args, () => adoptHalfDone(repo, folder, from, to));
  } catch (error) {
    const now = await resolve(repo, `refs/heads/${target}`);
    if (now !== from) return now === to ? { kind: 'landed' } : { kind: 'moved' };
    return (await checkedOut(repo, folder)) === target ? refusal(error) : 'again';
  }
  const now = await resolve(repo, `refs/heads/${target}`);
  if (now === to || (now !== undefined && (await isAncestor(repo, to, now)))) return { kind: 'landed' };
  if (saysFastForward(said)) await takeBack(repo, folder, from, to);
  return 'again';
}

/** Runs a fast-forward; once more when `adopt` has put aside what an earlier one that was killed had left. */
async function merge(
  repo: Repository,
  folder: string,
  args: readonly string[],
  adopt: () => Promise<boolean>,
): Promise<string> {
  const run = async () => (await patiently(() => repo.git.exact(folder, args), { reclaim: [folder] })).text;
  return run().catch(async (error: unknown) => {
    if (GitError.is(error, 'would_overwrite') && (await adopt())) return run();
    throw error;
  });
}

/** The checkout was switched after we looked, and the fast-forward moved another branch that stood on the same commit. */
async function takeBack(repo: Repository, folder: string, from: string, to: string): Promise<void> {
  if ((await resolve(repo, 'HEAD', folder)) !== to) return;
  // Unlike --hard it refuses to touch a file with changes.
  await patiently(() => repo.git.exact(folder, ['reset', '--keep', '--quiet', '--no-recurse-submodules', from]));
}

/** The branch of a worktree; undefined when HEAD is detached. */
async function checkedOut(repo: Repository, folder: string): Promise<string | undefined> {
  const { code, text } = await repo.git.exact(folder, ['symbolic-ref', '--quiet', 'HEAD'], { answers: [1] });
  return code === 0 ? text.trimEnd().replace(/^refs\/heads\//, '') : undefined;
}

/** True when the branch stood on `from` and now stands on `to`. */
async function swap(repo: Repository, target: string, from: string, to: string): Promise<boolean> {
  const args = ['update-ref', '-m', 'swarm: land', `refs/heads/${target}`, to, from];
  return patiently(() => repo.git.exact(repo.root, args), { reclaim: [repo.root] }).then(
    () => true,
    (error: unknown) => {
      if (GitError.is(error, 'ref_moved')) return false;
      throw error;
    },
  );
}

const inTheWay: readonly string[] = ['would_overwrite', 'merge_unfinished', 'git_locked', 'not_writable', 'disk_full'];

function refusal(error: unknown): Landing {
  if (!(error instanceof GitError) || !inTheWay.includes(error.code)) throw error;
  return { kind: 'refused', reason: cleaned(error.message.replace(/^git [a-z-]+: /, '')) };
}
