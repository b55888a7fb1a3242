import { mkdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { systemRandom } from '../../../src/bridge/open.ts';
import { newId } from '../../../src/core/model/ids.ts';
import { openProcesses } from '../../../src/process/identity.ts';
import { openStore } from '../../../src/store/open.ts';
import { desk } from '../../support/commandLine.ts';

const tea = { prompt: 'Write tea.txt', files: { 'tea.txt': 'assam\n' }, commit: 'Add tea' };
const verbs = [
  ['run', 'more'],
  ['up'],
  ['task', 'add', 'more'],
  ['task', 'cancel', 'tea'],
  ['task', 'retry', 'tea'],
  ['review', 'approve', 'tea'],
  ['review', 'request-changes', 'tea', '--note', 'x'],
  ['review', 'reject', 'tea', '--note', 'x'],
  ['merge'],
  ['config', 'claude.permissionMode', 'bypassPermissions'],
  ['config', '--global', 'claude.permissionMode', 'bypassPermissions'],
  ['setup', '--trust'],
  ['worker', 'stop', '--all'],
];
const refusal = (message: RegExp) => ({
  code: 1,
  json: { error: { code: 'not_a_person', message: expect.stringMatching(message) } },
});

test('a session may look, and may decide, start and change nothing', async () => {
  await using place = await desk();
  await place.json(['task', 'add', 'Write tea.txt']);
  const env = { SWARM_WORKER: 'w000000001' };
  expect(await Promise.all(verbs.slice(0, 6).map((args) => place.json(args, { env })))).toMatchObject(
    verbs.slice(0, 6).map(() => refusal(/SWARM_WORKER says that w000000001 is speaking/)),
  );
  expect(await Promise.all(verbs.slice(6).map((args) => place.json(args, { env })))).toMatchObject(
    verbs.slice(6).map(() => refusal(/w000000001 is speaking/)),
  );
  expect(await place.json(['status'], { env })).toMatchObject({ code: 0, json: { tasks: [{ state: 'queued' }] } });
});

test('in the worktree of a task nobody is taken for the person, whatever the environment says', async () => {
  await using place = await desk({ sessions: [tea] });
  const { json } = await place.json(['run', 'Write tea.txt']);
  const { worktree } = (json as { tasks: { worktree: string }[] }).tasks[0] ?? { worktree: '' };
  const inside = `${worktree}/deep/inside`;
  await mkdir(inside, { recursive: true });
  const args = ['review', 'approve', 'tea'];
  const told = refusal(/this folder is the worktree of “Write tea\.txt”/);
  expect(await place.json(args, { folder: inside })).toMatchObject(told);
  expect(await place.json(['-C', place.repo.path, ...args], { folder: worktree })).toMatchObject(told);
  expect(await place.json(['-C', worktree, ...args])).toMatchObject({ code: 0 });
});

test('a process that a worker has started is not the person, even without its environment', async () => {
  await using place = await desk();
  const commonDir = `${place.repo.path}/.git`;
  const store = await openStore({ path: `${commonDir}/swarm/store.db`, repo: { root: place.repo.path, commonDir } });
  const { self } = await openProcesses();
  const worker = newId('worker', systemRandom);
  const launch = newId('launch', systemRandom);
  const face = newId('face', systemRandom);
  await store.requestWorker({ worker, launch, face, mode: 'print', machine: self.machine, max: 1, now: 1 });
  await store.workerStarted({ worker, process: self, leaseMs: 30_000, now: 2 });
  expect(await place.json(['task', 'add', 'more'])).toMatchObject(refusal(/this command was started by worker 1/));
  await store.workerStopped({ worker, reason: 'done', now: 3 });
  store.dispose();
});
