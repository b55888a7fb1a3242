import { expect, test } from 'vitest';
import { whyNotThePerson } from '../../../src/cli/person.ts';
import { type Speaker, whoSpeaks } from '../../../src/cli/speaker.ts';
import type { TaskId, WorkerId } from '../../../src/core/model/ids.ts';
import type { Guest, Member } from '../../../src/core/model/party.ts';
import type { Task } from '../../../src/core/model/task.ts';
import { task } from '../core/builders.ts';

const tea = 't0000000t1' as TaskId;
const milk = 't0000000m1' as TaskId;
const members: readonly Member[] = [
  { party: 'you', title: 'you', isActive: true },
  { party: tea, title: 'Tea', worker: { id: 'w0000000t1' as WorkerId, name: 'worker 3' }, isActive: true },
  { party: milk, title: 'Milk', worker: { id: 'w0000000m1' as WorkerId, name: 'worker 4' }, isActive: true },
  { party: '@ada', title: 'ada', isActive: true },
];
const folders: Readonly<Record<string, TaskId>> = { '/trees/tea': tea, '/trees/milk': milk };
const process = { machine: 'here', pid: 7, startTime: 'boot/5' };

/** A store in which worker 3 runs as `process`, and which notes who was seen. */
function standIn() {
  const seen: Guest[] = [];
  return {
    seen,
    members: async () => members,
    taskOf: async (id: WorkerId) => members.find(({ worker }) => worker?.id === id)?.party as TaskId | undefined,
    taskAt: async (folder: string) => folders[folder],
    task: async (id: TaskId) => task({ id, title: id === tea ? 'Tea' : 'Milk' }) as Task,
    workerAmong: async (known: readonly (typeof process)[]) =>
      known.some(({ pid, startTime }) => pid === process.pid && startTime === process.startTime)
        ? { id: 'w0000000t1' as WorkerId, name: 'worker 3' }
        : undefined,
    guestSeen: async ({ guest }: { guest: Guest }) => {
      seen.push(guest);
      return 'joined' as const;
    },
  };
}

const nobody: Speaker = {
  named: undefined,
  worker: undefined,
  worktree: undefined,
  folder: '/home/ada/repo',
  family: { processes: [{ ...process, startTime: 'boot/4' }], environments: () => [{}], isOrphan: false },
};
const inSession = { ...nobody, family: { ...nobody.family, processes: [process] } };
const startedWith = (...environments: Record<string, string>[]) => ({
  ...nobody,
  family: { ...nobody.family, environments: () => environments },
});
const left: Speaker = { ...nobody, family: { ...nobody.family, isOrphan: true } };

const voices = (...speakers: readonly Speaker[]) =>
  Promise.all(speakers.map((speaker) => whoSpeaks(speaker, standIn(), 1)));
const reasons = (...speakers: readonly Speaker[]) =>
  Promise.all(speakers.map((speaker) => whyNotThePerson(speaker, standIn())));

test('a person in their own terminal is the person, also beside a worktree and with a pid that was a worker’s once', async () => {
  const person = [nobody, { ...nobody, worker: '' }, { ...nobody, folder: '/trees/tea 2' }];
  expect([await reasons(...person), await voices(...person)]).toEqual([
    [undefined, undefined, undefined],
    [{ party: 'you' }, { party: 'you' }, { party: 'you' }],
  ]);
});

test('a session is told apart by its environment, its folder, its family, what those above were started with, or by having none', async () => {
  expect(
    await reasons(
      { ...nobody, worker: 'w1' },
      { ...nobody, worktree: '/trees/.scratch/1-tree/repo' },
      { ...nobody, folder: '/trees/tea/src' },
      { ...nobody, folder: '/trees/tea' },
      inSession,
      startedWith({}, { SWARM_WORKTREE: '/trees/milk' }),
      startedWith({ SWARM_WORKER: 'ada' }),
      left,
    ),
  ).toEqual([
    '$SWARM_WORKER says that w1 is speaking',
    'this command was started inside of /trees/.scratch/1-tree/repo',
    'this folder is the worktree of “Tea”',
    'this folder is the worktree of “Tea”',
    'this command was started by worker 3',
    'this command was started inside of /trees/milk',
    'this command was started by ada',
    'whatever started this command has ended, so nobody can tell whether a session did',
  ]);
});

test('the sessions of another swarm above it make nobody a session here', async () => {
  const other = startedWith({ SWARM_WORKTREE: '/other/trees/tea', SWARM_WORKER: 'w9' });
  expect([await reasons(other), await voices(other)]).toEqual([[undefined], [{ party: 'you' }]]);
});

test('a session speaks for its task and for nobody else, whatever it says of itself', async () => {
  expect(
    await voices(
      inSession,
      { ...inSession, worker: 'w0000000t1', folder: '/trees/milk' },
      { ...inSession, named: '3' },
      { ...inSession, named: tea },
      { ...inSession, named: 'worker 4' },
      { ...inSession, worker: 'w0000000m1' },
      { ...inSession, named: 'eve' },
      { ...nobody, folder: '/trees/tea', named: '4' },
      { ...nobody, worktree: '/trees/tea', named: '4' },
      { ...nobody, worker: 'w0000000t1', named: '4' },
    ),
  ).toEqual([
    { party: tea },
    { party: tea },
    { party: tea },
    { party: tea },
    { refused: 'nobody can speak as worker 4 here: this command was started by worker 3' },
    { refused: 'nobody can speak as w0000000m1 here: this command was started by worker 3' },
    { refused: 'nobody can speak as eve here: this command was started by worker 3' },
    { refused: `nobody can speak as 4 here: this folder is the worktree of task ${tea}` },
    { refused: 'nobody can speak as 4 here: this command was started inside of /trees/tea' },
    { refused: '$SWARM_WORKER says that w0000000t1 is speaking, and --worker says 4' },
  ]);
});

test('who has put its environment away speaks for the task in whose worktree it was started, or for nobody', async () => {
  expect(
    await voices(
      { ...nobody, folder: '/trees/tea/src' },
      { ...nobody, worktree: '/trees/milk' },
      { ...nobody, worktree: '/trees/.scratch/1-tree/repo' },
      startedWith({ SWARM_WORKTREE: '/trees/milk' }),
      left,
      { ...left, named: 'ada' },
    ),
  ).toEqual([
    { party: tea },
    { party: milk },
    { refused: 'this command was started inside of /trees/.scratch/1-tree/repo, which has no task now' },
    { party: milk },
    { refused: 'whatever started this command has ended, so nobody can tell whether a session did' },
    { refused: 'whatever started this command has ended, so nobody can tell whether a session did' },
  ]);
});

test('a name that nobody has is a guest’s, who joins by it; one that means somebody else is none', async () => {
  const store = standIn();
  const asked = [
    'eve',
    'ada',
    'worker 4',
    '4',
    'w0000000m1',
    milk,
    'you',
    '9',
    'w000000009',
    'a b',
    '../x',
    'worker 9',
  ];
  const answers = [];
  for (const named of asked) answers.push(await whoSpeaks({ ...nobody, named }, store, 1));
  const words = 'is no name for a session: it is another’s, or has other characters than letters, digits and _ . -';
  expect({ answers, seen: store.seen }).toEqual({
    answers: [
      { party: '@eve' },
      { party: '@ada' },
      { party: milk },
      { party: milk },
      { party: milk },
      { party: milk },
      { refused: 'you need no --worker' },
      { refused: `“9” ${words}` },
      { refused: 'the worker w000000009 has no task now' },
      { refused: `“a b” ${words}` },
      { refused: `“../x” ${words}` },
      { refused: `“worker 9” ${words}` },
    ],
    seen: ['@eve', '@ada'],
  });
});
