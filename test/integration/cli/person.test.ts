import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { systemRandom } from '../../../src/bridge/open.ts';
import { newId } from '../../../src/core/model/ids.ts';
import { openProcesses } from '../../../src/process/identity.ts';
import { openStore } from '../../../src/store/open.ts';
import { type Desk, desk } from '../../support/commandLine.ts';
import { waitFor } from '../../support/waitFor.ts';

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
  ['init', '--skill'],
  ['mcp', '--coordinator'],
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

/** Records this very process, above everything that the desk starts, as a worker that drives a task. */
async function inSession(place: Desk) {
  const commonDir = `${place.repo.path}/.git`;
  const store = await openStore({ path: `${commonDir}/swarm/store.db`, repo: { root: place.repo.path, commonDir } });
  const { self } = await openProcesses();
  const [worker, launch, face] = [
    newId('worker', systemRandom),
    newId('launch', systemRandom),
    newId('face', systemRandom),
  ];
  await store.requestWorker({ worker, launch, face, mode: 'print', machine: self.machine, max: 1, now: 1 });
  await store.workerStarted({ worker, process: self, leaseMs: 30_000, now: Date.now() });
  const attempt = newId('attempt', systemRandom);
  const lease = { worker, attempt, owner: self, leaseMs: 30_000, max: 9, startAfter: 'merged', modes: {} } as const;
  const answer = await store.leaseNext({ ...lease, now: Date.now() });
  if (answer.kind !== 'leased') throw new Error('no task was leased');
  return {
    task: answer.task.id,
    async [Symbol.asyncDispose]() {
      await store.workerStopped({ worker, reason: 'done', now: Date.now() });
      store.dispose();
    },
  };
}

test('a process that a worker has started is not the person, whatever it puts away', async () => {
  await using place = await desk();
  await place.json(['task', 'add', 'Write tea.txt']);
  await using _ = await inSession(place);
  const add = ['task', 'add', 'more'];
  const told = refusal(/this command was started by worker 1/);
  expect([
    await place.json(add),
    await place.json(add, { env: { SWARM_WORKER: '', SWARM_WORKTREE: '' } }),
    await place.json(['-C', place.repo.path, ...add], { folder: '/' }),
    await through(place, ['setsid', '-w'], add),
    await through(place, ['sh', '-c', 'cd / && "$@"', 'sh'], ['-C', place.repo.path, ...add]),
    await through(place, ['env', '-u', 'SWARM_WORKER'], add),
  ]).toMatchObject([told, told, told, told, told, told]);
  expect(await place.json(['task', 'list'])).toMatchObject({ json: { tasks: [{ title: 'Write tea.txt' }] } });
});

test('settings for all repositories are for the person, wherever a session asks and whatever it puts away', async () => {
  await using place = await desk();
  const config = ['config', '--global', 'claude.permissionMode', 'bypassPermissions'];
  // The variables of a session are in the environment of what it has started, though not in that of the command itself.
  const session = ['env', 'SWARM_WORKTREE=/elsewhere', 'sh', '-c', 'env -u SWARM_WORKTREE "$@"; exit $?', 'sh'];
  const told = refusal(/this command was started by \/elsewhere/);
  expect([
    await through(place, session, ['-C', '/', ...config]),
    await through(place, session, config),
    await through(place, session, ['--store', join(place.home, 'new.db'), ...config]),
    await place.json(config),
  ]).toMatchObject([told, told, told, { code: 0 }]);
});

test('a session speaks as its task and as nobody else, whatever it puts away', async () => {
  await using place = await desk();
  await place.json(['task', 'add', 'Write tea.txt']);
  await place.json(['sync', '--worker', 'ada']);
  await using session = await inSession(place);
  const notYou = { code: 1, json: { error: { code: 'not_you' } } };
  expect([
    await place.json(['claim', 'a.ts', '--worker', 'ada']),
    await place.json(['claim', 'a.ts', '--worker', 'eve']),
    await place.json(['claim', 'a.ts'], { env: { SWARM_WORKER: 'ada' } }),
    await place.json(['unclaim', '--all', '--of', 'ada']),
    await place.json(['mcp', '--worker', 'ada']),
    await through(place, ['setsid', '-w', 'env', '-u', 'SWARM_WORKER'], ['claim', 'a.ts']),
    await place.json(['claims']),
  ]).toMatchObject([
    notYou,
    notYou,
    notYou,
    { code: 1, json: { error: { message: 'only the person may release what others hold' } } },
    notYou,
    { code: 0, json: { claimed: ['a.ts'] } },
    { json: { claims: [{ path: 'a.ts', task: session.task }] } },
  ]);
});

test.runIf(process.platform === 'linux')(
  'who was left behind by all that started it is taken for nobody while sessions are at work',
  async () => {
    await using place = await desk();
    await place.json(['task', 'add', 'Write tea.txt']);
    const add = ['-C', place.repo.path, 'task', 'add', 'more'];
    const alone = await leftBehind(place, add);
    await using _ = await inSession(place);
    const message = 'whatever started this command has ended, so nobody can tell whether a session did';
    expect([
      alone,
      await leftBehind(place, add),
      await leftBehind(place, ['-C', place.repo.path, 'sync']),
    ]).toMatchObject([
      { tasks: [{ title: 'more' }] },
      { error: { code: 'not_a_person', message: `only the person may do this, and ${message}` } },
      { error: { code: 'not_you', message } },
    ]);
  },
);

const main = join(import.meta.dirname, '../../../src/cli/main.ts');

/** Runs `swarm` by way of another program. */
async function through(place: Desk, [program = '', ...before]: readonly string[], args: readonly string[]) {
  const child = spawn(program, [...before, process.execPath, main, '--json', ...args], {
    cwd: place.repo.path,
    env: place.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, json: JSON.parse(stdout || stderr) };
}

/** Runs `swarm` as a process whose parents have all ended, in a session of its own, with nothing in its environment. */
async function leftBehind(place: Desk, args: readonly string[]): Promise<unknown> {
  const answer = join(place.home, `answer ${crypto.randomUUID()}`);
  const file = await open(answer, 'w');
  const command = ['setsid', '--fork', process.execPath, main, '--json', ...args];
  spawn(command[0] ?? '', command.slice(1), { cwd: '/', env: place.env, stdio: ['ignore', file.fd, file.fd] });
  await file.close();
  const said = await waitFor('an answer', async () => (await readFile(answer, 'utf8')) || undefined);
  return JSON.parse(said);
}
