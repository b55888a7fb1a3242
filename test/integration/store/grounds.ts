import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { systemClock } from '../../../src/base/clock.ts';
import { type PostgresConnection, PostgresEngine } from '../../../src/store/engine/postgres.ts';
import { openSqlite } from '../../../src/store/engine/sqlite.ts';
import { openStore, openStoreOn } from '../../../src/store/open.ts';
import { plain } from '../../../src/store/transaction.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import type { Ground, OpenGround } from './stage.ts';

/** A store in a file of its own. */
export async function sqliteGround(): Promise<Ground> {
  const folder = await tempFolder();
  const path = join(folder.path, 'swarm', 'store.db');
  const options = { path, repo: { root: folder.path, commonDir: folder.path } };
  const opened = [await openStore(options)];
  const [store] = opened;
  if (store === undefined) throw new Error('no store');
  return {
    store,
    another: async () => {
      const other = await openStore(options);
      opened.push(other);
      return other;
    },
    raw: async (sql) => {
      const engine = await openSqlite({ path, busyMs: 0, clock: systemClock });
      try {
        return await engine.write(() => plain(sql), { lock: 'raw', durable: false });
      } finally {
        engine.dispose();
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of opened) each.dispose();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** One PostgreSQL inside this process; every ground on it is another repository of the same database. */
export async function pgliteGrounds(): Promise<{ open: OpenGround; close: () => Promise<void> }> {
  const database = await PGlite.create();
  const connection: PostgresConnection = {
    query: async (sql, parameters) => (await database.query(sql, [...parameters])).rows,
  };
  let count = 0;
  const open: OpenGround = async () => {
    const engine = new PostgresEngine(connection);
    const place = `/repository ${++count}`;
    const repo = { root: place, commonDir: `${place}/.git` };
    const store = await openStoreOn(engine, { repo });
    const opened = [store];
    return {
      store,
      another: async () => {
        const other = await openStoreOn(engine, { repo });
        opened.push(other);
        return other;
      },
      raw: (sql) => engine.write(() => plain(sql), { lock: 'raw', durable: false }),
      [Symbol.asyncDispose]: async () => {
        for (const each of opened) each.dispose();
      },
    };
  };
  return { open, close: () => database.close() };
}
