import type { ProcessIdentity } from '../../core/model/process.ts';
import type { LeaseRow } from '../tables.ts';
import { plain, type Tx } from '../transaction.ts';
import { next, type RepoScope } from './scope.ts';

/** Gives a lease that nobody holds, with a token larger than every one before. */
export function* newLease(
  scope: RepoScope,
  { name, owner, ms, now }: { name: string; owner: ProcessIdentity; ms: number; now: number },
): Tx<LeaseRow> {
  const token = yield* next(scope, 'token');
  const [given] = yield* plain<LeaseRow>(
    `insert into leases (repo, name, token, machine, pid, start_time, renewals, ms, renewed_at)
     values (?, ?, ?, ?, ?, ?, 0, ?, ?) returning *`,
    scope.repo,
    name,
    token,
    owner.machine,
    owner.pid,
    owner.startTime,
    ms,
    now,
  );
  if (given === undefined) throw new Error(`the lease ${name} was not stored`);
  return given;
}
