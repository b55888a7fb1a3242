import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { desk } from '../../support/commandLine.ts';

test.each([
  ['an unknown command', ['nope'], /unknown command 'nope'/],
  ['an unknown option', ['run', '-x'], /unknown option '-x'/],
  ['a group without a verb', ['task'], /needs to know what to do/],
  ['a missing argument', ['log'], /missing required argument 'task'/],
  ['too many arguments', ['status', 'all'], /too many arguments/],
  ['a number out of bounds', ['run', 'x', '--workers', '0'], /whole number from 1 to 64/],
  ['a word that is no choice', ['run', 'x', '--until', 'noon'], /Allowed choices are done, merged/],
  ['no prompt', ['run'], /no prompt was given/],
  ['an empty prompt', ['run', ' '], /task 1 has an empty prompt/],
  ['a list that is not there', ['run', '--file', 'nowhere.yaml'], /nowhere\.yaml cannot be read/],
  ['a branch that is not there', ['task', 'add', 'x', '--target', 'nowhere'], /there is no branch “nowhere”/],
  ['a folder that is not there', ['-C', 'nowhere', 'status'], /cannot go to nowhere/],
  [
    'a store that is no file',
    ['--store', 'postgres://me:secret@host/db', 'status'],
    /must be a file, not postgres:\/\/…$/,
  ],
  ['a task that is not there', ['task', 'show', 'nobody'], /there is no task “nobody”/],
  ['a state that is none', ['task', 'list', '--state', 'happy'], /there is no state “happy”/],
  ['a setting that is none', ['config', 'happy'], /there is no setting “happy”/],
  ['nobody to stop', ['worker', 'stop'], /name the workers to stop/],
])('%s is a mistake of the person: exit 2, in words, and nothing is queued', async (_, args, message) => {
  await using place = await desk({ trusted: false });
  const { code, json } = await place.json(args);
  expect([code, json]).toEqual([
    2,
    { error: expect.objectContaining({ code: 'usage', message: expect.stringMatching(message) }) },
  ]);
  expect((await place.json(['status'])).json).toMatchObject({ tasks: [] });
});

test('what is no repository to work in is said, with what to do', async () => {
  await using place = await desk();
  const outside = place.repo.beside('outside');
  await mkdir(outside);
  const empty = place.repo.beside('empty');
  const bare = place.repo.beside('bare');
  await place.repo.git(['init', '--quiet', empty]);
  await place.repo.git(['init', '--quiet', '--bare', bare]);
  const codes = await Promise.all(
    [outside, empty, bare].map(async (folder) => {
      const { code, json } = await place.json(['run', 'x'], { folder });
      return [code, (json as { error: { code: string; hint?: string } }).error.code];
    }),
  );
  expect(codes).toEqual([
    [1, 'not_a_repository'],
    [1, 'unborn_branch'],
    [1, 'bare_repository'],
  ]);
});

test('a detached HEAD needs a target; an unclean checkout is told and does not matter', async () => {
  await using place = await desk();
  await place.repo.write('a.txt', 'changed\n');
  const unclean = await place.swarm(['task', 'add', 'x']);
  expect([unclean.code, unclean.stderr]).toEqual([0, expect.stringMatching(/uncommitted changes/)]);
  await place.repo.git(['checkout', '--quiet', '--detach']);
  expect(await place.json(['task', 'add', 'x'])).toMatchObject({
    code: 2,
    json: { error: { message: expect.stringMatching(/HEAD is detached/) } },
  });
  expect(await place.json(['task', 'add', 'x', '--target', 'main'])).toMatchObject({ code: 0 });
});

test('a store that is damaged or gone is said, never taken for an empty one', async () => {
  await using place = await desk();
  await place.json(['task', 'add', 'x']);
  await writeFile(join(place.repo.path, '.git/swarm/store.db'), '');
  expect(await place.json(['status'])).toMatchObject({
    code: 1,
    json: { error: { code: 'store_broken', hint: expect.any(String) } },
  });
});

test('names of tasks are beginnings of ids or parts of titles, and must fit one task only', async () => {
  await using place = await desk();
  await place.json(['task', 'add', 'Write tea', 'Write milk']);
  const { code, stderr } = await place.swarm(['task', 'cancel', 'write']);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/could be any of these tasks:\n {2}t\w+ {2}Write tea\n {2}t\w+ {2}Write milk\n/),
  ]);
  expect(await place.json(['task', 'cancel', 'milk'])).toMatchObject({
    code: 0,
    json: { tasks: [{ title: 'Write milk' }] },
  });
});

test('help and version go to stdout and are no failure', async () => {
  await using place = await desk();
  const calls = await Promise.all(
    [['--help'], [], ['help', 'run'], ['task', '--help'], ['--version']].map((args) => place.swarm(args)),
  );
  expect(calls.map(({ code, stderr }) => [code, stderr])).toEqual(calls.map(() => [0, '']));
  expect(calls.map(({ stdout }) => stdout.split('\n')[0])).toEqual([
    'Usage: swarm [options] [command]',
    'Usage: swarm [options] [command]',
    'Usage: swarm run [options] [prompt...]',
    'Usage: swarm task [options] [command]',
    expect.stringMatching(/^\d+\.\d+\.\d+$/),
  ]);
});

test('a reader that goes away ends what would go on printing for ever, without a word', async () => {
  await using place = await desk();
  await place.json(['task', 'add', 'One']);
  const call = place.start(['watch', '--since', '0']);
  call.process.stdout?.once('data', () => call.process.stdout?.destroy());
  const again = setInterval(() => void place.swarm(['task', 'add', 'more']), 2000);
  const { code, stderr } = await call.ended;
  clearInterval(again);
  expect([code, stderr]).toEqual([0, '']);
});

test('control characters in data never reach a terminal, and a pipe gets the bytes as they are', async () => {
  await using place = await desk();
  await place.json(['task', 'add', 'evil \u001b[31mred\u0007']);
  const list = await place.swarm(['task', 'list']);
  expect(list.stdout).toContain('evil [31mred');
  const inTerminal = await new Promise<string>((resolve) => {
    const words = [process.execPath, join(import.meta.dirname, '../../../src/cli/main.ts'), 'task', 'show', 'evil'];
    const line = words.map((word) => `'${word}'`).join(' ');
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      cwd: place.repo.path,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.once('close', () => resolve(text));
  });
  expect(inTerminal).toContain('evil  [31mred ');
  expect((await place.swarm(['task', 'show', 'evil'])).stdout).toContain('evil \u001b[31mred\u0007');
});
