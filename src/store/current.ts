import type { RepoId } from '../core/model/ids.ts';
import { migrations } from './migrations/all.ts';
import { findRepo, readRepos } from './repo.ts';
import type { Tx } from './transaction.ts';
import { plain } from './transaction.ts';

/**
 * The repository in a store that is just of this version, for those who take it as it is. Undefined when the store must be
 * brought up to date, or does not know the repository; `openStore` does that, or says why not.
 */
export function* currentRepo(commonDir: string | undefined): Tx<RepoId | undefined> {
  const applied = new Set((yield* plain<{ id: string }>('select id from migrations')).map((row) => row.id));
  if (applied.size !== migrations.length || !migrations.every(({ id }) => applied.has(id))) return undefined;
  return findRepo(yield* readRepos(), commonDir);
}
