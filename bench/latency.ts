import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { createSampleRepository } from '../scripts/sample/repository.ts';
import { waitFor } from '../test/support/waitFor.ts';
import { type Benchmark, described } from './benchmark.ts';
import { openEditor } from './editor.ts';
import { eachRound, inTurns, quantile, seriesOf } from './measure.ts';
import { Program } from './program.ts';
import type { News } from './programs/reporter.ts';

const workers = 64;
const rounds = 40;
const blocks = 5;

/** From a commit in another process to the repainted row, beside an extension that only shows a file. */
export const latency: Benchmark = {
  name: 'latency',
  about: `from a commit to the painted row, ${workers} workers in the store`,
  async run(world) {
    const repository = join(world.folder, 'tea shop');
    await createSampleRepository(repository);
    const folder = join(repository, '.git', 'swarm');
    await mkdir(folder);
    await using reporter = await Program.start<News, number>(
      'reporter.ts',
      join(folder, 'store.db'),
      repository,
      String(workers),
    );
    await using window = await openEditor(world, repository, [await packageRuler(world.folder)]);
    await window.showContainer('Swarm');
    const rowsOf = async (view: string) => (await window.view(view).rows()).length;
    await waitFor('the workers', async () => (await rowsOf('Workers')) > 0 && (await rowsOf('Ruler')) > 0, 60_000);
    let told = 0;
    const tell = (ruler?: string) => async () => {
      told += 1;
      const text = `news ${told}.`;
      await sleep(quietMs + Math.random() * quietMs);
      await window.page.evaluate(watchFor(text));
      const committed = await reporter.ask(ruler === undefined ? { text } : { text, folder: ruler });
      return Number(await window.page.evaluate('globalThis.painted')) - committed;
    };
    const { ours, ruler } = await inTurns(rounds, { ours: tell(), ruler: tell(join(world.folder, 'ruler')) });
    const size = rounds / blocks;
    const slow = Array.from({ length: blocks }, (_, at) =>
      quantile(ours.values.slice(at * size, (at + 1) * size), 0.95),
    );
    return [
      {
        goal: 'G12',
        what: `commit to painted row, p95, ${workers} workers`,
        ours: described(ours, 'ms'),
        beside: '',
        value: seriesOf(slow),
        unit: 'ms',
        atMost: 50,
      },
      {
        goal: '',
        what: 'the same beside the least that an extension can do',
        ours: described(ours, 'ms'),
        beside: `a file’s change in a row ${described(ruler, 'ms')}`,
        value: eachRound(ours, ruler, (one, other) => one / other),
        unit: '×',
      },
    ];
  },
};

/** VS Code repaints a tree at once only when it has not done so for 200 ms. */
const quietMs = 300;

/** For the page: a promise of the time when a frame with a row of that description was painted. */
const watchFor = (text: string): string => `{
  const isThere = () => [...document.querySelectorAll('.label-description')].some((row) => row.textContent.includes('${text}'));
  globalThis.painted = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!isThere()) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.timeOrigin + performance.now())));
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  undefined;
}`;

async function packageRuler(folder: string): Promise<string> {
  const vsix = join(folder, 'ruler.vsix');
  const flags = ['--no-dependencies', '--allow-missing-repository', '--skip-license', '--out', vsix];
  await execa('vsce', ['package', ...flags], {
    cwd: join(import.meta.dirname, 'ruler'),
    preferLocal: true,
    localDir: import.meta.dirname,
  });
  return vsix;
}
