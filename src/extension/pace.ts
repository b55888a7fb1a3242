import type { Disposable } from '../base/lifecycle.ts';

/** Runs something after each poke, at once when it can, but never twice within a time and never overlapping itself. */
export interface Pace extends Disposable {
  poke(): void;
}

/** `run` must not reject. */
export function paced(ms: number, run: () => Promise<void>): Pace {
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let again = false;
  let disposed = false;
  const go = async () => {
    running = true;
    again = false;
    const began = performance.now();
    await run();
    timer = setTimeout(
      () => {
        timer = undefined;
        running = false;
        if (again && !disposed) void go();
      },
      Math.max(0, ms - (performance.now() - began)),
    );
  };
  return {
    poke() {
      if (disposed) return;
      again = true;
      if (!running) void go();
    },
    dispose() {
      disposed = true;
      clearTimeout(timer);
    },
  };
}
