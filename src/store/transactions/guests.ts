import { guestLeaseName } from '../../core/model/lease.ts';
import type { Guest } from '../../core/model/party.ts';
import { nameOf } from '../../core/model/party.ts';
import { plain, type Tx } from '../transaction.ts';
import { append } from './events.ts';
import { newLease } from './newLease.ts';
import { guests } from './parties.ts';
import { endClaimsOf } from './release.ts';
import type { RepoScope } from './scope.ts';

/** Behind a guest stands no process that could be known to be dead; only its silence tells. */
const nobody = { machine: '', pid: 0, startTime: '' };

/** See `TeamStore.guestSeen`. */
export function* guestSeen(
  scope: RepoScope,
  { guest, ms, now }: { guest: Guest; ms: number; now: number },
): Tx<'joined' | 'known'> {
  yield* endSilentGuests(scope, now);
  const name = guestLeaseName(guest);
  const known = yield* plain(
    'update leases set renewals = renewals + 1, ms = ?, renewed_at = ? where repo = ? and name = ? returning token',
    ms,
    now,
    scope.repo,
    name,
  );
  if (known.length > 0) return 'known';
  yield* newLease(scope, { name, owner: nobody, ms, now });
  yield* append(scope, { kind: 'guest.joined', at: now, text: nameOf(guest) });
  return 'joined';
}

/** See `TeamStore.guestLeft`. */
export function* guestLeft(scope: RepoScope, { guest, now }: { guest: Guest; now: number }): Tx<void> {
  yield* endGuest(scope, guest, now);
}

/** A guest has left, or fell silent; its claims end. Harmless when repeated. */
export function* endGuest(scope: RepoScope, guest: Guest, now: number): Tx<void> {
  const gone = yield* plain(
    'delete from leases where repo = ? and name = ? returning token',
    scope.repo,
    guestLeaseName(guest),
  );
  if (gone.length === 0) return;
  yield* append(scope, { kind: 'guest.left', at: now, text: nameOf(guest) });
  yield* endClaimsOf(scope, guest, `${nameOf(guest)} has left`, now);
}

/** Guests that were silent for too long stand in nobody's way, also where nobody leads who would reap their leases. */
export function* endSilentGuests(scope: RepoScope, now: number): Tx<void> {
  for (const { guest, until } of yield* guests(scope)) if (until < now) yield* endGuest(scope, guest, now);
}
