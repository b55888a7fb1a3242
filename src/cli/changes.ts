import { systemClock } from '../base/clock.ts';
import type { Store } from '../core/store.ts';

/** How often one looks although no change was heard: time passes, too. */
const atLeastEveryMs = 1_000;
/** Changes come in bursts. */
const atMostEveryMs = 50;

/** Yields at once, then after each change of the store and at least every second, until aborted. */
export async function* changesOf(store: Pick<Store, 'onDidChange'>, signal: AbortSignal): AsyncGenerator<void> {
  while (!signal.aborted) {
    const change = new AbortController();
    const listener = store.onDidChange(() => change.abort());
    try {
      const next = systemClock.monotonic() + atMostEveryMs;
      yield;
      await systemClock.sleep(atLeastEveryMs, AbortSignal.any([signal, change.signal]));
      await systemClock.sleep(Math.max(0, next - systemClock.monotonic()), signal);
    } finally {
      listener.dispose();
    }
  }
}
