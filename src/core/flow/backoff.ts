/** Remembers what failed and how long to leave it alone: twice as long each time, up to a limit. */
export class Backoff<Key> {
  readonly #failures = new Map<Key, { readonly times: number; readonly until: number }>();
  readonly #firstMs: number;
  readonly #mostMs: number;

  constructor({ firstMs, mostMs }: { readonly firstMs: number; readonly mostMs: number }) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
  }

  /** Whether the time of its last failure is over; `now` is monotonic milliseconds. */
  mayTry(key: Key, now: number): boolean {
    return now >= (this.#failures.get(key)?.until ?? 0);
  }

  failed(key: Key, now: number): void {
    const times = (this.#failures.get(key)?.times ?? 0) + 1;
    const waitMs = Math.min(this.#mostMs, this.#firstMs * 2 ** (times - 1));
    this.#failures.set(key, { times, until: now + waitMs });
  }

  succeeded(key: Key): void {
    this.#failures.delete(key);
  }
}
