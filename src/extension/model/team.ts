import type { Claim } from '../../core/model/claim.ts';
import type { Message } from '../../core/model/message.ts';
import type { Party } from '../../core/model/party.ts';
import { ClaimIndex } from './claimIndex.ts';

/** The claims of one holder, oldest first. */
export interface Holding {
  readonly holder: Party;
  /** Its title, as `Claim.title`. */
  readonly title: string;
  readonly claims: readonly Claim[];
  /** Grows whenever it differs from the one read before. */
  readonly version: number;
}

/** Every claim there is, as it was last read. */
export interface Holdings {
  /** In the order in which each began to hold something. */
  readonly byHolder: ReadonlyMap<Party, Holding>;
  readonly index: ClaimIndex;
}

/** What parties hold and what you were told. */
export interface Team {
  readonly holdings: Holdings;
  /** Messages to you: all unread ones and the newest read ones, oldest first. */
  readonly inbox: readonly Message[];
}

/** Orders claims by their holders; what is as it was before keeps its version. */
export function holdingsOf(claims: readonly Claim[], before?: Holdings): Holdings {
  const byHolder = new Map<Party, Holding>();
  for (const [holder, held] of Map.groupBy(claims, (claim) => claim.holder)) {
    const known = before?.byHolder.get(holder);
    const same = known !== undefined && isSame(known.claims, held);
    const title = held[0]?.title ?? '';
    byHolder.set(holder, { holder, title, claims: held, version: (known?.version ?? 0) + (same ? 0 : 1) });
  }
  return { byHolder, index: new ClaimIndex(claims) };
}

const isSame = (one: readonly Claim[], other: readonly Claim[]): boolean =>
  one.length === other.length &&
  one.every(
    (claim, at) => claim.id === other[at]?.id && claim.mode === other[at].mode && claim.path === other[at].path,
  );
