import Database from 'better-sqlite3';
import { AppError, messageOf } from '../../base/errors.ts';
import type { Statement } from '../transaction.ts';
import { storeError } from './sqliteErrors.ts';

/** "SWRM", so that `file` and we know a store of ours. */
const applicationId = 0x5357524d;
/** The format of the file as a whole; the tables' own changes are migrations. */
const formatVersion = 1;

/** Statements that make a new file known as ours. */
export const birth: readonly string[] = [
  `pragma application_id = ${applicationId}`,
  `pragma user_version = ${formatVersion}`,
];

export interface ConnectionOptions {
  readonly path: string;
  /** Path of better-sqlite3's binary where it is not beside its package. */
  readonly nativeBinding?: string;
  /** Longest time, in milliseconds, that one try may block the process. */
  readonly busyMs: number;
}

/** Opens a connection. Throws AppError when the file cannot be opened or SQLite not be loaded. */
export function connect({ path, nativeBinding, busyMs }: ConnectionOptions): Database.Database {
  try {
    return new Database(path, {
      timeout: busyMs,
      ...(nativeBinding === undefined ? {} : { nativeBinding }),
    });
  } catch (error) {
    if (error instanceof Database.SqliteError) throw storeError(error, path);
    throw new AppError('store_driver', `SQLite could not be loaded: ${messageOf(error)}`, {
      hint: `Swarm needs Node 22.15 or newer on a 64-bit Linux, macOS or Windows; this is Node ${process.version} on ${process.platform}-${process.arch}.`,
      cause: error,
    });
  }
}

/** True when the file holds no tables yet. Throws AppError for a file that is not ours or from the future. */
export function isFresh(database: Database.Database, path: string): boolean {
  const id = database.pragma('application_id', { simple: true });
  if (id === applicationId) {
    if (Number(database.pragma('user_version', { simple: true })) <= formatVersion) return false;
    throw new AppError('store_too_new', `${path} was written by a newer version of Swarm`, {
      hint: 'Update the extension and the command line to the same, newest version.',
    });
  }
  if (id === 0 && database.prepare('select count(*) from sqlite_schema').pluck().get() === 0) return true;
  throw new AppError('store_broken', `${path} is a database, but not a store of Swarm`, {
    hint: 'Name another path for the store.',
  });
}

/** Runs statements on a connection, each prepared once. */
export function executor(database: Database.Database): (statement: Statement) => readonly unknown[] {
  const prepared = new Map<string, Database.Statement>();
  return (statement) => {
    const { sql, parameters } = statement.compile();
    let found = prepared.get(sql);
    if (found === undefined) {
      if (prepared.size >= 500) prepared.clear();
      found = database.prepare(forSqlite(sql));
      prepared.set(sql, found);
    }
    if (found.reader) return found.all(...parameters);
    found.run(...parameters);
    return [];
  };
}

/** SQLite's names for the types of a table, and its checking of them; it sorts by bytes without being told. */
function forSqlite(sql: string): string {
  if (!/^(create|alter) table/.test(sql)) return sql;
  const translated = sql
    .replaceAll('bigint', 'integer')
    .replaceAll('double precision', 'real')
    .replaceAll(' collate "C"', '');
  return sql.startsWith('create') ? `${translated} strict` : translated;
}
