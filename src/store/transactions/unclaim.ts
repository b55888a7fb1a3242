import type { Claim, ClaimPath } from '../../core/model/claim.ts';
import { covers, keyOf, mostClaims } from '../../core/model/claim.ts';
import type { Party } from '../../core/model/party.ts';
import { isTask } from '../../core/model/party.ts';
import type { Refusal } from '../../core/model/review.ts';
import { plain, type Tx } from '../transaction.ts';
import { append } from './events.ts';
import { endSilentGuests } from './guests.ts';
import { notify } from './messages.ts';
import { describe, judgeClaim, type Live } from './overlapping.ts';
import { absent, titleOf } from './parties.ts';
import { claimsOf, endClaims, listed, waitNoLonger } from './release.ts';
import { next, type RepoScope } from './scope.ts';
import { forget, waitsOf } from './waits.ts';

interface Unclaim {
  readonly party: Party;
  readonly paths?: readonly ClaimPath[];
  readonly by: Party;
  readonly to?: Party;
  readonly now: number;
}

/** See `TeamStore.unclaim`. */
export function* unclaim(scope: RepoScope, args: Unclaim): Tx<readonly Claim[] | Refusal> {
  const { party, paths, by, to, now } = args;
  if (by !== party && by !== 'you') return { refused: 'these claims are not yours' };
  yield* endSilentGuests(scope, now);
  const named = paths && new Set(paths.map(nameOfPath));
  const claims = (yield* claimsOf(scope, party)).filter((each) => named === undefined || named.has(nameOfPath(each)));
  if (to !== undefined && to !== party) {
    const given = yield* handOver(scope, claims, { ...args, to });
    if (!('refused' in given)) yield* giveUp(scope, party, named);
    return given;
  }
  yield* giveUp(scope, party, named);
  const full = yield* describe(scope, claims, now);
  if (to === undefined) {
    const who = yield* titleOf(scope, by);
    yield* endClaims(scope, claims, { holder: party, why: `released by ${who}`, now });
    if (by !== party && claims.length > 0) {
      yield* notify(scope, party, `The person has released your claim on ${listed(claims)}.`, now);
    }
  }
  return [...full.values()];
}

/** What it was refused there it wants no more. */
function* giveUp(scope: RepoScope, party: Party, named: ReadonlySet<string> | undefined): Tx<void> {
  if (named === undefined) return yield* forget(scope, party, 'party');
  for (const wait of yield* waitsOf(scope, party, 'party')) {
    if (!named.has(nameOfPath(wait))) continue;
    yield* plain(
      `delete from claim_waits where repo = ? and party = ? and wanted_by = 'party' and kind = ? and key = ?`,
      scope.repo,
      party,
      wait.kind,
      wait.key,
    );
  }
}

const nameOfPath = ({ kind, path }: ClaimPath): string => `${kind} ${keyOf(path)}`;

/** Gives claims to somebody else, all or none. */
function* handOver(
  scope: RepoScope,
  claims: readonly Live[],
  { party, by, to, now }: Unclaim & { readonly to: Party },
): Tx<readonly Claim[] | Refusal> {
  const refusal = yield* absent(scope, to, now);
  if (refusal !== undefined) return refusal;
  const theirs = yield* claimsOf(scope, to);
  const needed = claims.filter((each) => !theirs.some((have) => covers(have, each)));
  if (theirs.length + needed.length > mostClaims) return { refused: `nobody may hold more than ${mostClaims} claims` };
  for (const each of needed) {
    const { blocking } = yield* judgeClaim(scope, to, each);
    const other = blocking.find(({ id }) => !claims.some((given) => given.id === id));
    if (other !== undefined) {
      return { refused: `${each.path} is claimed by ${yield* titleOf(scope, other.holder)}, too` };
    }
  }
  if (claims.length === 0) return [];
  for (const { id, kind, path } of claims) {
    const { repo } = scope;
    const key = keyOf(path);
    if (!needed.some((each) => each.id === id)) {
      yield* plain('delete from claims where repo = ? and id = ?', repo, id);
      continue;
    }
    yield* plain('delete from claims where repo = ? and holder = ? and kind = ? and key = ?', repo, to, kind, key);
    yield* plain(
      `update claims set holder = ?, origin = 'asked', claimed_at = ? where repo = ? and id = ?`,
      to,
      now,
      repo,
      id,
    );
  }
  yield* waitNoLonger(scope, to, claims);
  yield* next(scope, 'claim');
  const [giver, taker] = [yield* titleOf(scope, party), yield* titleOf(scope, to)];
  const task = isTask(party) ? party : isTask(to) ? to : undefined;
  yield* append(scope, {
    kind: 'claim.handed_over',
    at: now,
    task,
    text: `${listed(claims)}: from ${giver} to ${taker}`,
  });
  yield* notify(scope, to, `${by === party ? giver : 'The person'} has given you the claim on ${listed(claims)}.`, now);
  if (by !== party) {
    yield* notify(scope, party, `The person has given your claim on ${listed(claims)} to ${taker}.`, now);
  }
  const full = yield* describe(scope, needed, now);
  return [...full.values()];
}
