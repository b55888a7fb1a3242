import type { RepoId } from '../../core/model/ids.ts';
import type { Queries } from '../queries.ts';
import type { CounterName } from '../tables.ts';
import type { Tx } from '../transaction.ts';
import { row } from '../transaction.ts';

/** What a transaction works on: a repository, through a query builder. */
export interface Scope {
  readonly q: Queries;
  readonly repo: RepoId;
}

/** Takes `count` numbers that were never given before; returns the first of them. */
export function* next({ q, repo }: Scope, counter: CounterName, count = 1): Tx<number> {
  const taken = yield* row(
    q
      .updateTable('counters')
      .set((eb) => ({ value: eb('value', '+', count) }))
      .where('repo', '=', repo)
      .where('name', '=', counter)
      .returning('value'),
  );
  if (taken === undefined) throw new Error(`${repo} has no counter ${counter}`);
  return taken.value - count + 1;
}
