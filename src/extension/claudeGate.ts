import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../base/errors.ts';
import { Emitter } from '../base/event.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { Readiness } from '../claude/readiness.ts';

const askAgainMs = 3_000;

/** Asks whether sessions can be started now. */
export type AskReadiness = () => Promise<Readiness>;

/**
 * Whether Claude Code is ready for sessions in one repository. As long as work waits for it and it is not, it is asked
 * again and again; the person is told once, by whoever hears `onDidBlock`.
 */
export class ClaudeGate implements Disposable {
  readonly #ask: AskReadiness;
  readonly #pauseMs: number;
  readonly #changed = new Emitter<Readiness>();
  readonly #blocked = new Emitter<Readiness>();
  readonly #ended = new AbortController();
  readonly onDidChange = this.#changed.event;
  /** Work waits and cannot start; fires once for each obstacle. */
  readonly onDidBlock = this.#blocked.event;
  #asking: Promise<Readiness> | undefined;
  #waiting: Promise<void> | undefined;
  #isWanted = false;
  #latest: Readiness | undefined;

  /** `pauseMs`: how long it waits before it asks again. */
  constructor(ask: AskReadiness, pauseMs: number = askAgainMs) {
    this.#ask = ask;
    this.#pauseMs = pauseMs;
  }

  /** What was last known; undefined before it was ever asked. */
  get latest(): Readiness | undefined {
    return this.#latest;
  }

  get isReady(): boolean {
    return this.#latest?.state === 'ready';
  }

  /** Asks now. A question that cannot be asked at all counts as a Claude that is missing. */
  look(): Promise<Readiness> {
    this.#asking ??= this.#ask()
      .catch((error: unknown): Readiness => ({ state: 'missing', text: messageOf(error) }))
      .then((found) => {
        this.#asking = undefined;
        const before = this.#latest;
        this.#latest = found;
        if (before?.state !== found.state || before.text !== found.text) this.#changed.fire(found);
        return found;
      });
    return this.#asking;
  }

  /** Work waits for Claude: as `wait`, and whoever hears `onDidBlock` is told what stands in the way. */
  want(): Promise<void> {
    this.#isWanted = true;
    return this.wait();
  }

  /** Looks again and again; resolves when it is ready. */
  async wait(): Promise<void> {
    if (!this.isReady) this.#waiting ??= this.#untilReady();
    await this.#waiting;
  }

  async #untilReady(): Promise<void> {
    let told: Readiness['state'] | undefined;
    while (!this.#ended.signal.aborted) {
      const found = await this.look();
      if (found.state === 'ready') break;
      if (this.#isWanted && found.state !== told) {
        told = found.state;
        this.#blocked.fire(found);
      }
      await sleep(this.#pauseMs, undefined, { signal: this.#ended.signal }).catch(() => {});
    }
    this.#waiting = undefined;
    this.#isWanted = false;
  }

  /** What was known may no longer hold: a setting has changed, a session could not start. */
  forget(): void {
    this.#latest = undefined;
  }

  dispose(): void {
    this.#ended.abort();
    this.#changed.dispose();
    this.#blocked.dispose();
  }
}
