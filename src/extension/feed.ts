import { setTimeout as sleep } from 'node:timers/promises';
import { Emitter } from '../base/event.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { OpenSwarm } from '../bridge/open.ts';
import { repoName } from '../bridge/places.ts';
import type { Seen } from './model/seen.ts';
import { seenOf } from './model/seen.ts';
import { paced } from './pace.ts';
import { SayingsReader } from './sayingsReader.ts';
import { TeamReader } from './teamReader.ts';

/** VS Code waits for 200 ms of quiet after a refresh, so more of them would show less. */
const paceMs = 250;
/** Claims may be thousands, so they are read apart from the rest, less often, and for a twentieth of the time at most. */
const teamPaceMs = 500;
const restPerRead = 19;

/** One repository's store as the views need it: read after changes, at most four times a second, the first time at once. Claims and messages follow when they have changed. */
export class Feed implements Disposable {
  readonly #open: OpenSwarm;
  readonly #trouble: (error: unknown) => void;
  readonly #changed = new Emitter<{ readonly before: Seen | undefined; readonly after: Seen }>();
  readonly #pace = paced(paceMs, () => this.#read());
  readonly #teamPace = paced(teamPaceMs, () => this.#readTeam());
  readonly #team: TeamReader;
  readonly #sayings: SayingsReader;
  readonly #listener: Disposable;
  readonly onDidChange = this.#changed.event;
  #disposed = false;
  latest: Seen | undefined;

  constructor(open: OpenSwarm, trouble: (error: unknown) => void) {
    this.#open = open;
    this.#trouble = trouble;
    this.#team = new TeamReader(open.store);
    this.#sayings = new SayingsReader(open.store);
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
    this.#teamPace.dispose();
    this.#changed.dispose();
  }

  async #read(): Promise<void> {
    const { store, repo } = this.#open;
    await this.#unlessClosed(async () => {
      const [settings, overview] = await Promise.all([this.#open.settings(), store.overview()]);
      const sayings = await this.#sayings.read(overview.seq);
      const { latest: team } = this.#team;
      const marksClaims = settings['decorations.claims'];
      this.#show(
        seenOf(store.repo, repoName(repo), overview, settings['tasks.startAfter'], { team, sayings, marksClaims }),
      );
      if (this.#team.isBehind(overview.changes)) this.#teamPace.poke();
    });
  }

  async #readTeam(): Promise<void> {
    await this.#unlessClosed(async () => {
      const changes = this.latest?.overview.changes;
      if (!changes || !this.#team.isBehind(changes)) return;
      const began = performance.now();
      const team = await this.#team.read(changes);
      const took = performance.now() - began;
      // The rest may have been read again meanwhile.
      if (this.latest) this.#show({ ...this.latest, team });
      await sleep(restPerRead * took, undefined, { ref: false });
    });
  }

  #show(after: Seen): void {
    const before = this.latest;
    this.latest = after;
    this.#changed.fire({ before, after });
  }

  /** A store that is closed under a reader is no trouble. */
  async #unlessClosed(read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!this.#disposed) this.#trouble(error);
    }
  }
}
