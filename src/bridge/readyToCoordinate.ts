import { AppError } from '../base/errors.ts';
import { hasEnded } from '../core/model/task.ts';
import type { OpenSwarm } from './open.ts';

const dayMs = 86_400_000;

/**
 * What whoever wants to coordinate a repository does first: a damaged store is refused (`store_broken`), and snapshots of
 * tasks that ended long ago are let go. `now` is milliseconds since 1970.
 */
export async function readyToCoordinate(
  { store, git, settings }: Pick<OpenSwarm, 'store' | 'git' | 'settings'>,
  now: number,
): Promise<void> {
  const trouble = await store.check();
  if (trouble.length > 0) {
    throw new AppError('store_broken', `the store is damaged: ${trouble.join('; ')}`, {
      hint: 'Restore the file from a backup, or move its folder away to begin anew; branches and worktrees are not touched.',
    });
  }
  const before = now - (await settings())['snapshots.retentionDays'] * dayMs;
  const ended = (await store.overview()).tasks.filter((task) => hasEnded(task.state) && task.updatedAt < before);
  await git.expireSnapshots(
    ended.map((task) => task.id),
    before,
  );
}
