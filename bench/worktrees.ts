import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Benchmark, described } from './benchmark.ts';
import { createLargeRepository } from './largeRepository.ts';
import { eachRound, inTurns, runProgram, seriesOf, timed } from './measure.ts';
import { Program } from './program.ts';
import type { Place } from './programs/placer.ts';

const files = 10_000;
const tasks = 16;
const rounds = 5;

/** The worktrees of a fan-out, each made by its worker's own process, beside git alone, one after the other. */
export const worktrees: Benchmark = {
  name: 'worktrees',
  about: `${tasks} worktrees of ${files.toLocaleString('en')} files`,
  async run(world) {
    const repository = join(world.folder, 'large repository');
    await createLargeRepository(repository, files);
    const git = (...args: string[]) => runProgram('git', args, { cwd: repository });
    const base = (await git('rev-parse', 'main')).trim();
    const names = Array.from({ length: tasks }, (_, index) => `task ${index}`);
    const placesIn = (folder: string): readonly Place[] =>
      names.map((name) => ({
        path: join(world.folder, folder, name),
        branch: `swarm/${name.replace(' ', '-')}`,
        base,
      }));
    const forget = async (folder: string) => {
      await rm(join(world.folder, folder), { recursive: true, force: true });
      await git('worktree', 'prune');
      await git('branch', '--quiet', '-D', ...placesIn(folder).map(({ branch }) => branch));
    };
    const firsts = { ours: [] as number[], git: [] as number[] };

    await using crew = new AsyncDisposableStack();
    const placers = await Promise.all(
      names.map(async () => crew.use(await Program.start<Place, string>('placer.ts', repository))),
    );
    const { ours, alone } = await inTurns(rounds, {
      async ours(round) {
        const places = placesIn('ours');
        const started = performance.now();
        const done: number[] = [];
        const all = timed(() =>
          Promise.all(
            placers.map(async (placer, index) => {
              const place = places[index];
              if (place) await placer.ask(place);
              done.push(performance.now() - started);
            }),
          ),
        );
        const ms = await all;
        if (round > 0) firsts.ours.push(Math.min(...done));
        await forget('ours');
        return ms;
      },
      async alone(round) {
        let ms = 0;
        for (const [index, { path, branch }] of placesIn('alone').entries()) {
          const one = await timed(() => git('worktree', 'add', '--quiet', '-b', branch, path, base));
          if (index === 0 && round > 0) firsts.git.push(one);
          ms += one;
        }
        await forget('alone');
        return ms;
      },
    });
    const first = { ours: seriesOf(firsts.ours), git: seriesOf(firsts.git) };
    return [
      {
        goal: 'G8',
        what: `speed-up of ${tasks} worktrees, ${files.toLocaleString('en')} files, ${availableParallelism()} cores`,
        ours: described(ours, 'ms'),
        beside: `git worktree add, ${tasks} times ${described(alone, 'ms')}`,
        value: eachRound(alone, ours, (one, other) => one / other),
        unit: '×',
        atLeast: 0.9 * availableParallelism(),
      },
      {
        goal: 'G8',
        what: 'the first of them',
        ours: described(first.ours, 'ms'),
        beside: `one git worktree add ${described(first.git, 'ms')}`,
        value: eachRound(first.ours, first.git, (one, other) => one / other),
        unit: '×',
        atMost: 1.1,
      },
    ];
  },
};
