import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createSampleRepository } from '../scripts/sample/repository.ts';
import { openProcesses } from '../src/process/identity.ts';
import { openStore } from '../src/store/open.ts';
import type { OpenStore } from '../src/store/store.ts';
import { type Benchmark, described, type Finding, type World } from './benchmark.ts';
import { type AtWork, putToWork } from './crew.ts';
import { eachRound, inTurns, quantile, runProgram, timed } from './measure.ts';

const rounds = 40;
const workers = 32;
const loops = 5;
const crowdRounds = 5;
const measuredVerbs = ['sync', 'claim'] as const;

/** What a session pays for its verbs: the whole process, alone and among many. */
export const verbs: Benchmark = {
  name: 'verbs',
  about: 'sync and claim inside a session, as whole processes',
  async run(world) {
    return [...(await alone(world)), ...(await crowd(world))];
  },
};

interface Shop extends Disposable {
  readonly repository: string;
  readonly store: OpenStore;
}

async function openShop(folder: string): Promise<Shop> {
  const repository = join(folder, 'tea shop');
  const commonDir = join(repository, '.git');
  await createSampleRepository(repository);
  await mkdir(join(commonDir, 'swarm'), { recursive: true });
  // Stays open, as that of a worker does.
  const store = await openStore({
    path: join(commonDir, 'swarm', 'store.db'),
    repo: { root: repository, commonDir },
  });
  return { repository, store, [Symbol.dispose]: () => store.dispose() };
}

/** What a session's commands have in their environment. */
const environmentIn = (world: World, session: AtWork | undefined): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: world.folder,
  SWARM_WORKER: session?.worker,
  SWARM_WORKTREE: session?.worktree,
});

async function alone(world: World): Promise<readonly Finding[]> {
  using shop = await openShop(join(world.folder, 'alone'));
  const { self } = await openProcesses();
  // The session's calls come from below its worker, which this process is here.
  const [first] = await putToWork(shop.store, 1, () => self);
  const env = environmentIn(world, first);
  const run = (...args: string[]) => timed(() => runProgram(process.execPath, args, { cwd: shop.repository, env }));
  const measured = await inTurns(rounds, {
    node: () => run('-e', '0'),
    sync: () => run(world.cli, 'sync'),
    claim: (round) => run(world.cli, 'claim', `src/file-${round}.ts`),
  });
  return measuredVerbs.map((verb) => ({
    goal: 'G3',
    what: `swarm ${verb}`,
    ours: described(measured[verb], 'ms'),
    beside: `node -e 0 ${described(measured.node, 'ms')}`,
    value: eachRound(measured[verb], measured.node, (one, other) => one / other),
    unit: '×',
    atMost: 1.4,
  }));
}

/** Thirty-two sessions that call all the time: everyone its own files, and all of them one that only one can have. */
async function crowd(world: World): Promise<readonly Finding[]> {
  using shop = await openShop(join(world.folder, 'crowd'));
  const crew = await putToWork(shop.store, workers);
  const environmentOf = (index: number) => environmentIn(world, crew[index]);
  const rush = async (callsOf: (index: number, loop: number) => readonly (readonly string[])[]): Promise<number> => {
    const taken: number[] = [];
    const session = async (index: number) => {
      for (let loop = 0; loop < loops; loop += 1) {
        for (const args of callsOf(index, loop)) {
          taken.push(await timed(() => call(args, shop.repository, environmentOf(index))));
        }
      }
    };
    await Promise.all(Array.from({ length: workers }, (_, index) => session(index)));
    return quantile(taken, 0.95);
  };
  const measured = await inTurns(crowdRounds, {
    node: () =>
      rush(() => [
        ['-e', '0'],
        ['-e', '0'],
        ['-e', '0'],
      ]),
    verbs: (round) =>
      rush((index, loop) => [
        [world.cli, 'sync'],
        [world.cli, 'claim', `src/of-${index}/file-${round}-${loop}.ts`],
        [world.cli, 'claim', 'src/wanted-by-all.ts'],
      ]),
  });
  const claims = await shop.store.claims();
  const holders = new Set(claims.filter(({ path }) => path === 'src/wanted-by-all.ts').map(({ holder }) => holder));
  if (holders.size !== 1) throw new Error(`${holders.size} sessions hold one file`);
  const own = claims.length - 1;
  if (own !== workers * loops * (crowdRounds + 1)) throw new Error(`${own} claims came of all calls`);
  const calls = (workers * loops * 3).toLocaleString('en');
  return [
    {
      goal: 'G3',
      what: `slowest of twenty calls (p95) of ${calls}, ${workers} sessions at once, no error, one holder`,
      ours: `sync and claim ${described(measured.verbs, 'ms')}`,
      beside: `as many node -e 0 ${described(measured.node, 'ms')}`,
      value: eachRound(measured.verbs, measured.node, (one, other) => one / other),
      unit: '×',
      atMost: 1.4,
    },
  ];
}

/** Refused is an answer, too; everything else but 0 is an error. */
function call(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0 || (code === 1 && said.includes('is claimed by'))) resolve();
      else reject(new Error(`${args.join(' ')} ended with ${code}:\n${said}`));
    });
  });
}
