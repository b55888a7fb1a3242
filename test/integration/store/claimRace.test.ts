import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/store/open.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { TeamStage } from './teamStage.ts';

const rounds = 60;

/** A process that takes files for a party when told to. */
async function claimer(store: string, party: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'claimer.ts'), [store, party], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

/** Lets both take the same file at the same moment, round after round; how many got each. */
async function race(children: readonly ChildProcess[]): Promise<readonly number[]> {
  const winners: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const answers = children.map((child) => once(child, 'message') as Promise<[{ got: boolean }]>);
    const at = performance.timeOrigin + performance.now() + 5;
    for (const child of children) child.send({ file: `src/${round}.ts`, at });
    winners.push((await Promise.all(answers)).filter(([{ got }]) => got).length);
  }
  return winners;
}

async function end(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }),
  );
}

test('of two processes that claim a file at the same moment exactly one gets it, every time', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const store = await openStore({ path, repo: { root: folder.path, commonDir: folder.path } });
  const tasks = await new TeamStage(store).queue(2);
  const children = await Promise.all(tasks.map((task) => claimer(path, task)));
  try {
    expect(await race(children)).toEqual(Array.from({ length: rounds }, () => 1));
  } finally {
    await end(children);
  }
  const holders = (await store.claims()).map(({ holder }) => holder);
  store.dispose();
  expect([holders.length, new Set(holders)]).toEqual([rounds, new Set(tasks)]);
}, 60_000);

test('the race would be seen to be lost by two that look first and write then', async () => {
  await using folder = await tempFolder();
  const table = join(folder.path, 'table.json');
  await writeFile(table, '{}');
  const children = await Promise.all(['one', 'other'].map((party) => claimer(`naive ${table}`, party)));
  try {
    expect((await race(children)).some((count) => count > 1)).toBe(true);
  } finally {
    await end(children);
  }
}, 60_000);
