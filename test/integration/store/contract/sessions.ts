import { describe, expect, test } from 'vitest';
import type { ClaudeSessionId } from '../../../../src/core/model/ids.ts';
import type { SessionEvent } from '../../../../src/core/model/session.ts';
import { base, head, newIdOf, type OpenGround, Stage } from '../stage.ts';

export function sessionContract(open: OpenGround): void {
  describe('sessions', () => {
    test('a session is saved before its launch, open with its process, and ended with how it ended', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const worker = await stage.worker();
      const { task, attempt } = await stage.lease(worker);
      const { lease } = task;
      const session = stage.newSession(lease, attempt.id);
      const process = stage.process();
      const { sessions, sessionStarting, sessionOpen, sessionEnded } = stage.store;
      expect(await sessionStarting({ lease, session, now: stage.at() })).toBe('saved');
      expect(await sessions(task.id)).toEqual([session]);
      expect(await stage.state(task.id)).toBe('leased');
      expect(await sessionOpen({ lease, session: session.id, process, now: stage.at() })).toBe('saved');
      expect(await sessions(task.id)).toEqual([{ ...session, state: 'open', process }]);
      expect(await stage.task(task.id)).toMatchObject({ state: 'running', session: session.id, attempt: attempt.id });
      expect(await sessionOpen({ lease, session: session.id, process, now: stage.at() })).toBe('lost');
      const usage = { costUsd: 0.25, tokens: 1000, turns: 2 };
      await sessionEnded({ session: session.id, exit: 'exit 0', usage, now: stage.at() });
      const ended = { ...session, state: 'ended', process, usage, exit: 'exit 0', endedAt: stage.now };
      await sessionEnded({ session: session.id, exit: 'exit 1', now: stage.at() });
      expect(await sessions(task.id)).toEqual([ended]);
      expect(await stage.task(task.id)).toMatchObject({ state: 'running', ...usage });
    });

    test('a session that belongs to another attempt is not opened under this lease', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.queue(2);
      const first = await stage.lease(await stage.worker());
      const session = stage.newSession(first.task.lease, first.attempt.id);
      await stage.store.sessionStarting({ lease: first.task.lease, session, now: stage.at() });
      const { lease } = (await stage.lease(await stage.worker())).task;
      const process = stage.process();
      expect(await stage.store.sessionOpen({ lease, session: session.id, process, now: stage.at() })).toBe('lost');
      expect(await stage.store.sessions(first.task.id)).toEqual([session]);
    });

    test('a worktree and its base are saved on the task and the attempt', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const { task } = await stage.lease(await stage.worker());
      const place = { worktree: '/home/ada/work trees/x', base };
      expect(await stage.store.placed({ lease: task.lease, ...place, now: stage.at() })).toBe('saved');
      expect(await stage.task(task.id)).toMatchObject(place);
      expect(await stage.store.attempts(task.id)).toMatchObject([{ base }]);
    });

    test('a session that is stuck waits, said once, until something other than the end of its turn shows that it goes on', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const { session, lease, task } = await stage.run(await stage.worker());
      const stuck: SessionEvent = { kind: 'stuck', text: 'no key' };
      const turn: SessionEvent = { kind: 'turn_ended', text: '', pending: 0 };
      const did = async (...events: readonly SessionEvent[]) => {
        await stage.store.sessionDid({ session, lease, events, now: stage.at() });
        const now = await stage.task(task);
        return now.state === 'waiting' ? now.waitingFor : now.state;
      };
      const seq = await stage.seq();
      expect([
        await did(stuck),
        await did(stuck, turn),
        await did({ kind: 'prompted', text: 'under the mat' }),
      ]).toEqual(['stuck: no key', 'stuck: no key', 'running']);
      expect((await stage.told(seq)).filter((event) => event.startsWith('task.'))).toEqual([
        'task.waiting: waits: stuck: no key',
        'task.running: goes on',
      ]);
    });

    test('everything a session does is told in order, and what it tells of itself is kept', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const { session, task } = await stage.run(await stage.worker());
      const seq = await stage.seq();
      const claudeSessionId = 'bbbbbbbb-0000-4000-8000-000000000000' as ClaudeSessionId;
      const events: readonly SessionEvent[] = [
        { kind: 'started', claudeSessionId, model: 'opus', transcript: '/t/x.jsonl' },
        { kind: 'prompted', text: 'Do it' },
        { kind: 'text', text: 'I will.' },
        { kind: 'tool', use: 'u1', tool: 'Bash', summary: 'npm test' },
        { kind: 'tool_done', use: 'u1', tool: 'Bash', ok: false, summary: 'exit 1' },
        { kind: 'batch_done' },
        { kind: 'denied', tool: 'Edit', reason: 'outside the worktree' },
        { kind: 'usage', usage: { costUsd: 1.5, tokens: 300, turns: 2 } },
        { kind: 'limited', status: 'five hours', resetsAt: 0 },
        { kind: 'compacted' },
        { kind: 'turn_failed', reason: 'overloaded' },
        { kind: 'cleared', reason: 'clear' },
        { kind: 'turn_ended', text: 'Done.', pending: 1 },
      ];
      expect(await stage.store.sessionDid({ session, events, now: stage.at() })).toBe('saved');
      expect(await stage.told(seq)).toEqual([
        'session.started: session started with opus',
        'session.prompted: Do it',
        'session.text: I will.',
        'session.tool: Bash: npm test',
        'session.tool_done: Bash failed: exit 1',
        'session.batch_done: a round of tools ended',
        'session.denied: Edit denied: outside the worktree',
        'session.usage: $1.50, 300 tokens, 2 turns',
        'session.limited: five hours, until 1970-01-01T00:00:00.000Z',
        'session.compacted: the conversation was compacted',
        'session.turn_failed: overloaded',
        'session.cleared: clear',
        'session.turn_ended: Done. (1 in the background)',
      ]);
      expect(await stage.store.sessions(task)).toMatchObject([{ claudeSessionId, transcript: '/t/x.jsonl' }]);
    });

    test('a task costs what its sessions cost together', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const worker = await stage.worker();
      const spend = (session: Parameters<typeof stage.store.sessionDid>[0]['session'], costUsd: number) =>
        stage.store.sessionDid({
          session,
          events: [{ kind: 'usage', usage: { costUsd, tokens: 10, turns: 1 } }],
          now: 1,
        });
      const first = await stage.run(worker);
      await spend(first.session, 0.5);
      await spend(first.session, 1);
      await stage.finish(first.lease, { kind: 'requeue', countsAsRound: false, outcome: 'stopped' });
      const second = await stage.run(worker);
      await spend(second.session, 0.25);
      expect(await stage.task(first.task)).toMatchObject({ costUsd: 1.25, tokens: 20, turns: 2 });
    });

    test('a session that asks makes its task wait, and whatever answers it makes it run again', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const { session, lease, task } = await stage.run(await stage.worker());
      const states: unknown[] = [];
      const asks = { kind: 'asks', what: 'permission', tool: 'Bash', text: 'npm publish' } as const;
      const waits = 'permission for Bash (npm publish)';
      const did = async (...events: readonly SessionEvent[]) => {
        await stage.store.sessionDid({ session, lease, events, now: stage.at() });
        const now = await stage.task(task);
        states.push(now.state === 'waiting' ? now.waitingFor : now.state);
      };
      await did(asks);
      await did({ kind: 'usage', usage: { costUsd: 1, tokens: 1, turns: 1 } });
      await did({ kind: 'tool_done', use: 'u', tool: 'Bash', ok: true, summary: '' });
      await did(asks, { kind: 'denied', tool: 'Bash', reason: 'no' });
      await did(asks, { ...asks, what: 'question', text: 'which one?' });
      await did({ kind: 'prompted', text: 'the first' });
      expect(states).toEqual([waits, waits, 'running', 'running', 'which one?', 'running']);
    });

    test('the log of a session is kept even when its task has gone to somebody else', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const { session, lease, task } = await stage.run(await stage.worker());
      await stage.store.cancelTask({ task, reason: 'enough', now: stage.at() });
      const seq = await stage.seq();
      const asks = { kind: 'asks', what: 'input', text: 'still there?' } as const;
      expect(await stage.store.sessionDid({ session, lease, events: [asks], now: stage.at() })).toBe('lost');
      expect(await stage.told(seq)).toEqual(['session.asks: still there?']);
      expect(await stage.state(task)).toBe('cancelled');
      const unknown = newIdOf('session');
      expect(await stage.store.sessionDid({ session: unknown, events: [asks], now: stage.at() })).toBe('lost');
    });

    test('a conversation that was cleared is not resumed until something is said in the new one', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const worker = await stage.worker();
      const { session, lease } = await stage.run(worker);
      const renewed = 'cccccccc-0000-4000-8000-000000000000' as ClaudeSessionId;
      const events: readonly SessionEvent[] = [
        { kind: 'prompted', text: 'Do it' },
        { kind: 'cleared', reason: 'clear' },
        { kind: 'started', claudeSessionId: renewed },
      ];
      await stage.store.sessionDid({ session, events, now: stage.at() });
      await stage.finish(lease, { kind: 'requeue', countsAsRound: false, outcome: 'stopped' });
      const next = await stage.lease(worker);
      expect(next.last).toBeUndefined();
      await stage.store.sessionDid({ session, events: [{ kind: 'prompted', text: 'again' }], now: stage.at() });
      await stage.finish(next.task.lease, { kind: 'requeue', countsAsRound: false, outcome: 'stopped' });
      expect((await stage.lease(worker)).last).toMatchObject({ id: session, claudeSessionId: renewed });
    });

    test('lines about a task are told on it', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const task = await stage.one();
      const other = await stage.one();
      await stage.store.warned({ task, text: 'behind its upstream', now: stage.at() });
      await stage.store.snapshotKept({ task, commit: head, text: 'after edits', now: stage.at() });
      await stage.store.warned({ task: other, text: 'not here', now: stage.at() });
      expect(await stage.told(0, task)).toEqual([
        'task.queued: Do it',
        'task.warned: behind its upstream',
        'snapshot.kept: 4ead000000: after edits',
      ]);
    });

    test('a text of any kind becomes one line of at most 500 characters', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const task = await stage.one();
      const texts = ['a\u0000b\u001b[31m\r\nc\u202e\u2028d', '🐝'.repeat(600), '\ud83d', `${'x'.repeat(5000)}`, ''];
      for (const text of texts) await stage.store.warned({ task, text, now: stage.at() });
      expect((await stage.store.eventsAfter(2, 9)).map((event) => event.text)).toEqual([
        'a b [31m c d',
        `${'🐝'.repeat(499)}…`,
        '\ufffd',
        `${'x'.repeat(499)}…`,
        '',
      ]);
    });
  });
}
