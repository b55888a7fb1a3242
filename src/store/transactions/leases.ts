import type { Lease } from '../../core/model/lease.ts';
import { guestOfLease, leaderLeaseName, workerLeaseName } from '../../core/model/lease.ts';
import type { ProcessIdentity } from '../../core/model/process.ts';
import { leaseOf } from '../rows.ts';
import type { LeaseRow } from '../tables.ts';
import { none, row, rows, type Tx } from '../transaction.ts';
import { releaseLanding } from './entries.ts';
import { append } from './events.ts';
import { endGuest } from './guests.ts';
import { heldTask, isHeld, requeue } from './hold.ts';
import { readTask } from './move.ts';
import { newLease } from './newLease.ts';
import type { Scope } from './scope.ts';
import { liveStates, loseWorker } from './workers.ts';

/** See `Store.takeLease`. */
export function* takeLease(
  scope: Scope,
  args: { name: string; owner: ProcessIdentity; ms: number; now: number },
): Tx<Lease | 'held'> {
  const { q, repo } = scope;
  const { name, owner, ms, now } = args;
  if (yield* row(q.selectFrom('leases').select('token').where('repo', '=', repo).where('name', '=', name))) {
    return 'held';
  }
  const taken = yield* newLease(scope, { name, owner, ms, now });
  if (name === leaderLeaseName) {
    const text = `process ${owner.pid} on ${owner.machine} leads`;
    yield* append(scope, { kind: 'leader.changed', at: now, text });
  }
  return leaseOf(taken);
}

/** See `Store.renewLease`. */
export function* renewLease(
  { q, repo }: Scope,
  { name, token, now }: { name: string; token: number; now: number },
): Tx<'renewed' | 'lost'> {
  const renewed = yield* row(
    q
      .updateTable('leases')
      .set((eb) => ({ renewals: eb('renewals', '+', 1), renewed_at: now }))
      .where('repo', '=', repo)
      .where('name', '=', name)
      .where('token', '=', token)
      .returning('token'),
  );
  return renewed === undefined ? 'lost' : 'renewed';
}

/** See `Store.dropLease`. */
export function* dropLease(scope: Scope, { name, token, now }: { name: string; token: number; now: number }): Tx<void> {
  const lease = yield* find(scope, { name, token });
  if (lease !== undefined) yield* remove(scope, lease, now);
}

/** See `Store.reap`. */
export function* reap(
  scope: Scope,
  { lost, now }: { lost: readonly Pick<Lease, 'name' | 'token' | 'renewals'>[]; now: number },
): Tx<readonly string[]> {
  const taken: string[] = [];
  for (const each of lost) {
    const lease = yield* find(scope, each);
    if (lease === undefined || lease.renewals !== each.renewals) continue;
    const text = `${lease.name} was held by process ${lease.pid} on ${lease.machine}`;
    yield* append(scope, { kind: 'lease.lost', at: now, text });
    if (!((yield* reapTask(scope, lease, now)) || (yield* reapWorker(scope, lease, now))))
      yield* remove(scope, lease, now);
    taken.push(lease.name);
  }
  return taken;
}

function* find({ q, repo }: Scope, lease: { name: string; token: number }): Tx<LeaseRow | undefined> {
  return yield* row(
    q
      .selectFrom('leases')
      .selectAll()
      .where('repo', '=', repo)
      .where('name', '=', lease.name)
      .where('token', '=', lease.token),
  );
}

function* remove(scope: Scope, lease: LeaseRow, now: number): Tx<void> {
  const guest = guestOfLease(lease.name);
  if (guest !== undefined) return yield* endGuest(scope, guest, now);
  yield* releaseLanding(scope, lease.token, now);
  yield* none(scope.q.deleteFrom('leases').where('repo', '=', lease.repo).where('token', '=', lease.token));
}

/** The task under a lost lease waits again; its worker, dead or silent, is given up. False when it is no task's lease. */
function* reapTask(scope: Scope, lease: LeaseRow, now: number): Tx<boolean> {
  const { q, repo } = scope;
  const found = yield* row(
    q
      .selectFrom('tasks')
      .select(['id', 'worker', 'attempt'])
      .where('repo', '=', repo)
      .where('lease_token', '=', lease.token),
  );
  if (found?.worker == null) return false;
  const task = yield* heldTask(scope, { task: found.id, worker: found.worker, token: lease.token });
  if (task === undefined) return false;
  yield* requeue(scope, task, 'lost', 'its worker died or fell silent', now);
  yield* loseWorker(scope, found.worker, 'it died or fell silent', now);
  return true;
}

/** A worker whose own lease is lost is given up, and its task waits again. False when it is no worker's lease. */
function* reapWorker(scope: Scope, lease: LeaseRow, now: number): Tx<boolean> {
  const { q, repo } = scope;
  const live = yield* rows(
    q.selectFrom('workers').select(['id', 'task']).where('repo', '=', repo).where('state', 'in', liveStates),
  );
  const worker = live.find(({ id }) => workerLeaseName(id) === lease.name);
  if (worker === undefined) return false;
  const task = worker.task === null ? undefined : yield* readTask(scope, worker.task);
  if (task && isHeld(task)) yield* requeue(scope, task, 'lost', 'its worker died or fell silent', now);
  yield* loseWorker(scope, worker.id, 'it died or fell silent', now);
  return true;
}
