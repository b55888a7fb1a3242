import type { RepoId } from '../core/model/ids.ts';
import type { Overview } from '../core/model/snapshot.ts';
import { migrations } from './migrations/all.ts';
import { findRepo, readRepos } from './repo.ts';
import type { Tx } from './transaction.ts';
import { drive, plain } from './transaction.ts';
import { overview } from './transactions/overview.ts';

export interface GlanceOptions {
  /** The store's file. */
  readonly path: string;
  /** The folder that all worktrees of the repository share; absent: the only repository in the store. */
  readonly commonDir?: string;
}

/** What is used of the SQLite inside Node. */
interface NodeSqlite {
  readonly DatabaseSync: new (
    path: string,
    options: { readonly readOnly: true },
  ) => {
    exec(sql: string): void;
    prepare(sql: string): { all(...parameters: readonly unknown[]): readonly unknown[] };
    close(): void;
  };
}

/** Longest time to wait for a store that is busy being recovered, in milliseconds. */
const busyMs = 2_000;

/**
 * The overview, for a command that shows it and ends: reads only, and loads nothing that writing needs, not even the native
 * module, which alone takes longer than all of this. Undefined when there is nothing to read as it is (no store yet, not of
 * this version, damaged): `openStore` then makes it, brings it up to date or says why not.
 */
export function glance({ path, commonDir }: GlanceOptions): { repo: RepoId; overview: Overview } | undefined {
  try {
    const database = new (nodeSqlite().DatabaseSync)(path, { readOnly: true });
    try {
      database.exec(`pragma busy_timeout = ${busyMs}`);
      database.exec('begin');
      return drive(look(commonDir), (statement) => {
        const { sql, parameters } = statement.compile();
        return database.prepare(sql).all(...parameters);
      });
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

function* look(commonDir: string | undefined): Tx<{ repo: RepoId; overview: Overview } | undefined> {
  const applied = new Set((yield* plain<{ id: string }>('select id from migrations')).map((row) => row.id));
  if (applied.size !== migrations.length || !migrations.every(({ id }) => applied.has(id))) return undefined;
  const repo = findRepo(yield* readRepos(), commonDir);
  return repo === undefined ? undefined : { repo, overview: yield* overview(repo) };
}

/** Some versions of Node warn that their SQLite is experimental; whoever asks for the status does not want to know. */
function nodeSqlite(): NodeSqlite {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:sqlite') as unknown as NodeSqlite;
  } finally {
    process.emitWarning = emitWarning;
  }
}
