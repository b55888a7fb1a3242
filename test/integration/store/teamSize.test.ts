import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/store/open.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { TeamStage } from './teamStage.ts';

/** The median of what some rounds of something take, in milliseconds. */
async function median(rounds: number, body: (round: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    await body(round);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[rounds >> 1] ?? 0;
}

test('a path is claimed among ten thousand claims about as fast as among none', async () => {
  await using folder = await tempFolder();
  const store = await openStore({
    path: join(folder.path, 'store.db'),
    repo: { root: folder.path, commonDir: folder.path },
  });
  const stage = new TeamStage(store);
  const alone = await median(30, (round) => stage.asks('you', `x/${round}`));
  for (let each = 0; each < 10; each += 1) {
    const task = await stage.one();
    const paths = Array.from({ length: 999 }, (_, index) => `f${each}/${index % 100}/${index}.ts`);
    expect(await stage.asks(task, ...paths, `g${each}/*.md`)).toBe('yes');
  }
  const among = [
    await median(30, (round) => stage.asks('you', `y/${round}`, `f3/5/new${round}.ts`)),
    await median(30, (round) => stage.asks('you', `f3/5/y${round}/`, `f3/5/y${round}/*.ts`)),
    await median(30, () => stage.asks('you', 'f3/5/105.ts')),
  ];
  store.dispose();
  expect({ alone, among, isFast: among.every((ms) => ms < Math.max(4 * alone, 3)) }).toMatchObject({ isFast: true });
}, 60_000);

test('a look for what is new among two hundred thousand rows takes no longer than among none', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const store = await openStore({ path, repo: { root: folder.path, commonDir: folder.path } });
  const stage = new TeamStage(store);
  const task = await stage.one();
  const sync = () => store.sync({ party: task, most: 100, now: stage.at() });
  const empty = await median(100, sync);
  const count = 100_000;
  const database = new Database(path);
  const numbers = `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count})`;
  database.exec(`${numbers} insert into messages (repo, id, seq, sender, sender_title, receiver, receiver_title, kind, body, sent_at, read_at)
    select '${store.repo}', 'm' || i, i, 'you', 'you', case when i % 2 = 0 then '${task}' else 'you' end, 'x', 'message', 'text ' || i, i,
      case when i % 2 = 0 then i end from n`);
  database.exec(`${numbers} insert into context_entries (repo, id, seq, author, author_title, category, body, added_at)
    select '${store.repo}', 'x' || i, i, 'you', 'you', 'decision', 'text ' || i, i from n`);
  database.exec(`insert into context_seen (repo, party, seq) values ('${store.repo}', '${task}', ${count - 1})`);
  database.exec(`update counters set value = ${count} where name in ('message', 'context')`);
  database.close();
  const first = await sync();
  expect([first.messages.length, first.context.map(({ text }) => text)]).toEqual([0, [`text ${count}`]]);
  const full = await median(100, sync);
  const told = await median(30, async (round) => {
    await stage.say('you', [task], `new ${round}`);
    expect((await sync()).messages.map(({ body }) => body)).toEqual([`new ${round}`]);
  });
  store.dispose();
  expect({ empty, full, told, isFast: full < Math.max(4 * empty, 1) && told < 5 }).toMatchObject({ isFast: true });
}, 60_000);
