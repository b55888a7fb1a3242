import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createSampleRepository } from '../scripts/sample/repository.ts';
import { openStore } from '../src/store/open.ts';
import { type Benchmark, described } from './benchmark.ts';
import { fillStore } from './fillStore.ts';
import { eachRound, inTurns, runProgram, timed } from './measure.ts';

const tasks = 100;
const rounds = 40;
const verbs = ['status', 'task list'] as const;

/** What a prompt or a status line pays for a look: the whole process. */
export const status: Benchmark = {
  name: 'status',
  about: 'commands that only look, as whole processes',
  async run(world) {
    const repository = join(world.folder, 'tea shop');
    const commonDir = join(repository, '.git');
    await createSampleRepository(repository);
    await mkdir(join(commonDir, 'swarm'));
    const store = await openStore({
      path: join(commonDir, 'swarm', 'store.db'),
      repo: { root: repository, commonDir },
    });
    await fillStore(store, { tasks, mode: 'print', random: randomBytes });
    store.dispose();
    const run =
      (...args: string[]) =>
      () =>
        timed(() =>
          runProgram(process.execPath, args, { cwd: repository, env: { PATH: process.env.PATH, HOME: world.folder } }),
        );
    const measured = await inTurns(rounds, {
      node: run('-e', '0'),
      status: run(world.cli, 'status'),
      'task list': run(world.cli, 'task', 'list'),
    });
    return verbs.map((verb) => ({
      goal: 'G3',
      what: `swarm ${verb}, ${tasks} tasks`,
      ours: described(measured[verb], 'ms'),
      beside: `node -e 0 ${described(measured.node, 'ms')}`,
      value: eachRound(measured[verb], measured.node, (one, other) => one / other),
      unit: '×',
      atMost: 1.4,
    }));
  },
};
