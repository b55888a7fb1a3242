import type { ProcessIdentity } from '../../core/model/process.ts';
import type { LeaseRow } from '../tables.ts';
import { row, type Tx } from '../transaction.ts';
import { next, type Scope } from './scope.ts';

/** Gives a lease that nobody holds, with a token larger than every one before. */
export function* newLease(
  scope: Scope,
  { name, owner, ms }: { name: string; owner: ProcessIdentity; ms: number },
): Tx<LeaseRow> {
  const given = yield* row(
    scope.q
      .insertInto('leases')
      .values({
        repo: scope.repo,
        name,
        token: yield* next(scope, 'token'),
        machine: owner.machine,
        pid: owner.pid,
        start_time: owner.startTime,
        renewals: 0,
        ms,
      })
      .returningAll(),
  );
  if (given === undefined) throw new Error(`the lease ${name} was not stored`);
  return given;
}
