import { createHash } from 'node:crypto';
import { AppError } from '../base/errors.ts';
import type { Migration } from './migrations/migration.ts';
import type { MigrationRow } from './tables.ts';
import type { Tx } from './transaction.ts';
import { plain } from './transaction.ts';

const hashOf = (migration: Migration): string =>
  createHash('sha256').update(migration.statements.join(';\n')).digest('hex');

/**
 * The migrations that `applied` lacks. They are a set, so branches may each bring one. Throws AppError `store_too_new` for one
 * that is not known here, `migration_edited` for one that reads otherwise than it was applied.
 */
export function missing(known: readonly Migration[], applied: readonly MigrationRow[]): readonly Migration[] {
  const byId = new Map(known.map((migration) => [migration.id, migration]));
  for (const row of applied) {
    const migration = byId.get(row.id);
    if (migration === undefined) {
      throw new AppError('store_too_new', `the store has the migration ${row.id}, unknown to this version of Swarm`, {
        hint: 'Update the extension and the command line to the same, newest version.',
      });
    }
    if (hashOf(migration) !== row.sha256) {
      throw new AppError('migration_edited', `the migration ${row.id} is not the one that made this store`, {
        hint: 'Install a released version of Swarm; migrations are never changed after their release.',
      });
    }
  }
  const done = new Set(applied.map((row) => row.id));
  return known.filter((migration) => !done.has(migration.id));
}

/** Reads which migrations were applied. The table must exist. */
export function* applied(): Tx<readonly MigrationRow[]> {
  return yield* plain<MigrationRow>('select id, sha256, applied_at from migrations');
}

/** Brings the tables to what `known` says, after the statements of a store's birth. Harmless when there is nothing to do. */
export function* migrate(known: readonly Migration[], birth: readonly string[], now: number): Tx<void> {
  for (const statement of birth) yield* plain(statement);
  yield* plain(
    'create table if not exists migrations (id text primary key, sha256 text not null, applied_at bigint not null)',
  );
  for (const migration of missing(known, yield* applied())) {
    for (const statement of migration.statements) yield* plain(statement);
    yield* plain(
      'insert into migrations (id, sha256, applied_at) values (?, ?, ?)',
      migration.id,
      hashOf(migration),
      now,
    );
  }
}
