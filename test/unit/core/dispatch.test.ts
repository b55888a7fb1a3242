import { expect, test } from 'vitest';
import { AppError } from '../../../src/base/errors.ts';
import { driveAgain, driveTask } from '../../../src/core/flow/dispatch.ts';
import type { OpenSession } from '../../../src/core/flow/supervise.ts';
import { EventReader } from '../../../src/core/flow/supervise.ts';
import type { AttemptId, SessionId, TaskId, WorkerId } from '../../../src/core/model/ids.ts';
import type { Attempt, Session, SessionEnd, SessionEvent } from '../../../src/core/model/session.ts';
import type { Task } from '../../../src/core/model/task.ts';
import type { LeaseAnswer } from '../../../src/core/store.ts';
import { batch, task } from './builders.ts';
import { fakeClock, settled } from './fakeClock.ts';
import type { Given } from './workerWorld.ts';
import { conversation, workerWorld } from './workerWorld.ts';

const attempt: Attempt = {
  id: 'a1' as AttemptId,
  task: 't1' as TaskId,
  number: 1,
  worker: 'w1' as WorkerId,
  startedAt: 0,
};
const held = { lease: { task: attempt.task, worker: attempt.worker, token: 1 }, attempt: attempt.id };
const turn: SessionEvent = { kind: 'turn_ended', text: 'done', pending: 0 };
const ended = (over: Partial<SessionEnd> = {}): SessionEnd => ({
  exitCode: 0,
  signal: undefined,
  denied: [],
  ...over,
});
const forever = new AbortController().signal;

/** Drives a leased task through a scripted world. */
function drives(given: Given, over: Partial<Task> & Record<string, unknown> = {}, last?: Session) {
  const scene = workerWorld(given);
  const leased = {
    kind: 'leased',
    task: task({ state: 'leased', ...held, ...over }),
    attempt,
    batch: batch({ mode: given.mode ?? 'interactive' }),
    ...(last === undefined ? {} : { last }),
  } as Extract<LeaseAnswer, { kind: 'leased' }>;
  return { ...scene, leased, drive: driveTask(scene.world, leased, forever) };
}

/** Goes on with a task that was handed over, because the person spoke to its session. */
function drivesAgain(given: Given, stop: AbortSignal = forever) {
  const scene = workerWorld(given);
  const running = scene.running(given.scripts?.[0]);
  const open = {
    id: 's1' as SessionId,
    task: attempt.task,
    worktree: '/w',
    running,
    snapshots: { poke: () => {}, keep: async () => {}, committed: async () => {} },
    events: new EventReader(running.events),
  } satisfies OpenSession;
  const retaken = {
    task: task({ state: 'running', ...held, session: open.id, worktree: '/w', base: 'base' }),
    attempt,
  } as Parameters<typeof driveAgain>[2];
  return { ...scene, open, drive: driveAgain(scene.world, open, retaken, stop) };
}

const checked = { batch: async () => batch({ mode: 'interactive', review: 'none', check: 'npm test' }) };

test('a stop while the check runs gives a task that went on back to the queue, not up', async () => {
  const stop = new AbortController();
  const { drive, outcomes, told } = drivesAgain(
    {
      scripts: [{ events: [turn] }],
      store: checked,
      git: { head: async () => 'work', resolve: async () => 'work' },
      checks: async () => {
        stop.abort();
        return { passed: false, tail: '', log: '', summary: 'killed' };
      },
    },
    stop.signal,
  );
  expect(await drive).toBeUndefined();
  expect(outcomes).toEqual([
    { kind: 'requeue', feedback: { kind: 'interrupted', text: '' }, countsAsRound: false, outcome: 'stopped' },
  ]);
  expect(told).toContain('session stopped');
});

test.each(['a new task', 'a task that went on'])(
  'a full disk gives %s back to the queue, after a while',
  async (which) => {
    const clock = fakeClock();
    const given: Given = {
      clock,
      scripts: [{ events: [turn] }],
      store: { sessionDid: () => Promise.reject(new AppError('store_full', 'no room')) },
    };
    const { drive, outcomes } = which === 'a new task' ? drives(given) : drivesAgain(given);
    await settled();
    expect(outcomes).toEqual([]);
    await clock.advance(30_000);
    await drive;
    expect(outcomes).toEqual([
      { kind: 'requeue', feedback: { kind: 'interrupted', text: '' }, countsAsRound: false, outcome: 'stopped' },
    ]);
  },
);

const work = { head: async () => 'work', resolve: async (name: string) => (name.endsWith('/main') ? 'tip' : 'work') };
const again = { worktree: '/w', base: 'base' };
const before = { id: 's0' as SessionId, claudeSessionId: conversation } as Session;

test('an interactive task is handed over when its turn ends, and its session stays open without the right to edit', async () => {
  const { drive, outcomes, told, requests } = drives({ scripts: [{ events: [turn] }], git: work }, again);
  expect(await drive).toMatchObject({ task: 't1', worktree: '/w' });
  expect({ outcomes, told, prompts: requests.map(({ prompt, resume }) => ({ prompt, resume })) }).toEqual({
    outcomes: [{ kind: 'in_review', base: 'base', head: 'work' }],
    told: [
      'say “Do it”: preparing the worktree …',
      'placed',
      'session starting',
      'session open',
      'edits granted',
      'edits withdrawn',
    ],
    prompts: [{ prompt: 'Do it', resume: false }],
  });
});

test.each<[string, SessionEnd, Partial<Task>, unknown]>([
  ['that is done is handed over', ended({ succeeded: true }), {}, { kind: 'in_review', base: 'base', head: 'work' }],
  [
    'that says it failed fails, with its own words',
    ended({ exitCode: 1, succeeded: false, reason: 'out of turns', denied: ['Bash', 'Bash'] }),
    {},
    { kind: 'failed', reason: 'out of turns; denied: Bash' },
  ],
  [
    'that was killed goes on where it was',
    ended({ exitCode: undefined, signal: 'SIGKILL' }),
    {},
    { kind: 'requeue', feedback: { kind: 'interrupted', text: '' }, countsAsRound: true, outcome: 'failed' },
  ],
  [
    'that was killed too often fails',
    ended({ exitCode: undefined, signal: 'SIGKILL' }),
    { rounds: 3 },
    { kind: 'failed', reason: 'Claude Code ended: killed by SIGKILL' },
  ],
])('a print-mode session %s', async (_name, end, over, outcome) => {
  const { drive, outcomes } = drives({ mode: 'print', scripts: [{ end }], git: work }, { ...again, ...over });
  expect([await drive, outcomes]).toEqual([undefined, [outcome]]);
});

test('a print-mode session that ended stuck is handed over, with its words kept', async () => {
  const scripts = [
    { events: [{ kind: 'stuck', text: 'no key' }, turn] as const, end: ended({ exitCode: 0, succeeded: true }) },
  ];
  const { drive, outcomes, told } = drives({ mode: 'print', scripts, git: work }, again);
  await drive;
  expect([outcomes, told.filter((line) => line.startsWith('warned'))]).toEqual([
    [{ kind: 'in_review', base: 'base', head: 'work' }],
    ['warned: its session ended stuck: no key'],
  ]);
});

test('a conversation that is there but does not go on is begun anew, with the work so far', async () => {
  const earlier = { store: { sessions: async () => [before] } };
  const scripts = [{ end: ended({ exitCode: 1 }) }, { events: [turn] }];
  const { drive, told, requests } = drives({ ...earlier, scripts, git: work }, again, before);
  await drive;
  expect(requests.map(({ claudeSessionId, resume, prompt }) => ({ claudeSessionId, resume, prompt }))).toEqual([
    { claudeSessionId: conversation, resume: true, prompt: expect.stringContaining('You were interrupted.') },
    {
      claudeSessionId: '00000000-0000-4000-8000-000000000000',
      resume: false,
      prompt: expect.stringContaining('Do it\n\n---\nThis task was begun before'),
    },
  ]);
  expect(told).toContain('session ended: exit 1');
  expect(told).toContain('warned: its conversation is gone: a new one begins, with the work so far in the worktree');
});

test('a session whose task was taken over while it started is ended, and nothing more is written', async () => {
  const { drive, outcomes, told } = drives({ store: { sessionOpen: async () => 'lost' as const } });
  expect([await drive, outcomes, told.slice(-4)]).toEqual([
    undefined,
    [],
    [
      'edits withdrawn',
      'session stopped',
      'session ended: the lease was lost while it started',
      'say “Do it” now belongs to somebody else or was cancelled; its worktree stays as it is.',
    ],
  ]);
});

test('a Claude Code that cannot be started fails the task with what to do about it', async () => {
  const scene = workerWorld();
  const launch = () => Promise.reject(new AppError('no_claude', 'there is no Claude Code', { hint: 'Install it.' }));
  const world = { ...scene.world, sessions: { ...scene.world.sessions, launch } };
  const leased = { kind: 'leased', task: task({ state: 'leased', ...held }), attempt, batch: batch() };
  await driveTask(world, leased as Extract<LeaseAnswer, { kind: 'leased' }>, forever);
  expect([scene.outcomes, scene.told.slice(-2)]).toEqual([
    [{ kind: 'failed', reason: 'there is no Claude Code. Install it.' }],
    [
      'session ended: not started: there is no Claude Code',
      'say t1 failed: there is no Claude Code. Install it. `swarm task retry t1` goes on with it.',
    ],
  ]);
});
