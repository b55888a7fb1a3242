import type { RepoId } from '../../core/model/ids.ts';
import type { Queries } from '../queries.ts';
import type { CounterName } from '../tables.ts';
import type { Tx } from '../transaction.ts';
import { plain } from '../transaction.ts';

/** What a transaction written without the query builder works on: a repository. */
export interface RepoScope {
  readonly repo: RepoId;
}

/** What a transaction works on: a repository, through a query builder. */
export interface Scope extends RepoScope {
  readonly q: Queries;
}

/** Takes `count` numbers that were never given before; returns the first of them. */
export function* next({ repo }: RepoScope, counter: CounterName, count = 1): Tx<number> {
  const [taken] = yield* plain<{ value: number }>(
    'update counters set value = value + ? where repo = ? and name = ? returning value',
    count,
    repo,
    counter,
  );
  if (taken === undefined) throw new Error(`${repo} has no counter ${counter}`);
  return taken.value - count + 1;
}
