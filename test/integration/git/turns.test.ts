import { execFile, spawn } from 'node:child_process';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { inTurn } from '../../../src/git/turns.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { waitFor } from '../../support/waitFor.ts';

test('no more than the limit run at once in one folder, and a failure gives its place back', async () => {
  await using folder = await tempFolder();
  const here = join(folder.path, 'turns');
  let running = 0;
  let most = 0;
  const work = async (n: number) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
    if (n === 1) throw new Error('red');
  };
  const ended = await Promise.allSettled([0, 1, 2, 3, 4].map((n) => inTurn(here, 2, () => work(n))));
  const other = await inTurn(join(folder.path, 'other'), 1, async () => 'free');
  expect({ most, ended: ended.map(({ status }) => status), other, left: await readdir(here) }).toEqual({
    most: 2,
    ended: ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
    other: 'free',
    left: [],
  });
});

test('other processes count, too: each has its turn alone', async () => {
  await using folder = await tempFolder();
  const log = join(folder.path, 'log');
  const program = `
    import { appendFileSync } from 'node:fs';
    import { inTurn } from ${JSON.stringify(new URL('../../../src/git/turns.ts', import.meta.url).href)};
    const say = (word) => appendFileSync(${JSON.stringify(log)}, word);
    await inTurn(${JSON.stringify(join(folder.path, 'turns'))}, 1, async () => {
      say('(');
      await new Promise((resolve) => setTimeout(resolve, 20));
      say(')');
    });`;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  await Promise.all([run(), run(), run()]);
  expect(await readFile(log, 'utf8')).toBe('()()()');
});

test('a place is free again whose process has died, or that was kept for longer than anybody works', async () => {
  await using folder = await tempFolder();
  const { stdout: dead } = await promisify(execFile)(process.execPath, ['-p', 'process.pid']);
  await writeFile(join(folder.path, '1'), dead);
  await writeFile(join(folder.path, '2'), String(process.pid));
  const longAgo = Date.now() / 1000 - 3600;
  await utimes(join(folder.path, '2'), longAgo, longAgo);
  let running = 0;
  let most = 0;
  const work = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running -= 1;
  };
  await Promise.all([inTurn(folder.path, 2, work), inTurn(folder.path, 2, work)]);
  expect({ most, left: await readdir(folder.path) }).toEqual({ most: 2, left: [] });
});

test('a place is free again whose process has ended unnoticed, or died before it had written its number', async () => {
  await using folder = await tempFolder();
  // The shell becomes `sleep` before its child has ended, and so never hears of that: the child stays a zombie.
  const shell = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const zombie = String(await new Promise((resolve) => shell.stdout.once('data', resolve))).trim();
  await waitFor('the zombie', async () => /\) Z /.test(await readFile(`/proc/${zombie}/stat`, 'utf8')));
  await writeFile(join(folder.path, '1'), zombie);
  expect(await inTurn(folder.path, 1, async () => 'done')).toBe('done');
  await writeFile(join(folder.path, '1'), '');
  expect(await inTurn(folder.path, 1, async () => 'done')).toBe('done');
  shell.kill('SIGKILL');
});
