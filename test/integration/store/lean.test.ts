import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { openLean } from '../../../src/store/lean.ts';
import { migrations } from '../../../src/store/migrations/all.ts';
import { openStore } from '../../../src/store/open.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { claimContract } from './contract/claiming.ts';
import { talkContract } from './contract/talking.ts';
import type { Ground } from './stage.ts';
import { newIdOf } from './stage.ts';

const run = promisify(execFile);
const source = join(import.meta.dirname, '../../../src/store/lean.ts');

/** A store of which all that parties do with each other goes the lean way. */
async function leanGround(): Promise<Ground> {
  const folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const whole = await openStore({ path, repo: { root: folder.path, commonDir: folder.path } });
  const lean = await openLean({ path });
  if (lean === undefined) throw new Error('the store could not be taken as it is');
  return {
    store: { ...whole, ...lean },
    another: () => Promise.reject(new Error('not here')),
    raw: () => Promise.reject(new Error('not here')),
    [Symbol.asyncDispose]: async () => {
      lean.dispose();
      whole.dispose();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe('a store on the SQLite inside Node', () => {
  claimContract(leanGround);
  talkContract(leanGround);
});

test('the lean way leaves it to the opener to make a store, to bring it up to date, to know a repository and to say what is wrong', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const repo = { root: folder.path, commonDir: folder.path };
  expect([await openLean({ path }), existsSync(path)]).toEqual([undefined, false]);
  await writeFile(path, '');
  expect(await openLean({ path })).toBeUndefined();
  (await openStore({ path, repo })).dispose();
  expect(await openLean({ path, commonDir: '/elsewhere' })).toBeUndefined();
  const later = [...migrations, { id: '20990101T0000-later', statements: ['create table later (x bigint)'] }];
  (await openStore({ path, repo, migrations: later })).dispose();
  expect(await openLean({ path, commonDir: folder.path })).toBeUndefined();
  const broken = join(folder.path, 'broken.db');
  await writeFile(broken, 'no database at all, '.repeat(1000));
  expect(await openLean({ path: broken })).toBeUndefined();
});

test('the lean way waits for others that write, and says so when they do not come to an end', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  (await openStore({ path, repo: { root: folder.path, commonDir: folder.path } })).dispose();
  // Another process, as the locks of one process do not keep it from itself.
  const script = `const database = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
    database.exec('begin immediate');
    process.send('begun');
    process.once('message', () => process.exit());`;
  const other = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  await once(other, 'message');
  let monotonic = 0;
  let isPatient = false;
  const clock = {
    now: () => 1,
    monotonic: () => monotonic,
    sleep: async () => {
      monotonic += 100;
      if (monotonic !== 1_000 || !isPatient) return;
      other.send('enough');
      await once(other, 'exit');
    },
  };
  const lean = await openLean({ path, clock });
  if (lean === undefined) throw new Error('no store');
  const paths = [{ kind: 'file', path: 'a', mode: 'exclusive' }] as const;
  const claim = () => lean.claim({ party: 'you', paths, origin: 'asked', ids: [newIdOf('claim')], now: 1 });
  await expect(claim()).rejects.toMatchObject({ code: 'store_busy' });
  expect(monotonic).toBeGreaterThan(10_000);
  monotonic = 0;
  isPatient = true;
  expect((await claim()).kind).toBe('claimed');
  expect(monotonic).toBe(1_000);
  lean.dispose();
});

test('the lean way warns of nothing', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  (await openStore({ path, repo: { root: folder.path, commonDir: folder.path } })).dispose();
  const script = `import { openLean } from ${JSON.stringify(source)};
    const store = await openLean({ path: process.argv[1] });
    process.stdout.write(String(await store?.unread('you')));`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script, path]);
  expect([stdout, stderr]).toEqual(['0', '']);
});

test('the lean way loads nothing of what only the whole store needs', async () => {
  const { metafile } = await build({
    entryPoints: [source],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    minify: true,
    outfile: 'lean.js',
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.filter((path) => /kysely|better-sqlite3|migrate\.ts/.test(path))).toEqual([]);
  expect(inputs.some((path) => path.endsWith('store/transactions/claims.ts'))).toBe(true);
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  expect(imported).toEqual(['node:fs']);
  expect(metafile.outputs['lean.js']?.bytes).toBeLessThan(60_000);
});
