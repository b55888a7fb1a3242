import { Emitter } from '../base/event.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { OpenSwarm } from '../bridge/open.ts';
import { repoName } from '../bridge/places.ts';
import type { Seen } from './model/seen.ts';
import { seenOf } from './model/seen.ts';
import { paced } from './pace.ts';

/** VS Code waits for 200 ms of quiet after a refresh, so more of them would show less. */
const paceMs = 250;

/** One repository's store as the views need it: read after changes, at most four times a second, the first time at once. */
export class Feed implements Disposable {
  readonly #open: OpenSwarm;
  readonly #trouble: (error: unknown) => void;
  readonly #changed = new Emitter<{ readonly before: Seen | undefined; readonly after: Seen }>();
  readonly #pace = paced(paceMs, () => this.#read());
  readonly #listener: Disposable;
  readonly onDidChange = this.#changed.event;
  #disposed = false;
  latest: Seen | undefined;

  constructor(open: OpenSwarm, trouble: (error: unknown) => void) {
    this.#open = open;
    this.#trouble = trouble;
    this.#listener = open.store.onDidChange(() => this.#pace.poke());
    this.#pace.poke();
  }

  /** Reads again though the store has not changed: settings have. */
  poke(): void {
    this.#pace.poke();
  }

  dispose(): void {
    this.#disposed = true;
    this.#listener.dispose();
    this.#pace.dispose();
    this.#changed.dispose();
  }

  async #read(): Promise<void> {
    const { store, repo } = this.#open;
    try {
      const [settings, overview] = await Promise.all([this.#open.settings(), store.overview()]);
      const before = this.latest;
      const after = seenOf(store.repo, repoName(repo), overview, settings['tasks.startAfter']);
      this.latest = after;
      this.#changed.fire({ before, after });
    } catch (error) {
      // A store that is closed under a reader is no trouble.
      if (!this.#disposed) this.#trouble(error);
    }
  }
}
