import type Database from 'better-sqlite3';
import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Statement, Tx } from '../transaction.ts';
import { drive } from '../transaction.ts';
import { Changes } from './changes.ts';
import type { Engine, WriteOptions } from './engine.ts';
import { patiently } from './patience.ts';
import { birth, connect, executor, isFresh } from './sqliteConnection.ts';
import { storeError } from './sqliteErrors.ts';
import { freeBallast, readyPlace, settlePlace } from './sqliteFile.ts';

const pollMs = 50;

export interface SqliteOptions {
  readonly path: string;
  /** Path of better-sqlite3's binary where it is not beside its package. */
  readonly nativeBinding?: string;
  /** Longest time, in milliseconds, that one try may block the process. */
  readonly busyMs: number;
  readonly clock: Clock;
}

/** Opens the engine on a file. Creates the file when there never was one. */
export async function openSqlite(options: SqliteOptions): Promise<Engine> {
  const { path, clock } = options;
  try {
    await readyPlace(path);
  } catch (error) {
    throw storeError(error, path);
  }
  const database = connect(options);
  try {
    await patiently(clock, path, () => {
      database.pragma('synchronous = normal');
      database.pragma('temp_store = memory');
      const mode = database.pragma('journal_mode = wal', { simple: true });
      if (mode !== 'wal') {
        throw new AppError('store_place', `${path} is on a file system that SQLite cannot share between processes`, {
          hint: 'Put the store on a local disk.',
        });
      }
    });
  } catch (error) {
    database.close();
    throw storeError(error, path);
  }
  return new SqliteEngine(options, database);
}

class SqliteEngine implements Engine {
  readonly dialect = 'sqlite';
  readonly isLocal = true;
  readonly birth = birth;
  readonly #options: SqliteOptions;
  readonly #database: Database.Database;
  readonly #execute: (statement: Statement) => readonly unknown[];
  readonly #changes: Changes;
  readonly #begin: Database.Statement;
  readonly #beginImmediate: Database.Statement;
  readonly #commit: Database.Statement;
  readonly #changed: Database.Statement;
  #tail: Promise<unknown> = Promise.resolve();
  #durable = false;

  constructor(options: SqliteOptions, database: Database.Database) {
    this.#options = options;
    this.#database = database;
    this.#execute = executor(database);
    this.#begin = database.prepare('begin');
    this.#beginImmediate = database.prepare('begin immediate');
    this.#commit = database.prepare('commit');
    this.#changed = database.prepare('select total_changes()').pluck();
    const version = database.prepare('pragma data_version').pluck();
    this.#changes = new Changes(() => version.get() as number, pollMs);
  }

  async isFresh(): Promise<boolean> {
    return this.#patiently(() => isFresh(this.#database, this.#options.path));
  }

  async established(): Promise<void> {
    await settlePlace(this.#options.path);
  }

  read<R>(tx: () => Tx<R>): Promise<R> {
    return this.#patiently(() => this.#transact(this.#begin, tx));
  }

  write<R>(tx: () => Tx<R>, { durable }: WriteOptions): Promise<R> {
    const result = this.#tail.then(() => this.#write(tx, durable));
    this.#tail = result.catch(() => {});
    return result;
  }

  onDidChange(listener: () => void): Disposable {
    return this.#changes.listen(listener);
  }

  async check(): Promise<readonly string[]> {
    const found = await this.#patiently(() => this.#database.pragma('quick_check(20)') as { quick_check: string }[]);
    return found.map((each) => each.quick_check).filter((text) => text !== 'ok');
  }

  dispose(): void {
    this.#changes.dispose();
    this.#database.close();
  }

  async #write<R>(tx: () => Tx<R>, durable: boolean): Promise<R> {
    const attempt = () => {
      const before = this.#changed.get();
      this.#sync(durable);
      const result = this.#transact(this.#beginImmediate, tx);
      if (this.#changed.get() !== before) this.#changes.committed();
      return result;
    };
    try {
      return await this.#patiently(attempt);
    } catch (error) {
      if (!AppError.is(error, 'store_full') || !(await freeBallast(this.#options.path))) throw error;
      return await this.#patiently(attempt);
    }
  }

  /** Cannot be changed inside a transaction, so it is set before. */
  #sync(durable: boolean): void {
    if (durable === this.#durable) return;
    this.#database.pragma(`synchronous = ${durable ? 'full' : 'normal'}`);
    this.#durable = durable;
  }

  #transact<R>(begin: Database.Statement, tx: () => Tx<R>): R {
    begin.run();
    try {
      const result = drive(tx(), this.#execute);
      this.#commit.run();
      return result;
    } finally {
      if (this.#database.inTransaction) this.#database.exec('rollback');
    }
  }

  async #patiently<T>(attempt: () => T): Promise<T> {
    const { clock, path } = this.#options;
    if (!this.#database.open) throw new AppError('store_closed', `${path} was closed`);
    return patiently(clock, path, attempt);
  }
}
