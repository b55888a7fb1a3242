import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Party } from '../../../src/core/model/party.ts';
import { openStore } from '../../../src/store/open.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { TeamStage } from './teamStage.ts';

const start = (program: string, ...args: readonly string[]): ChildProcess =>
  fork(join(import.meta.dirname, program), [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });

const linesOf = async (file: string): Promise<readonly string[]> =>
  (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');

test('eight processes write while readers look and writers are killed: nothing is lost, doubled or out of order', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const store = await openStore({ path, repo: { root: folder.path, commonDir: folder.path } });
  const stage = new TeamStage(store);
  const parties: readonly Party[] = await stage.queue(8);
  await stage.join('@one');
  await stage.join('@two');
  const readers = await Promise.all(
    ['@one', '@two'].map(async (party) => {
      const file = join(folder.path, `seen by ${party}`);
      await writeFile(file, '');
      const child = start('reader.ts', path, party, file);
      await once(child, 'message');
      return { child, file, party };
    }),
  );
  const writers = parties.map((party) => {
    const file = join(folder.path, `written by ${party}`);
    return { party, file, write: () => start('writer.ts', path, party, file, '40') };
  });
  await Promise.all(
    writers.map(async ({ write, file }, index) => {
      await writeFile(file, '');
      const child = write();
      const exit = once(child, 'exit');
      if (index % 2 === 0) {
        // Killed in the middle of it, and begun again by another process.
        while ((await linesOf(file)).length < 10) await Promise.race([exit, new Promise((go) => setTimeout(go, 5))]);
        child.kill('SIGKILL');
        await exit;
        await once(write(), 'exit');
      } else await exit;
    }),
  );
  for (const { child } of readers) {
    const exit = once(child, 'exit');
    child.send('no more');
    await exit;
  }
  store.dispose();
  const database = new Database(path, { readonly: true });
  const all = (sql: string, ...args: string[]) =>
    database
      .prepare(sql)
      .pluck()
      .all(...args) as string[];
  const context = all(`select 'x ' || seq || ' ' || body from context_entries order by seq`);
  for (const { file, party } of readers) {
    const seen = await linesOf(file);
    const messages = all(`select 'm ' || seq || ' ' || body from messages where receiver = ? order by seq`, party);
    expect(seen.filter((line) => line.startsWith('m '))).toEqual(messages);
    expect(seen.filter((line) => line.startsWith('x '))).toEqual(context);
    const kept = new Set(seen.map((line) => line.split(' ').slice(2).join(' ')));
    const promised = (await Promise.all(writers.map((writer) => linesOf(writer.file)))).flat();
    expect(promised.filter((body) => !kept.has(body))).toEqual([]);
    expect(promised.length).toBeGreaterThanOrEqual(8 * 40);
  }
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  database.close();
}, 120_000);

test('what a killed process has claimed is free once its lease is reaped, and whoever waited is told', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const store = await openStore({ path, repo: { root: folder.path, commonDir: folder.path } });
  const stage = new TeamStage(store);
  const [holder, waiting] = [await stage.works('Holder'), await stage.works('Waiting')];
  const child = start('claimer.ts', path, holder.task);
  await once(child, 'message');
  const answer = once(child, 'message');
  child.send({ file: 'src/a.ts', at: 0 });
  expect((await answer)[0]).toEqual({ file: 'src/a.ts', got: true });
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  expect(await stage.asks(waiting.task, 'src/a.ts')).toBe('src/a.ts: Holder');
  const { leases } = await store.situation();
  const lost = leases.filter(({ name }) => name === `task/${holder.task}`);
  await store.reap({ lost, now: stage.at() });
  expect(await stage.inbox(waiting.task)).toEqual(['src/a.ts is free now. Claim it before you change anything there.']);
  expect(await stage.asks(waiting.task, 'src/a.ts')).toBe('yes');
  store.dispose();
});
