import { randomBytes } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../src/core/model/ids.ts';
import { openRepo } from '../src/git/open.ts';
import { type Benchmark, described } from './benchmark.ts';
import { createLargeRepository, pathOf } from './largeRepository.ts';
import { eachRound, inTurns, runProgram, timed } from './measure.ts';

const files = 10_000;
const edited = 20;
const rounds = 9;

/** A snapshot after a burst of edits, which touches neither index nor branch, beside the commit a person would make. */
export const snapshot: Benchmark = {
  name: 'snapshot',
  about: `a snapshot of ${files.toLocaleString('en')} files, ${edited} of them edited`,
  async run(world) {
    const [ours, theirs] = [join(world.folder, 'ours'), join(world.folder, 'theirs')] as const;
    for (const folder of [ours, theirs]) await createLargeRepository(folder, files);
    const repo = await openRepo(ours);
    const task = newId('task', randomBytes);
    const git = (...args: string[]) => runProgram('git', args, { cwd: theirs });
    const measured = await inTurns(rounds, {
      async ours(round) {
        await editSome(ours, round);
        return timed(() => repo.snapshot(task, ours, 'after edits'));
      },
      async commit(round) {
        await editSome(theirs, round);
        return timed(async () => {
          await git('add', '--all');
          await git('commit', '--quiet', '--message', 'After edits');
        });
      },
    });
    return [
      {
        goal: '',
        what: 'a snapshot beside git add and git commit',
        ours: described(measured.ours, 'ms'),
        beside: `git add -A && git commit ${described(measured.commit, 'ms')}`,
        value: eachRound(measured.ours, measured.commit, (one, other) => one / other),
        unit: '×',
      },
    ];
  },
};

async function editSome(folder: string, round: number): Promise<void> {
  for (let index = 0; index < edited; index += 1) {
    await appendFile(join(folder, pathOf(index * Math.floor(files / edited))), `// ${round}\n`);
  }
  await writeFile(join(folder, `new ${round}.txt`), 'new\n');
}
