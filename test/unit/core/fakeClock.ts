import type { Clock } from '../../../src/base/clock.ts';

/** A clock that stands still until it is told to go on; its wall and its monotonic time may be moved apart. */
export interface FakeClock extends Clock {
  /** Lets time pass: wakes who sleeps, in order, and lets each do what it then does. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock forward or back, as a person or a time server does; nobody wakes. */
  jump(ms: number): void;
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export function fakeClock(): FakeClock {
  let monotonic = 1_000_000;
  let offset = 1_700_000_000_000;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  return {
    now: () => offset + monotonic,
    monotonic: () => monotonic,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { at: monotonic + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      }),
    async advance(ms) {
      const end = monotonic + ms;
      await settled();
      for (;;) {
        const next = [...sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        monotonic = Math.max(monotonic, next.at);
        next.wake();
        await settled();
      }
      monotonic = end;
    },
    jump: (ms) => {
      offset += ms;
    },
  };
}
