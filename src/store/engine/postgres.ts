import type { Disposable } from '../../base/lifecycle.ts';
import type { Statement, Tx } from '../transaction.ts';
import { driveAsync } from '../transaction.ts';
import { Changes } from './changes.ts';
import type { Engine, WriteOptions } from './engine.ts';

/** One connection to a PostgreSQL, used by nobody else. `bigint` must come as a number. */
export interface PostgresConnection {
  query(sql: string, parameters: readonly unknown[]): Promise<readonly unknown[]>;
}

const pollMs = 250;

/** Runs the same transactions as the SQLite engine, one after the other, writers of a repository under one advisory lock. */
export class PostgresEngine implements Engine {
  readonly dialect = 'postgres';
  readonly isLocal = false;
  readonly birth = [];
  readonly #connection: PostgresConnection;
  readonly #changes: Changes;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
    this.#changes = new Changes(() => this.#version(), pollMs);
  }

  async isFresh(): Promise<boolean> {
    const [found] = await this.#turn(() => this.#connection.query(`select to_regclass('migrations') as name`, []));
    return (found as { name: unknown }).name === null;
  }

  async established(): Promise<void> {}

  read<R>(tx: () => Tx<R>): Promise<R> {
    return this.#turn(() => this.#transact('begin isolation level repeatable read read only', tx));
  }

  write<R>(tx: () => Tx<R>, { lock, durable }: WriteOptions): Promise<R> {
    return this.#turn(async () => {
      const result = await this.#transact('begin', tx, async () => {
        await this.#connection.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [lock]);
        if (!durable) await this.#connection.query('set local synchronous_commit = off', []);
      });
      void this.#changes.look();
      return result;
    });
  }

  onDidChange(listener: () => void): Disposable {
    return this.#changes.listen(listener);
  }

  /** The server looks after its own pages. */
  async check(): Promise<readonly string[]> {
    return [];
  }

  dispose(): void {
    this.#changes.dispose();
  }

  async #version(): Promise<number> {
    const sql = `select coalesce(sum(value), 0)::float8 as version from counters`;
    const [found] = await this.#turn(() => this.#connection.query(sql, []));
    return (found as { version: number }).version;
  }

  async #transact<R>(begin: string, tx: () => Tx<R>, prepare: () => Promise<void> = async () => {}): Promise<R> {
    await this.#connection.query(begin, []);
    try {
      await prepare();
      const result = await driveAsync(tx(), (statement) => this.#execute(statement));
      await this.#connection.query('commit', []);
      return result;
    } catch (error) {
      await this.#connection.query('rollback', []);
      throw error;
    }
  }

  #execute(statement: Statement): Promise<readonly unknown[]> {
    const { sql, parameters } = statement.compile();
    let number = 0;
    // Statements written by hand say `?`; the query builder never does.
    return this.#connection.query(
      sql.replace(/\?/g, () => `$${++number}`),
      parameters,
    );
  }

  #turn<T>(body: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(body);
    this.#tail = result.catch(() => {});
    return result;
  }
}
