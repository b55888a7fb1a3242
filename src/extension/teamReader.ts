import type { Overview } from '../core/model/snapshot.ts';
import type { TeamStore } from '../core/team.ts';
import type { Team } from './model/team.ts';
import { holdingsOf } from './model/team.ts';

/** Unread messages that are shown at most. */
const mostUnread = 500;
/** Read messages that are shown at most. */
const mostEarlier = 50;

type Changes = Overview['changes'];

/** Reads claims and messages, each only when it has changed. */
export class TeamReader {
  readonly #store: Pick<TeamStore, 'claims' | 'mailbox'>;
  #read: Partial<Changes> = {};
  latest: Team | undefined;

  constructor(store: Pick<TeamStore, 'claims' | 'mailbox'>) {
    this.#store = store;
  }

  /** Whether there is more to know than what was read. */
  isBehind({ claims, messages }: Changes): boolean {
    return claims !== this.#read.claims || messages !== this.#read.messages;
  }

  /** Reads what is older than these changes. */
  async read({ claims, messages }: Changes): Promise<Team> {
    const known = this.latest;
    const team: Team = {
      holdings:
        known && claims === this.#read.claims
          ? known.holdings
          : holdingsOf(await this.#store.claims(), known?.holdings),
      inbox: known && messages === this.#read.messages ? known.inbox : await this.#inbox(),
    };
    this.#read = { claims, messages };
    this.latest = team;
    return team;
  }

  async #inbox(): Promise<Team['inbox']> {
    const mine = { party: 'you', box: 'in' } as const;
    const unread = await this.#store.mailbox({ ...mine, unreadOnly: true, most: mostUnread });
    const newest = await this.#store.mailbox({ ...mine, unreadOnly: false, most: mostEarlier + unread.length });
    const earlier = newest.filter(({ readAt }) => readAt !== undefined).slice(-mostEarlier);
    return [...earlier, ...unread].toSorted((one, other) => one.seq - other.seq);
  }
}
