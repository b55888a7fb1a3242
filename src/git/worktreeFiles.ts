import { availableParallelism } from 'node:os';
import { patiently } from './locks.ts';
import type { Repository } from './repository.ts';

/** How long a checkout by another process, perhaps one whose parent died, is waited for. */
const checkoutPatienceMs = 60_000;

/** Writes all files of HEAD into a worktree that nobody uses yet. */
export async function checkOutFiles(repo: Repository, worktree: string, gitDir?: string): Promise<void> {
  const config = [`checkout.workers=${Math.min(4, availableParallelism())}`];
  await patiently(
    () =>
      repo.git.exact(worktree, ['read-tree', '--reset', '-u', '--no-recurse-submodules', 'HEAD'], {
        config,
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
