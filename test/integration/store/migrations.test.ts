import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { AppError } from '../../../src/base/errors.ts';
import type { ClaimId } from '../../../src/core/model/ids.ts';
import { openSqlite } from '../../../src/store/engine/sqlite.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { first } from '../../../src/store/migrations/20261121T1200-first.ts';
import { migrations } from '../../../src/store/migrations/all.ts';
import type { Migration } from '../../../src/store/migrations/migration.ts';
import { openStore } from '../../../src/store/open.ts';
import { tempFolder } from '../../support/tempFolder.ts';

const ours: Migration = { id: '20270101T0000-ours', statements: ['create table ours (x bigint not null)'] };
const theirs: Migration = { id: '20270102T0000-theirs', statements: ['create table theirs (x bigint not null)'] };

async function ground() {
  const folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const repo = { root: folder.path, commonDir: folder.path };
  return {
    path,
    /** Opens with these migrations; `ok` or the code of the refusal. */
    open: async (...known: readonly Migration[]) => {
      try {
        (await openStore({ path, repo, migrations: [...migrations, ...known] })).dispose();
        return 'ok';
      } catch (error) {
        if (AppError.is(error) && error.hint !== undefined) return error.code;
        throw error;
      }
    },
    look: <T>(sql: string): T => {
      const database = new Database(path, { readonly: true });
      try {
        return database.prepare(sql).pluck().all() as T;
      } finally {
        database.close();
      }
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test('two branches may each bring a migration, in whatever order they come', async () => {
  await using store = await ground();
  expect([await store.open(theirs), await store.open(ours, theirs), await store.open(ours, theirs)]).toEqual([
    'ok',
    'ok',
    'ok',
  ]);
  expect(store.look('select id from migrations order by id')).toEqual(
    [...migrations, ours, theirs].map(({ id }) => id),
  );
  expect(store.look(`select name from sqlite_schema where name in ('ours', 'theirs') order by name`)).toEqual([
    'ours',
    'theirs',
  ]);
});

test('a store with a migration that this version does not know is refused and left as it is', async () => {
  await using store = await ground();
  await store.open(ours);
  expect(await store.open(theirs)).toBe('store_too_new');
  expect(store.look(`select count(*) from sqlite_schema where name = 'theirs'`)).toEqual([0]);
});

test('a migration that was edited after it was applied is refused', async () => {
  await using store = await ground();
  await store.open(ours);
  expect(await store.open({ ...ours, statements: ['create table ours (x text not null)'] })).toBe('migration_edited');
});

test('a migration that fails leaves the store as it was', async () => {
  await using store = await ground();
  await store.open();
  const half: Migration = { id: ours.id, statements: [...ours.statements, 'create table broken ('] };
  await expect(store.open(half)).rejects.toThrow(/syntax|incomplete/);
  expect(store.look(`select count(*) from sqlite_schema where name = 'ours'`)).toEqual([0]);
  expect(await store.open(ours)).toBe('ok');
});

test('processes that open a new store at once make it once', async () => {
  await using store = await ground();
  expect(await Promise.all(Array.from({ length: 8 }, () => store.open(ours)))).toEqual(Array(8).fill('ok'));
  expect(store.look('select count(*) from migrations')).toEqual([migrations.length + 1]);
  expect(store.look('select count(*) from repos')).toEqual([1]);
});

test('SQLite checks the types of every table', async () => {
  await using store = await ground();
  await store.open();
  expect(
    store.look(`select name from pragma_table_list where type = 'table' and strict = 0 and name not like 'sqlite%'`),
  ).toEqual([]);
});

test('a store made before parties worked with each other keeps all it had, and learns to count what they do', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const repo = { root: folder.path, commonDir: folder.path };
  const engine = await openSqlite({ path, busyMs: 0, clock: systemClock });
  await engine.isFresh();
  await engine.write(() => migrate([first], engine.birth, 1), { lock: '', durable: true });
  engine.dispose();
  const before = new Database(path);
  before.prepare(`insert into repos (id, root, common_dir, created_at) values ('r1', 'x', ?, 1)`).run(folder.path);
  for (const name of ['event', 'token', 'position', 'worker']) {
    before.prepare(`insert into counters (repo, name, value) values ('r1', ?, 7)`).run(name);
  }
  before.exec(`insert into leases (repo, name, token, machine, pid, start_time, renewals, ms)
    select id, 'leader', 3, 'here', 1, 'x', 0, 1000 from repos`);
  before.close();
  const store = await openStore({ path, repo });
  const { seq, changes, unread } = await store.overview();
  expect({ seq, changes, unread }).toEqual({ seq: 7, changes: { claims: 0, messages: 0, context: 0 }, unread: 0 });
  expect(await store.renewLease({ name: 'leader', token: 3 })).toBe('renewed');
  const claim = { party: 'you', origin: 'asked', ids: ['c000000001' as ClaimId], now: 1 } as const;
  const answer = await store.claim({ ...claim, paths: [{ kind: 'file', path: 'a', mode: 'exclusive' }] });
  expect([answer.kind, (await store.overview()).changes.claims]).toEqual(['claimed', 1]);
  expect(await store.check()).toEqual([]);
  store.dispose();
  const after = new Database(path, { readonly: true });
  expect(after.pragma('foreign_key_check')).toEqual([]);
  after.close();
});
