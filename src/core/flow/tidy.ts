import { hasEnded } from '../model/task.ts';
import type { Git } from '../ports.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store.ts';

const dayMs = 86_400_000;

export interface TidyWorld {
  readonly store: Pick<Store, 'overview'>;
  readonly git: Pick<Git, 'thinSnapshots' | 'expireSnapshots'>;
}

/**
 * Lets go of snapshots that nobody needs any more: of landed work all but the last, of what ended long ago all that are old.
 * May be cut short anywhere and done again. `now` is milliseconds since 1970.
 */
export async function tidy(
  { store, git }: TidyWorld,
  settings: Pick<Settings, 'snapshots.retentionDays'>,
  now: number,
): Promise<void> {
  const before = now - settings['snapshots.retentionDays'] * dayMs;
  const ended = (await store.overview()).tasks.filter((task) => hasEnded(task.state));
  const landed = ended.filter((task) => task.state === 'merged');
  const old = ended.filter((task) => task.updatedAt < before);
  if (landed.length > 0) await git.thinSnapshots(landed.map(({ id }) => id));
  const expired = old.map(({ id }) => id);
  if (expired.length > 0) await git.expireSnapshots(expired, before);
}
