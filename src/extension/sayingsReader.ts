import type { Store } from '../core/store.ts';
import type { Sayings } from './model/said.ts';
import { hear } from './model/said.ts';

/** How far back is looked the first time: as many events as a busy repository has in an hour or so. */
const lookBack = 5_000;
const page = 1_000;

/** Follows what sessions say of themselves. */
export class SayingsReader {
  readonly #store: Pick<Store, 'eventsAfter'>;
  #seq: number | undefined;
  latest: Sayings = new Map();

  constructor(store: Pick<Store, 'eventsAfter'>) {
    this.#store = store;
  }

  /** Reads on up to the event of that number. */
  async read(until: number): Promise<Sayings> {
    let seq = this.#seq ?? Math.max(0, until - lookBack);
    while (seq < until) {
      const events = await this.#store.eventsAfter(seq, page);
      this.latest = hear(this.latest, events);
      seq = events.at(-1)?.seq ?? until;
    }
    this.#seq = seq;
    return this.latest;
  }
}
