import { Emitter } from '../../base/event.ts';
import type { Disposable } from '../../base/lifecycle.ts';

/** While changes come one asks this much more often. */
const haste = 5;
/** One that came so long ago, as a multiple of the pause between two questions, lets expect no other one soon. */
const memory = 100;

/**
 * Tells listeners of commits: our own at once, those of others by asking for the store's version, only while somebody listens:
 * often as long as things happen, seldom when nothing has happened for a while. The timer keeps no process alive.
 */
export class Changes implements Disposable {
  readonly #emitter = new Emitter<void>();
  readonly #version: () => number | Promise<number>;
  readonly #everyMs: number;
  #listeners = 0;
  #timer: NodeJS.Timeout | undefined;
  #seen: number | undefined;
  /** When something has changed last; monotonic milliseconds. */
  #changedAt = performance.now();
  #asking = false;
  #firing = false;

  /**
   * @param version changes whenever another connection has committed; may throw, then this look is skipped.
   * @param everyMs the longest pause between two questions.
   */
  constructor(version: () => number | Promise<number>, everyMs: number) {
    this.#version = version;
    this.#everyMs = everyMs;
  }

  listen(listener: () => void): Disposable {
    const heard = this.#emitter.event(listener);
    this.#listeners++;
    if (this.#timer === undefined) {
      void this.look();
      this.#lookLater();
    }
    let listening = true;
    return {
      dispose: () => {
        heard.dispose();
        if (listening && --this.#listeners === 0) this.#rest();
        listening = false;
      },
    };
  }

  /** Something was committed by ourselves, which the version need not show. */
  committed(): void {
    if (this.#listeners > 0) this.#fire();
  }

  dispose(): void {
    this.#rest();
    this.#emitter.dispose();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#seen = undefined;
  }

  #lookLater(): void {
    const pause = Math.max(this.#everyMs / haste, (performance.now() - this.#changedAt) / memory);
    this.#timer = setTimeout(
      () => {
        this.#lookLater();
        void this.look();
      },
      Math.min(this.#everyMs, pause),
    );
    this.#timer.unref();
  }

  #fire(): void {
    this.#changedAt = performance.now();
    if (this.#firing) return;
    this.#firing = true;
    setImmediate(() => {
      this.#firing = false;
      this.#emitter.fire();
    });
  }

  /** Asks for the version now. */
  async look(): Promise<void> {
    if (this.#asking || this.#listeners === 0) return;
    this.#asking = true;
    try {
      const version = await this.#version();
      if (this.#seen !== undefined && this.#seen !== version) this.#fire();
      this.#seen = version;
    } catch {
      // The next look tells; whoever reads the store hears of the trouble itself.
    } finally {
      this.#asking = false;
    }
  }
}
