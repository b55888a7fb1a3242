import type { Clock } from '../../base/clock.ts';
import { isBusy, storeError } from './sqliteErrors.ts';

/** After this long of being busy a call fails with `store_busy`. */
const patienceMs = 10_000;

/**
 * Tries again while others keep the store busy, without blocking the process, for a bounded time. SQLite's own waiting backs off
 * and so starves whoever has waited long; here the pauses are short, by chance, and shorter for who has waited.
 */
export async function patiently<T>(
  clock: Pick<Clock, 'monotonic' | 'sleep'>,
  path: string,
  attempt: () => T,
): Promise<T> {
  // The clock is asked only by those who have to wait: a quick command does not pay for it.
  let deadline: number | undefined;
  for (let tries = 0; ; tries++) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw storeError(error, path);
      const now = clock.monotonic();
      deadline ??= now + patienceMs;
      if (now > deadline) throw storeError(error, path);
    }
    await clock.sleep(Math.random() * (tries < 20 ? 6 : 1));
  }
}
