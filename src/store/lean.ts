import { existsSync, statSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { RepoId } from '../core/model/ids.ts';
import type { TeamStore } from '../core/team.ts';
import { currentRepo } from './current.ts';
import type { NodeDatabase, NodeStatement } from './engine/nodeSqlite.ts';
import { named, openNodeSqlite } from './engine/nodeSqlite.ts';
import { patiently } from './engine/patience.ts';
import { teamOn } from './team.ts';
import type { Statement, Tx } from './transaction.ts';
import { drive } from './transaction.ts';

export interface LeanOptions {
  /** The store's file. */
  readonly path: string;
  /** The folder that all worktrees of the repository share; absent: the only repository in the store. */
  readonly commonDir?: string;
  readonly clock?: Clock;
}

/** What parties do with each other, in the store of one repository. */
export type LeanStore = TeamStore & Disposable & { readonly repo: RepoId };

/**
 * Opens what parties do with each other for a command that does one such thing and ends: without the query builder and the
 * native module, which take longer to load than all of this. Undefined when the store cannot be taken as it is (no store yet,
 * not of this version, damaged, a Node without SQLite): `openStore` then makes it, brings it up to date or says why not.
 * Its calls throw as those of `openStore`, then nothing was changed; `store_full` may still succeed there. Never use both at once
 * in one process, as SQLite's locks do not keep a process from itself: dispose of one before opening the other.
 */
export async function openLean({ path, commonDir, clock = systemClock }: LeanOptions): Promise<LeanStore | undefined> {
  // Opened for writing, a file that is not there would be made.
  if (!existsSync(path) || statSync(path).size === 0) return undefined;
  let database: NodeDatabase | undefined;
  try {
    database = openNodeSqlite(path, { readOnly: false });
    database.exec('pragma busy_timeout = 0; pragma synchronous = normal');
    const runner = new LeanRunner(database, path, clock);
    const repo = await runner.read(() => currentRepo(commonDir));
    if (repo !== undefined) {
      const opened = database;
      return { ...teamOn(runner, { repo }, clock), repo, dispose: () => opened.close() };
    }
  } catch {
    // Whatever it is, `openStore` says it in words.
  }
  database?.close();
  return undefined;
}

class LeanRunner {
  readonly #database: NodeDatabase;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #prepared = new Map<string, NodeStatement>();

  constructor(database: NodeDatabase, path: string, clock: Clock) {
    this.#database = database;
    this.#path = path;
    this.#clock = clock;
  }

  read<R>(tx: () => Tx<R>): Promise<R> {
    return this.#run('begin', tx);
  }

  write<R>(tx: () => Tx<R>): Promise<R> {
    return this.#run('begin immediate', tx);
  }

  #run<R>(begin: string, tx: () => Tx<R>): Promise<R> {
    return patiently(this.#clock, this.#path, () => {
      let open = false;
      try {
        this.#database.exec(begin);
        open = true;
        const result = drive(tx(), (statement) => this.#execute(statement));
        this.#database.exec('commit');
        open = false;
        return result;
      } catch (error) {
        throw named(error);
      } finally {
        if (open) this.#rollBack();
      }
    });
  }

  #rollBack(): void {
    try {
      this.#database.exec('rollback');
    } catch {
      // After some failures SQLite has done so already.
    }
  }

  #execute(statement: Statement): readonly unknown[] {
    const { sql, parameters } = statement.compile();
    let found = this.#prepared.get(sql);
    if (found === undefined) {
      found = this.#database.prepare(sql);
      this.#prepared.set(sql, found);
    }
    return found.all(...parameters);
  }
}
