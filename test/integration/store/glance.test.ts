import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { glance } from '../../../src/store/glance.ts';
import { migrations } from '../../../src/store/migrations/all.ts';
import { openStore } from '../../../src/store/open.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { Stage } from './stage.ts';

const run = promisify(execFile);
const source = join(import.meta.dirname, '../../../src/store/glance.ts');

test('a glance sees what the store would tell, while it is in use and after', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const store = await openStore({ path, repo: { root: folder.path, commonDir: folder.path } });
  const { task, entry } = await new Stage(store).landing();
  const overview = await store.overview();
  expect(glance({ path, commonDir: folder.path })).toEqual({ repo: store.repo, overview, claims: [] });
  store.dispose();
  expect(glance({ path })).toEqual({ repo: store.repo, overview, claims: [] });
  expect([overview.tasks[0]?.id, overview.entries[0]?.id]).toEqual([task, entry]);
});

test('a glance leaves it to the opener to make a store, to bring it up to date, and to know a repository', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const repo = { root: folder.path, commonDir: folder.path };
  expect([glance({ path }), existsSync(path)]).toEqual([undefined, false]);
  await writeFile(path, '');
  expect(glance({ path })).toBeUndefined();
  (await openStore({ path, repo })).dispose();
  expect(glance({ path, commonDir: '/elsewhere' })).toBeUndefined();
  const later = [...migrations, { id: '20990101T0000-later', statements: ['create table later (x bigint)'] }];
  (await openStore({ path, repo, migrations: later })).dispose();
  expect(glance({ path, commonDir: folder.path })).toBeUndefined();
});

test('a glance leaves it to the opener to say what is wrong with a file', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  await writeFile(path, 'no database at all, '.repeat(1000));
  expect(glance({ path })).toBeUndefined();
  await expect(openStore({ path })).rejects.toMatchObject({ code: 'store_broken' });
});

test('a glance writes nothing and warns of nothing', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const store = await openStore({ path, repo: { root: folder.path, commonDir: folder.path } });
  await new Stage(store).one();
  store.dispose();
  const before = await readdir(folder.path);
  const script = `import { glance } from ${JSON.stringify(source)}; process.stdout.write(String(glance({ path: process.argv[1] })?.overview.tasks.length))`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script, path]);
  expect([stdout, stderr]).toEqual(['1', '']);
  expect((await readdir(folder.path)).filter((name) => !/-(wal|shm)$/.test(name))).toEqual(before);
});

test('a glance loads nothing of what only writing needs', async () => {
  const { metafile } = await build({
    entryPoints: [source],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    minify: true,
    outfile: 'glance.js',
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.filter((path) => /kysely|better-sqlite3|migrate\.ts/.test(path))).toEqual([]);
  expect(inputs.some((path) => path.endsWith('store/transactions/overview.ts'))).toBe(true);
  expect(metafile.outputs['glance.js']?.bytes).toBeLessThan(50_000);
});
