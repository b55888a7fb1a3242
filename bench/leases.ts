import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { WorkerId } from '../src/core/model/ids.ts';
import { newId } from '../src/core/model/ids.ts';
import { openStore } from '../src/store/open.ts';
import { type Benchmark, described } from './benchmark.ts';
import { fillStore } from './fillStore.ts';
import { eachRound, inTurns, seriesOf } from './measure.ts';
import { Program } from './program.ts';
import type { Work, Worked } from './programs/leaser.ts';

const processes = 8;
const tasks = 1_000;
const rounds = 7;

type Crew = readonly Program<Work, Worked>[];

/** Many processes that want one store at once. */
export const leases: Benchmark = {
  name: 'leases',
  about: `${processes} processes lease and finish ${tasks.toLocaleString('en')} tasks`,
  async run(world) {
    await using stack = new AsyncDisposableStack();
    const crew = (side: string): Promise<Crew> =>
      Promise.all(
        Array.from({ length: processes }, async () => stack.use(await Program.start<Work, Worked>('leaser.ts', side))),
      );
    const crews = { ours: await crew('ours'), plain: await crew('plain') };
    const slowest = { ours: [] as number[], plain: [] as number[] };
    const shares: number[] = [];
    const side = (name: 'ours' | 'plain') => async (round: number) => {
      const path = join(world.folder, `${name} ${round}.db`);
      const { worked, ms } = await race(crews[name], path, await prepare(path));
      const done = worked.map((each) => each.done);
      const sum = done.reduce((one, other) => one + other, 0);
      if (sum !== tasks) throw new Error(`${sum} tasks were done instead of ${tasks}`);
      if (round > 0) {
        slowest[name].push(Math.max(...worked.map((each) => each.slowestMs)));
        if (name === 'ours') shares.push(Math.max(...done) / Math.max(1, Math.min(...done)));
      }
      return (2 * tasks) / (ms / 1000);
    };
    const rate = await inTurns(rounds, { ours: side('ours'), plain: side('plain') });
    const waits = { ours: seriesOf(slowest.ours), plain: seriesOf(slowest.plain) };
    return [
      {
        goal: 'G6',
        what: `slowest transaction, ${processes} processes`,
        ours: described(waits.ours, 'ms'),
        beside: `the same, waiting as SQLite does ${described(waits.plain, 'ms')}`,
        value: eachRound(waits.ours, waits.plain, (one, other) => one / other),
        unit: '×',
        atMost: 0.1,
      },
      {
        goal: 'G6',
        what: 'share of the luckiest process beside that of the unluckiest',
        ours: `${tasks} tasks, each done once`,
        beside: '',
        value: seriesOf(shares),
        unit: '×',
        atMost: 3,
      },
      {
        goal: '',
        what: 'transactions a second',
        ours: described(rate.ours, '/s'),
        beside: `the same, waiting as SQLite does ${described(rate.plain, '/s')}`,
        value: eachRound(rate.ours, rate.plain, (one, other) => one / other),
        unit: '×',
      },
    ];
  },
};

async function race(crew: Crew, path: string, workers: readonly WorkerId[]) {
  const at = Date.now() + 300;
  const started = performance.now() + 300;
  const worked = await Promise.all(
    crew.map((program, index) => program.ask({ path, worker: workers[index] ?? newId('worker', randomBytes), at })),
  );
  return { worked, ms: performance.now() - started };
}

/** Makes a store full of tasks and says who works on them. */
async function prepare(path: string): Promise<readonly WorkerId[]> {
  const store = await openStore({ path, repo: { root: path, commonDir: path } });
  await fillStore(store, { tasks, mode: 'print', random: randomBytes });
  const workers = Array.from({ length: processes }, () => newId('worker', randomBytes));
  for (const worker of workers) {
    const launch = newId('launch', randomBytes);
    const face = newId('face', randomBytes);
    await store.requestWorker({ worker, launch, face, mode: 'print', machine: hostname(), max: 64, now: Date.now() });
  }
  store.dispose();
  return workers;
}
