import type { ClaimPath } from '../../core/model/claim.ts';
import { keyOf } from '../../core/model/claim.ts';
import type { TaskId } from '../../core/model/ids.ts';
import type { Party } from '../../core/model/party.ts';
import { isTask } from '../../core/model/party.ts';
import { plain, type Tx } from '../transaction.ts';
import { append } from './events.ts';
import { notify } from './messages.ts';
import { judgeClaim, type Live, type Wait, waitsOn } from './overlapping.ts';
import { next, type RepoScope } from './scope.ts';

const most = 5;

/** Paths for people: the first few by name. */
export function listed(paths: readonly Pick<ClaimPath, 'path'>[]): string {
  const named = paths.slice(0, most).map(({ path }) => path);
  return paths.length > most ? `${named.join(', ')} and ${paths.length - most} more` : named.join(', ');
}

/** The claims of a party. */
export function* claimsOf({ repo }: RepoScope, party: Party): Tx<readonly Live[]> {
  return yield* plain<Live>('select * from claims where repo = ? and holder = ? order by seq', repo, party);
}

/** Ends claims of one party and tells whoever waits for them. */
export function* endClaims(
  scope: RepoScope,
  claims: readonly Live[],
  { holder, why, now }: { holder: Party; why: string; now: number },
): Tx<void> {
  if (claims.length === 0) return;
  for (const { id } of claims) yield* plain('delete from claims where repo = ? and id = ?', scope.repo, id);
  yield* next(scope, 'claim');
  const task = isTask(holder) ? holder : undefined;
  yield* append(scope, { kind: 'claim.released', at: now, task, text: `${listed(claims)}: ${why}` });
  yield* tellWaiting(scope, claims, now);
}

/** A party has got these, and need not be told of them. */
export function* waitNoLonger({ repo }: RepoScope, party: Party, paths: readonly ClaimPath[]): Tx<void> {
  const waits = yield* plain('select key from claim_waits where repo = ? and party = ? limit 1', repo, party);
  if (waits.length === 0) return;
  for (const { kind, path } of paths) {
    yield* plain(
      'delete from claim_waits where repo = ? and party = ? and kind = ? and key = ?',
      repo,
      party,
      kind,
      keyOf(path),
    );
  }
}

/** A party goes, or begins anew: its claims end, and it waits for nothing any more. */
export function* endClaimsOf(scope: RepoScope, party: Party, why: string, now: number): Tx<void> {
  yield* plain('delete from claim_waits where repo = ? and party = ?', scope.repo, party);
  yield* endClaims(scope, yield* claimsOf(scope, party), { holder: party, why, now });
}

/** A task's work is handed over: who comes after it builds on that, and so may go on. */
export function* handedOver(scope: RepoScope, task: TaskId, now: number): Tx<void> {
  yield* tellWaiting(scope, yield* claimsOf(scope, task), now);
}

/** Tells those who wait for what may be free now, each once; they want it until they have it or give it up. */
export function* tellWaiting(scope: RepoScope, freed: readonly ClaimPath[], now: number): Tx<void> {
  const free = new Map<Party, Wait[]>();
  for (const path of freed) {
    for (const wait of yield* waitsOn(scope, path)) {
      // Who waits in the queue looks by itself.
      if (wait.wanted_by === 'queue') continue;
      const { blocking } = yield* judgeClaim(scope, wait.party, wait);
      if (blocking.length > 0) continue;
      const { party, wanted_by, kind, key } = wait;
      const gone = yield* plain(
        `update claim_waits set told = 1
         where repo = ? and party = ? and wanted_by = ? and kind = ? and key = ? and told = 0 returning key`,
        scope.repo,
        party,
        wanted_by,
        kind,
        key,
      );
      if (gone.length > 0) free.set(party, [...(free.get(party) ?? []), wait]);
    }
  }
  for (const [party, waits] of free) {
    const what = waits.length === 1 ? 'is free now. Claim it' : 'are free now. Claim them';
    yield* notify(scope, party, `${listed(waits)} ${what} before you change anything there.`, now);
  }
}
