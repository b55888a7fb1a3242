import { existsSync } from 'node:fs';
import type { RepoId } from '../core/model/ids.ts';
import type { Overview } from '../core/model/snapshot.ts';
import { connect, executor, isFresh } from './engine/sqliteConnection.ts';
import { migrations } from './migrations/all.ts';
import { findRepo, readRepos } from './repo.ts';
import { drive, plain } from './transaction.ts';
import { overview } from './transactions/overview.ts';

export interface GlanceOptions {
  /** The store's file. */
  readonly path: string;
  /** The folder that all worktrees of the repository share; absent: the only repository in the store. */
  readonly commonDir?: string;
  /** Path of better-sqlite3's binary where it is not beside its package. */
  readonly nativeBinding?: string;
}

/** Longest time to wait for a store that is busy being recovered, in milliseconds. */
const busyMs = 2_000;

/**
 * The overview, for a command that shows it and ends: reads only, and loads nothing that writing needs. Undefined when there is
 * nothing to read as it is (no store yet, or not of this version): `openStore` then makes it, brings it up to date or says why not.
 */
export function glance(options: GlanceOptions): { repo: RepoId; overview: Overview } | undefined {
  if (!existsSync(options.path)) return undefined;
  const database = connect({ ...options, busyMs, readonly: true });
  try {
    if (isFresh(database, options.path)) return undefined;
    const execute = executor(database);
    const applied = drive(plain<{ id: string }>('select id from migrations'), execute).map((row) => row.id);
    if (applied.length !== migrations.length || !migrations.every(({ id }) => applied.includes(id))) return undefined;
    const repo = findRepo(drive(readRepos(), execute), options.commonDir);
    if (repo === undefined) return undefined;
    const read = database.transaction(() => drive(overview(repo), execute));
    return { repo, overview: read() };
  } finally {
    database.close();
  }
}
