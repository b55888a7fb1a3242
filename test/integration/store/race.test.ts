import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { WorkerId } from '../../../src/core/model/ids.ts';
import { openStore } from '../../../src/store/open.ts';
import type { OpenStore } from '../../../src/store/store.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { waitFor } from '../../support/waitFor.ts';
import { newIdOf, Stage } from './stage.ts';

/** A worker process that waits for its start, and how many tasks it will have done at its end (undefined when it was killed). */
interface Racer {
  readonly worker: WorkerId;
  readonly child: ChildProcess;
  readonly told: Promise<number | undefined>;
}

async function racer(store: OpenStore, path: string): Promise<Racer> {
  const worker = newIdOf('worker');
  const launch = newIdOf('launch');
  const face = newIdOf('face');
  await store.requestWorker({ worker, launch, face, mode: 'print', machine: 'here', max: 64, now: 1 });
  const child = fork(join(import.meta.dirname, 'racer.ts'), [path, worker], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const complaints: string[] = [];
  child.stderr?.on('data', (text) => complaints.push(String(text)));
  const exited = once(child, 'exit');
  await Promise.race([
    once(child, 'message'),
    exited.then(() => {
      throw new Error(complaints.join(''));
    }),
  ]);
  let told: number | undefined;
  child.on('message', (message: number) => {
    told = message;
  });
  const end = exited.then(([code, signal]) => {
    if (code !== 0 && signal !== 'SIGKILL') throw new Error(complaints.join(''));
    return told;
  });
  return { worker, child, told: end };
}

/** What must be true of every task when all is over: handed over once, by one attempt, under tokens of its own. */
async function expectEachDoneOnce(store: OpenStore, path: string, tasks: number): Promise<void> {
  const database = new Database(path, { readonly: true });
  const ask = (sql: string) => database.prepare(sql).pluck().get();
  expect({
    problems: database.pragma('integrity_check', { simple: true }),
    dangling: database.pragma('foreign_key_check'),
    inReview: ask(`select count(*) from tasks where state = 'in_review'`),
    handedOver: ask(`select count(distinct task) from attempts where outcome = 'handed_over'`),
    handovers: ask(`select count(*) from attempts where outcome = 'handed_over'`),
    attempts: ask('select (select count(*) from attempts) - (select sum(attempts) from tasks)'),
    tokens: ask(`select value - (select count(*) from attempts) - (select count(*) from workers where pid is not null)
      from counters where name = 'token'`),
    reviews: ask(`select count(*) from reviews where state = 'open'`),
    leases: ask(`select count(*) from leases where name like 'task/%'`),
    events: ask(`select (select max(seq) from events) - (select count(*) from events)`),
  }).toEqual({
    problems: 'ok',
    dangling: [],
    inReview: tasks,
    handedOver: tasks,
    handovers: tasks,
    attempts: 0,
    tokens: 0,
    reviews: tasks,
    leases: 0,
    events: 0,
  });
  database.close();
  expect(await store.check()).toEqual([]);
}

test('eight processes race for 2,000 tasks: each is done once, nobody is told to try later, nobody starves', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const store = await openStore({ path, repo: { root: folder.path, commonDir: folder.path } });
  await new Stage(store).queue(2000, { mode: 'print' });
  const racers = await Promise.all(Array.from({ length: 8 }, () => racer(store, path)));
  for (const { child } of racers) child.send('go');
  const shares = await Promise.all(racers.map(async (each) => (await each.told) ?? 0));
  expect(shares.reduce((sum, each) => sum + each, 0)).toBe(2000);
  expect(Math.max(...shares) / Math.min(...shares)).toBeLessThanOrEqual(3);
  await expectEachDoneOnce(store, path, 2000);
  store.dispose();
}, 120_000);

test('workers that are killed at any moment lose nothing and double nothing', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const store = await openStore({ path, repo: { root: folder.path, commonDir: folder.path } });
  const tasks = 300;
  await new Stage(store).queue(tasks, { mode: 'print' });
  const done = async () => (await store.overview()).reviews.length;
  const living = await Promise.all([1, 2, 3].map(() => racer(store, path)));
  for (const { child } of living) child.send('go');
  let kills = 0;
  for (let goal = 15; goal < tasks - 30; goal += 15) {
    await waitFor(`${goal} tasks done`, async () => (await done()) >= goal, 60_000);
    const victim = living.shift();
    if (!victim) throw new Error('nobody is left');
    victim.child.kill('SIGKILL');
    await victim.told;
    kills++;
    await store.workerLost({ worker: victim.worker, now: 1 });
    const { leases } = await store.situation();
    const { tasks: all } = await store.overview();
    const held = new Set(
      all.flatMap((task) => ('lease' in task && task.lease.worker === victim.worker ? [task.lease.token] : [])),
    );
    await store.reap({ lost: leases.filter((lease) => held.has(lease.token)), now: 1 });
    const next = await racer(store, path);
    next.child.send('go');
    living.push(next);
  }
  await Promise.all(living.map((each) => each.told));
  expect(kills).toBeGreaterThanOrEqual(15);
  await expectEachDoneOnce(store, path, tasks);
  store.dispose();
}, 120_000);
