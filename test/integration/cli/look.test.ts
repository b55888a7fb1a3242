import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { desk } from '../../support/commandLine.ts';
import { waitFor } from '../../support/waitFor.ts';

const queued = (title: string, over: object = {}) => ({
  id: expect.stringMatching(/^t\w{9}$/),
  title,
  kind: 'change',
  state: 'queued',
  attempt: 0,
  branch: expect.stringMatching(/^swarm\//),
  base: null,
  head: null,
  worker: null,
  waitingFor: null,
  costUsd: 0,
  batch: expect.stringMatching(/^b\w{9}$/),
  target: 'main',
  after: [],
  worktree: null,
  reason: null,
  landed: null,
  ...over,
});

test('status and task list show all there is, in a worktree and a subfolder, too, quickly or by the whole program', async () => {
  await using place = await desk({ files: { 'docs/a.txt': 'one\n' } });
  const nothing = { workers: [], tasks: [], claims: [], reviews: [], merges: [], unread: 0 };
  expect(await place.json(['status'])).toEqual({ code: 0, json: nothing });
  await place.json(['task', 'add', 'One', 'Two']);
  await place.json(['task', 'cancel', 'One', '--reason', 'not needed']);
  const tasks = [queued('One', { state: 'cancelled', reason: 'not needed' }), queued('Two')];
  expect(await place.json(['status'])).toEqual({ code: 0, json: { ...nothing, tasks } });
  await place.repo.git(['worktree', 'add', '--quiet', '-b', 'other', place.repo.beside('other tree')]);
  for (const folder of [join(place.repo.path, 'docs'), place.repo.beside('other tree')]) {
    expect(await place.json(['task', 'list'], { folder })).toEqual({ code: 0, json: { tasks } });
  }
  expect(await place.json(['-C', place.repo.path, 'task', 'list'], { folder: '/' })).toEqual({
    code: 0,
    json: { tasks },
  });
  expect((await place.swarm(['status'])).stdout.replace(/t\w{9}/g, 'ID')).toBe(
    'ID\tcancelled\t0\t\tOne\tnot needed\nID\tqueued\t0\t\tTwo\t\n',
  );
  await writeFile(join(place.repo.path, 'swarm.yaml'), 'tasks: { startAfter: in_review }\n');
  expect(await place.json(['status'])).toEqual({ code: 0, json: { ...nothing, tasks } });
  expect(await place.json(['task', 'list', '--state', 'queued,failed'])).toEqual({
    code: 0,
    json: { tasks: tasks.slice(1) },
  });
  expect(await place.json(['worker', 'list'])).toEqual({ code: 0, json: { workers: [] } });
});

test('a store elsewhere is named by --store or $SWARM_STORE', async () => {
  await using place = await desk();
  const store = place.repo.beside('a store/tasks.db');
  await place.json(['task', 'add', 'One', '--store', store]);
  const one = { code: 0, json: { tasks: [queued('One')] } };
  expect(await place.json(['task', 'list', '--store', store])).toEqual(one);
  expect(await place.json(['task', 'list'], { env: { SWARM_STORE: store } })).toEqual(one);
  expect(await place.json(['task', 'list'])).toEqual({ code: 0, json: { tasks: [] } });
});

test('a task is shown with its prompt, attempts, sessions and reviews, its log as text, raw and line by line', async () => {
  await using place = await desk({ sessions: [{ prompt: 'Say hello', says: 'Hello.', costUsd: 0.5 }] });
  await place.json(['run', 'Say hello\nand nothing else']);
  const { json } = await place.json(['task', 'show', 'hello']);
  expect(json).toMatchObject({
    task: {
      title: 'Say hello',
      prompt: 'Say hello\nand nothing else',
      state: 'skipped',
      costUsd: 0.5,
      attempts: [{ number: 1, outcome: 'no_changes' }],
      sessions: [{ mode: 'print', state: 'ended', costUsd: 0.5 }],
      reviews: [],
    },
  });
  const shown = await place.swarm(['task', 'show', 'hello']);
  expect(shown.stdout).toMatch(/^Say hello\n.*state {5,}skipped\n.*\n\nSay hello\nand nothing else\n$/s);
  const log = await place.swarm(['log', 'hello']);
  expect([log.code, log.stdout]).toEqual([0, expect.stringContaining('Hello.')]);
  expect((await place.json(['log', 'hello'])).json).toEqual({
    task: expect.any(String),
    file: expect.stringMatching(/log\.txt$/),
    text: log.stdout,
  });
  const raw = await place.swarm(['log', 'hello', '--raw', '--attempt', '1']);
  expect(
    raw.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type),
  ).toEqual(['system', 'assistant', 'result']);
  const follow = place.start(['log', '-f', 'hello', '--json']);
  await waitFor('the log', () => follow.printed.stdout.split('\n').length > log.stdout.split('\n').length - 1);
  follow.process.kill('SIGINT');
  const { code, stdout } = await follow.ended;
  expect([
    code,
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).line),
  ]).toEqual([130, log.stdout.trim().split('\n')]);
  expect(await place.json(['log', 'hello', '--attempt', '9'])).toMatchObject({ code: 2 });
});

test('watch tells events as they are committed, one object a line, of one task when asked', async () => {
  await using place = await desk();
  await place.json(['task', 'add', 'One', 'Two']);
  const all = place.start(['watch', '--since', '0', '--json']);
  const one = place.start(['watch', 'Two', '--since', '0', '--json']);
  await waitFor('the first events', () => all.printed.stdout.includes('Two') && one.printed.stdout.includes('Two'));
  await place.json(['task', 'cancel', 'Two']);
  await waitFor('the cancellation', () => [all, one].every(({ printed }) => printed.stdout.includes('task.cancelled')));
  for (const call of [all, one]) call.process.kill('SIGTERM');
  const kinds = async (call: typeof all) => {
    const { stdout } = await call.ended;
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).kind);
  };
  expect([await kinds(all), await kinds(one)]).toEqual([
    ['batch.created', 'task.queued', 'task.queued', 'task.cancelled'],
    ['task.queued', 'task.cancelled'],
  ]);
});

test('wait ends with 3 when the time is over and with what became of the tasks when they are done', async () => {
  await using place = await desk();
  await place.json(['task', 'add', 'One', 'Two']);
  expect(await place.json(['wait', 'One', '--timeout', '0'])).toEqual({ code: 3, json: { tasks: [queued('One')] } });
  const call = place.start(['wait', 'One', 'Two', '--json', '--timeout', '50']);
  await place.json(['task', 'cancel', 'One', 'Two']);
  const { code, stdout } = await call.ended;
  expect([code, JSON.parse(stdout).tasks.map(({ state }: { state: string }) => state)]).toEqual([
    0,
    ['cancelled', 'cancelled'],
  ]);
  expect(await place.json(['wait', 'One', '--until', 'merged'])).toMatchObject({ code: 1 });
  expect(await place.json(['task', 'retry', 'One', '--dry-run'])).toMatchObject({
    code: 0,
    json: { tasks: [{ state: 'cancelled' }] },
  });
  expect(await place.json(['task', 'retry', 'One'])).toMatchObject({
    code: 0,
    json: { tasks: [{ state: 'queued' }], refused: [] },
  });
  expect(await place.json(['task', 'retry', 'One'])).toMatchObject({
    code: 1,
    json: { refused: [{ reason: expect.any(String) }] },
  });
});
