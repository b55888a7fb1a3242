import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { newId } from '../src/core/model/ids.ts';
import { openStore } from '../src/store/open.ts';
import type { OpenStore } from '../src/store/store.ts';
import { type Benchmark, described } from './benchmark.ts';
import { putToWork } from './crew.ts';
import { eachRound, inTurns, timed } from './measure.ts';

const rows = 100_000;
const rounds = 15;
/** Calls of ours in one measurement: one alone is too quick for the clock. */
const calls = 50;

/** What is new for a session, in a store with a long history. */
export const news: Benchmark = {
  name: 'news',
  about: `sync over ${rows.toLocaleString('en')} messages and as many shared facts`,
  async run(world) {
    const path = join(world.folder, 'store.db');
    const store = await openStore({ path, repo: { root: world.folder, commonDir: world.folder } });
    const [one, other] = await putToWork(store, 2);
    if (one === undefined || other === undefined) throw new Error('nobody is at work');
    await fill(store, path, one.task, other.task);
    const plain = new Database(path, { readonly: true });
    const messages = plain.prepare<[string], { receiver: string; read_at: number | null }>(
      'select * from messages where repo = ?',
    );
    const entries = plain.prepare<[string], { author: string; seq: number }>(
      'select * from context_entries where repo = ?',
    );
    let told = 0;
    const measured = await inTurns(rounds, {
      ours: async (round) => {
        let ms = 0;
        for (let call = 0; call < calls; call += 1) {
          const text = `news ${round} ${call}`;
          const now = Date.now();
          const ids = [newId('message', randomBytes)];
          await store.send({ from: other.task, to: [one.task], kind: 'message', body: text, ids, now });
          await store.addContext({
            id: newId('context', randomBytes),
            author: other.task,
            category: 'decision',
            text,
            now,
          });
          ms += await timed(async () => {
            const found = await store.sync({ party: one.task, most: 100, now });
            told += found.messages.length + found.context.length;
          });
        }
        return ms / calls;
      },
      everything: () =>
        timed(async () => {
          const unread = messages.all(store.repo).filter((row) => row.receiver === one.task && row.read_at === null);
          const since = entries.all(store.repo).filter(({ author, seq }) => author !== one.task && seq > rows);
          if (unread.length + since.length < 0) throw new Error('less than nothing is new');
        }),
    });
    plain.close();
    store.dispose();
    if (told !== 2 * calls * (rounds + 1)) throw new Error(`${told} news were told of ${2 * calls * (rounds + 1)}`);
    return [
      {
        goal: 'G7',
        what: 'sync with one message and one fact that are new, none lost',
        ours: described(measured.ours, 'ms'),
        beside: `reading everything and choosing ${described(measured.everything, 'ms')}`,
        value: eachRound(measured.everything, measured.ours, (all, ours) => all / ours),
        unit: '×',
        atLeast: 100,
      },
    ];
  },
};

/** A history: read messages, and facts that the session knows. */
async function fill(store: OpenStore, path: string, one: string, other: string): Promise<void> {
  const first = await store.send({
    from: other as never,
    to: [one as never],
    kind: 'message',
    body: 'The first of many.',
    ids: [newId('message', randomBytes)],
    now: 1,
  });
  if ('refused' in first) throw new Error(first.refused);
  await store.addContext({
    id: newId('context', randomBytes),
    author: other as never,
    category: 'decision',
    text: 'The first.',
    now: 1,
  });
  const database = new Database(path);
  for (const [table, counter, own] of [
    ['messages', 'message', 'read_at = 1'],
    ['context_entries', 'context', ''],
  ] as const) {
    copyRows(database, table, counter, own);
  }
  database.close();
  await store.sync({ party: one as never, most: rows * 2, now: 2 });
}

/** Copies the only row of a table until there are enough, each with an id and number of its own. */
function copyRows(database: Database.Database, table: string, counter: string, own: string): void {
  if (own !== '') database.exec(`update ${table} set ${own}`);
  const columns = (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
  const values = columns.map((name) => (name === 'id' ? `id || '-' || value` : name === 'seq' ? 'value' : name));
  database.exec(
    `with recursive numbers(value) as (select 2 union all select value + 1 from numbers where value < ${rows})
     insert into ${table} (${columns.join(', ')}) select ${values.join(', ')} from ${table}, numbers where seq = 1`,
  );
  database.exec(`update counters set value = ${rows} where name = '${counter}'`);
}
