import type { Clock } from '../../base/clock.ts';
import { UsageError } from '../../base/errors.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Claim, ClaimAnswer, ClaimModes, ClaimOrigin, ClaimPath, RefusedClaim } from '../model/claim.ts';
import { keyOf, wantedOf } from '../model/claim.ts';
import type { ContextCategory, ContextEntry, ContextValue } from '../model/context.ts';
import { isContextKey, longestValue } from '../model/context.ts';
import type { MessageId, RandomBytes } from '../model/ids.ts';
import { newId } from '../model/ids.ts';
import type { Message, MessageKind } from '../model/message.ts';
import { bodyOf, requestText } from '../model/message.ts';
import type { Member, Party } from '../model/party.ts';
import { findMember } from '../model/party.ts';
import type { Refusal } from '../model/review.ts';
import type { News, TeamStore } from '../team.ts';

/** What the verbs of a party need of the world. */
export interface TeamWorld {
  readonly store: TeamStore;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'sleep'>;
  readonly random: RandomBytes;
  /** The setting `claims.modes`. */
  modes(): Promise<ClaimModes>;
}

/** What came of releasing. */
export interface Released {
  readonly claims: readonly Claim[];
  /** What was refused before, and is waited for no longer. */
  readonly givenUp: readonly ClaimPath[];
}

/** How many messages and entries one look brings. */
const mostNews = 100;
/** How often somebody who waits for a claim asks again, should no change be heard. */
const askMs = 1_000;

/**
 * What one party may do with the others. Behind the command line, the tools of a session and the window alike. A refusal is an
 * answer; what is wrong with the question is a UsageError.
 */
export class Teamwork {
  readonly party: Party;
  readonly #world: TeamWorld;

  constructor(world: TeamWorld, party: Party) {
    this.#world = world;
    this.party = party;
  }

  members(): Promise<readonly Member[]> {
    return this.#world.store.members();
  }

  /** All of them or none. Paths whose mode is `off` need no claim and get none. */
  async claim(paths: readonly ClaimPath[], origin: Exclude<ClaimOrigin, 'found'> = 'asked'): Promise<ClaimAnswer> {
    const { store, clock, random } = this.#world;
    const wanted = wantedOf(await this.#world.modes(), paths);
    if (wanted.length === 0) return { kind: 'claimed', claims: [], beside: [] };
    const ids = wanted.map(() => newId('claim', random));
    return store.claim({ party: this.party, paths: wanted, origin, ids, now: clock.now() });
  }

  /** As `claim`; while it is refused, waits until the files are free, `ms` at most. */
  async claimWithin(
    paths: readonly ClaimPath[],
    ms: number,
    onDidChange: (listener: () => void) => Disposable,
    signal: AbortSignal,
  ): Promise<ClaimAnswer> {
    const { clock } = this.#world;
    const until = clock.monotonic() + ms;
    for (;;) {
      const change = new AbortController();
      const listener = onDidChange(() => change.abort());
      try {
        const answer = await this.claim(paths);
        const left = until - clock.monotonic();
        if (answer.kind !== 'refused' || left <= 0 || signal.aborted) return answer;
        await clock.sleep(Math.min(left, askMs), AbortSignal.any([signal, change.signal]));
      } finally {
        listener.dispose();
      }
    }
  }

  /**
   * Ends claims of this party, or gives them to somebody (`to`): all of them when no path is given. What it was refused
   * there it wants no more. The person may end
   * what anybody holds (`of`).
   */
  async unclaim(
    paths: readonly ClaimPath[] | undefined,
    { to, of }: { readonly to?: string | undefined; readonly of?: string | undefined } = {},
  ): Promise<Released | Refusal> {
    if (of !== undefined && this.party !== 'you') return { refused: 'only the person may release what others hold' };
    const { store } = this.#world;
    const receiver = to === undefined ? undefined : (await this.#find(to)).party;
    const party = of === undefined ? this.party : (await this.#find(of)).party;
    const wanted = await store.wants(party);
    const claims = await store.unclaim({
      party,
      by: this.party,
      ...(paths === undefined ? {} : { paths }),
      ...(receiver === undefined ? {} : { to: receiver }),
      now: this.#world.clock.now(),
    });
    if ('refused' in claims) return claims;
    const isNamed = ({ kind, path }: ClaimPath) =>
      paths?.some((each) => each.kind === kind && keyOf(each.path) === keyOf(path)) ?? true;
    return { claims, givenUp: wanted.filter(isNamed) };
  }

  claims(about?: { readonly party?: Party; readonly path?: ClaimPath }): Promise<readonly Claim[]> {
    return this.#world.store.claims(about);
  }

  /** Writes to one member, by any of its names. */
  async message(to: string, body: string, kind: MessageKind = 'message'): Promise<readonly Message[] | Refusal> {
    return this.#send([(await this.#find(to)).party], body, kind);
  }

  /** Writes to everyone else who is active now. */
  async broadcast(body: string): Promise<readonly Message[] | Refusal> {
    const others = (await this.members()).filter(({ party, isActive }) => isActive && party !== this.party);
    if (others.length === 0) return { refused: 'nobody else is here' };
    return this.#send(
      others.map(({ party }) => party),
      body,
      'message',
    );
  }

  /** Answers a message to this party. */
  async reply(to: string, body: string): Promise<readonly Message[] | Refusal> {
    const message = await this.#world.store.message(to as MessageId);
    if (message === undefined || message.to !== this.party) return { refused: `there is no message ${to} to you` };
    if (message.from === 'swarm') return { refused: `${to} was told by Swarm itself; nobody would read an answer` };
    await this.markRead([message.id]);
    return this.#send([message.from], body, 'message', message.id);
  }

  /** Asks whoever holds these files for them; one message for each holder. Refused where nobody else does. */
  async askFor(path: ClaimPath, why: string): Promise<readonly Message[] | Refusal> {
    const holders = new Set((await this.claims({ path })).map(({ holder }) => holder));
    holders.delete(this.party);
    if (holders.size === 0) return { refused: `nobody else holds ${path.path}` };
    return this.#send([...holders], requestText(path, why), 'claim_request');
  }

  /** Messages to this party; reading them here does not mark them. */
  inbox({ unreadOnly, most = mostNews }: { unreadOnly: boolean; most?: number }): Promise<readonly Message[]> {
    return this.#world.store.mailbox({ party: this.party, box: 'in', unreadOnly, most });
  }

  /** What this party has sent, and whether it was read. */
  sent(most = mostNews): Promise<readonly Message[]> {
    return this.#world.store.mailbox({ party: this.party, box: 'out', unreadOnly: false, most });
  }

  unread(): Promise<number> {
    return this.#world.store.unread(this.party);
  }

  markRead(messages: readonly MessageId[]): Promise<void> {
    return this.#world.store.markRead({ party: this.party, messages, now: this.#world.clock.now() });
  }

  /** Everything new, once: afterwards it counts as seen. */
  sync(): Promise<News> {
    return this.#world.store.sync({ party: this.party, most: mostNews, now: this.#world.clock.now() });
  }

  addContext(category: ContextCategory, text: string): Promise<ContextEntry> {
    const { store, clock, random } = this.#world;
    const id = newId('context', random);
    return store.addContext({ id, author: this.party, category, text: this.#body(text), now: clock.now() });
  }

  context(most = mostNews): Promise<readonly ContextEntry[]> {
    return this.#world.store.context({ most });
  }

  /** What others have added since this party last looked, once. */
  async newContext(): Promise<readonly ContextEntry[]> {
    const { store, clock } = this.#world;
    const { context } = await store.news({ party: this.party, most: mostNews });
    await store.told({ party: this.party, news: { messages: [], context }, now: clock.now() });
    return context;
  }

  values(): Promise<readonly ContextValue[]> {
    return this.#world.store.values();
  }

  /** Sets a value that every session is told from its start; `undefined` removes it. */
  async setValue(key: string, value: string | undefined): Promise<void> {
    if (!isContextKey(key))
      throw new UsageError(`“${key}” is no name for a value`, { hint: 'Letters, digits and _ . - only, at most 64.' });
    const text = value === undefined ? undefined : this.#body(value);
    if (text !== undefined && text.length > longestValue)
      throw new UsageError(`a value has at most ${longestValue} characters: it is in the prompt of every session`);
    await this.#world.store.setValue({ key, value: text, author: this.party, now: this.#world.clock.now() });
  }

  async #find(name: string): Promise<Member> {
    const found = findMember(await this.members(), name);
    if ('refused' in found) throw new UsageError(found.refused);
    return found;
  }

  #send(
    to: readonly Party[],
    text: string,
    kind: MessageKind,
    replyTo?: MessageId,
  ): Promise<readonly Message[] | Refusal> {
    const { store, clock, random } = this.#world;
    return store.send({
      from: this.party,
      to,
      kind,
      body: this.#body(text),
      ...(replyTo === undefined ? {} : { replyTo }),
      ids: to.map(() => newId('message', random)),
      now: clock.now(),
    });
  }

  #body(text: string): string {
    const answer = bodyOf(text);
    if ('refused' in answer) throw new UsageError(answer.refused);
    return answer.body;
  }
}

/** Who holds what was refused, in words that a session or a person can act upon. */
export function refusedText(refused: readonly RefusedClaim[], now: number): string {
  return refused.map(({ wanted, by }) => `${wanted.path} is claimed by ${holderText(by, now)}.`).join('\n');
}

/** Who holds a claim, for which task and until when. */
export function holderText({ holder, title, worker, task, expiresAt }: Claim, now: number): string {
  const who = worker ? `${worker.name} ` : '';
  const what =
    task === undefined
      ? holder === 'you'
        ? 'the person'
        : `“${title}”`
      : worker
        ? `(task ${task}, “${title}”)`
        : `task ${task} (“${title}”)`;
  const until =
    expiresAt === undefined
      ? task === undefined
        ? 'until it is released'
        : 'until its work is merged or given up'
      : `while it works, at least ${Math.max(0, Math.round((expiresAt - now) / 1000))} s more`;
  return `${who}${what}, ${until}`;
}
