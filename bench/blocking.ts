import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSampleRepository } from '../scripts/sample/repository.ts';
import { packageExtension } from '../scripts/vsix.ts';
import { AppError } from '../src/base/errors.ts';
import { openStore } from '../src/store/open.ts';
import { bundleHostSuite } from '../test/support/vscode/hostSuite.ts';
import { openWindow } from '../test/support/vscode/window.ts';
import { type Benchmark, described, Skipped, type World } from './benchmark.ts';
import { fillStore } from './fillStore.ts';
import type { LongestTurns } from './loopWatch.ts';
import { seriesOf } from './measure.ts';

const tasks = 500;
const rounds = 5;

/** Whether other extensions have to wait for this one: the longest time that it holds their common process. */
export const blocking: Benchmark = {
  name: 'blocking',
  about: 'the extension host while the extension starts and opens a repository with tasks',
  async run(world) {
    const repository = join(world.folder, 'tea shop');
    const last = await repositoryWithTasks(repository);
    const suite = await bundleHostSuite(join(import.meta.dirname, 'programs', 'hostWatch.ts'));
    const vsix = await packageExtension(world.say);
    const turns: LongestTurns[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      turns.push(
        await watchWindow(world, { repository, last, suite, vsix, folder: join(world.folder, `round ${round}`) }),
      );
    }
    const ours = seriesOf(turns.map((turn) => turn.ours));
    return [
      {
        goal: 'hold',
        what: `longest hold of the extension host, opening ${tasks} tasks`,
        ours: described(ours, 'ms'),
        beside: `with VS Code’s own start ${described(seriesOf(turns.map(({ whole }) => whole)), 'ms')}`,
        value: ours,
        unit: 'ms',
        atMost: 50,
      },
    ];
  },
};

async function repositoryWithTasks(repository: string): Promise<string> {
  const commonDir = join(repository, '.git');
  await createSampleRepository(repository);
  await mkdir(join(commonDir, 'swarm'));
  const store = await openStore({ path: join(commonDir, 'swarm', 'store.db'), repo: { root: repository, commonDir } });
  const ids = await fillStore(store, { tasks, mode: 'print', random: randomBytes });
  store.dispose();
  return ids.at(-1) ?? '';
}

interface Round {
  readonly repository: string;
  /** The task that is queued last. */
  readonly last: string;
  readonly suite: string;
  readonly vsix: string;
  /** For this round alone. */
  readonly folder: string;
}

async function watchWindow(world: World, { repository, last, suite, vsix, folder }: Round): Promise<LongestTurns> {
  const report = join(folder, 'report.json');
  const { version } = JSON.parse(await readFile(join(world.root, 'package.json'), 'utf8'));
  try {
    await using window = await openWindow(repository, {
      dataFolder: folder,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: folder,
        LANG: 'C.UTF-8',
        SWARM_HOST_REPORT: report,
        SWARM_HOST_TASK: last,
      },
      vsix: [vsix],
      workspaceTrust: false,
      suite: { file: suite, extension: join(folder, 'extensions', `swarm.swarm-${version}`) },
      progress: world.say,
    });
    const code = await window.suiteEnded;
    if (code !== 0) throw new Error(`the watch has failed:\n${window.server.output()}`);
    return JSON.parse(await readFile(report, 'utf8'));
  } catch (error) {
    if (AppError.is(error, 'vscode_unavailable') || AppError.is(error, 'chromium_unavailable'))
      throw new Skipped(error.message);
    throw error;
  }
}
