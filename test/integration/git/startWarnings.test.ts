import { expect, test } from 'vitest';
import { startWarnings } from '../../../src/core/flow/startWarnings.ts';
import { tempRepo } from './tempRepo.ts';

test('a target behind its upstream is told, checked out or not', async () => {
  await using temp = await tempRepo();
  await temp.git(['branch', 'release']);
  await temp.commit({ 'b.txt': 'two' });
  const repo = await temp.open();
  const before = await startWarnings(repo, 'release', undefined);
  await temp.git(['branch', '--set-upstream-to', 'main', 'release']);
  const behind = await startWarnings(repo, 'release', undefined);
  await temp.git(['branch', '--force', 'release', 'main']);
  expect([before, behind, await startWarnings(repo, 'release', undefined)]).toEqual([
    [],
    ['release is 1 behind main, as last fetched.'],
    [],
  ]);
});

test('a target whose upstream is gone is behind nothing', async () => {
  await using temp = await tempRepo();
  await temp.git(['branch', 'ahead']);
  await temp.git(['branch', '--set-upstream-to', 'ahead']);
  await temp.git(['update-ref', '-d', 'refs/heads/ahead']);
  expect(await startWarnings(await temp.open(), 'main', undefined)).toEqual([]);
});

test('commits of the target that another base lacks are counted, and the newest are named', async () => {
  await using temp = await tempRepo();
  await temp.git(['update-ref', 'refs/remotes/origin/main', 'HEAD']);
  const repo = await temp.open();
  const told: (readonly string[])[] = [await startWarnings(repo, 'main', 'origin/main')];
  for (const subject of ['One', 'Two', 'Three', 'Four', 'Five']) {
    await temp.git(['commit', '--quiet', '--allow-empty', '--message', subject]);
    told.push(await startWarnings(repo, 'main', 'origin/main'));
  }
  expect([told[0], told[1], told[3], told[5]]).toEqual([
    [],
    ['origin/main lacks 1 commit of main, and the work starts without: “One”.'],
    ['origin/main lacks 3 commits of main, and the work starts without: “Three”, “Two”, “One”.'],
    ['origin/main lacks 5 commits of main, and the work starts without: “Five”, “Four”, “Three” and 2 more.'],
  ]);
});

test('a base that has all of the target and more is nothing to tell', async () => {
  await using temp = await tempRepo();
  await temp.git(['branch', 'release']);
  await temp.commit({ 'b.txt': 'two' });
  expect(await startWarnings(await temp.open(), 'release', 'main')).toEqual([]);
});
