import { availableParallelism } from 'node:os';
import { patiently } from './locks.ts';
import type { Repository } from './repository.ts';

/** How long a checkout by another process, perhaps one whose parent died, is waited for. */
const checkoutPatienceMs = 60_000;

/** Checkouts at once in one repository: more are slower on every disk that was measured. */
export const checkoutsAtOnce = 2;
/** Together they use every core and no more: on a busy machine git's own workers cost more than they bring. */
const workers = Math.max(1, Math.min(4, Math.floor(availableParallelism() / checkoutsAtOnce)));

/** Writes all files of HEAD into a worktree that nobody uses yet. */
export async function checkOutFiles(repo: Repository, worktree: string, gitDir?: string): Promise<void> {
  await patiently(
    () =>
      repo.git.exact(worktree, ['read-tree', '--reset', '-u', '--no-recurse-submodules', 'HEAD'], {
        config: [`checkout.workers=${workers}`],
        signal: repo.signal,
      }),
    { patienceMs: checkoutPatienceMs, ...(gitDir === undefined ? {} : { reclaim: [worktree, gitDir] }) },
  );
}

/** Makes the index agree with HEAD and touches no file: what differs shows as changed. */
export async function fillIndex(repo: Repository, worktree: string, gitDir: string): Promise<void> {
  await patiently(() => repo.git.exact(worktree, ['read-tree', '--reset', 'HEAD']), {
    patienceMs: checkoutPatienceMs,
    reclaim: [worktree, gitDir],
  });
  await repo.git.exact(worktree, ['update-index', '-q', '--refresh'], { answers: [1] });
}
