import { AppError } from '../base/errors.ts';
import type { OpenSwarm } from './open.ts';

/** What whoever wants to coordinate a repository does first: a damaged store is refused (`store_broken`). */
export async function readyToCoordinate({ store }: Pick<OpenSwarm, 'store'>): Promise<void> {
  const trouble = await store.check();
  if (trouble.length > 0) {
    throw new AppError('store_broken', `the store is damaged: ${trouble.join('; ')}`, {
      hint: 'Restore the file from a backup, or move its folder away to begin anew; branches and worktrees are not touched.',
    });
  }
}
