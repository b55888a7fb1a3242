import { describe, expect, test } from 'vitest';
import type { TaskId } from '../../../../src/core/model/ids.ts';
import { newIdOf, type OpenGround, Stage } from '../stage.ts';

export function queueContract(open: OpenGround): void {
  describe('asking and leasing', () => {
    test('a batch, its tasks and their events are stored together', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const batch = stage.newBatch({ check: 'npm test', land: true, review: 'none', mode: 'print', workers: 3 });
      const first = stage.newTask({ title: 'First', options: { model: 'opus', addDirs: ['/a b'] } });
      const second = stage.newTask({ title: 'Second', after: [first.id], requestedBase: 'v1' });
      await stage.store.addBatch({ batch, tasks: [first, second], now: 5 });
      const common = {
        repo: stage.store.repo,
        batch: batch.id,
        kind: 'change',
        attempts: 0,
        rounds: 0,
        costUsd: 0,
        tokens: 0,
        turns: 0,
        createdAt: 5,
        updatedAt: 5,
        state: 'queued',
      };
      expect(await stage.store.overview()).toEqual({
        seq: 3,
        workers: [],
        tasks: [
          { ...first, ...common },
          { ...second, ...common },
        ],
        batches: [batch],
        sessions: [],
        reviews: [],
        entries: [],
        blocked: [],
        changes: { claims: 0, messages: 0, context: 0 },
        unread: 0,
      });
      expect(await stage.store.eventsAfter(0, 10)).toEqual([
        { seq: 1, at: 5, kind: 'batch.created', batch: batch.id, text: '2 tasks' },
        { seq: 2, at: 5, kind: 'task.queued', batch: batch.id, task: first.id, text: 'First' },
        { seq: 3, at: 5, kind: 'task.queued', batch: batch.id, task: second.id, text: 'Second' },
      ]);
      expect(await stage.store.batch(batch.id)).toEqual(batch);
    });

    test('a batch that cannot be stored whole leaves nothing behind', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const before = await stage.store.overview();
      const tasks = [stage.newTask(), stage.newTask({ after: ['tnowhere00' as TaskId] })];
      await expect(stage.queue(tasks)).rejects.toThrow();
      expect(await stage.store.overview()).toEqual(before);
      expect(await stage.told()).toEqual([]);
    });

    test('a prompt comes back as it was given', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const prompt = `-rf "it's" $HOME \`id\` \\ ; é 🐝 \u202e\r\n\t${'long '.repeat(40_000)}`;
      const id = await stage.one({ prompt });
      expect((await stage.task(id)).prompt).toBe(prompt);
    });

    test('the oldest task is leased, as a new attempt under a new token', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const [first, second] = await stage.queue(2);
      const worker = await stage.worker();
      const attempt = newIdOf('attempt');
      const answer = await stage.ask(worker, { attempt });
      const task = await stage.task(first as TaskId);
      expect(answer).toEqual({
        kind: 'leased',
        task,
        attempt: { id: attempt, task: first, number: 1, worker, startedAt: stage.now },
        batch: await stage.store.batch(task.batch),
      });
      expect(task).toMatchObject({ state: 'leased', attempt, attempts: 1, lease: { task: first, worker, token: 2 } });
      expect(await stage.store.worker(worker)).toMatchObject({ state: 'busy', task: first });
      expect((await stage.lease(await stage.worker())).task).toMatchObject({ id: second, lease: { token: 4 } });
    });

    test('a worker that finds nothing learns how many tasks still wait', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const first = stage.newTask();
      await stage.queue([first, stage.newTask({ after: [first.id] }), stage.newTask({ after: [first.id] })]);
      const before = await stage.ask(await stage.worker());
      const seq = await stage.seq();
      const worker = await stage.worker();
      const idle = await stage.store.worker(worker);
      expect([before.kind, await stage.ask(worker)]).toEqual(['leased', { kind: 'nothing', queued: 2 }]);
      expect(await stage.store.worker(worker)).toEqual(idle);
      expect(await stage.told(seq)).toHaveLength(2);
    });

    test('a task waits until those before it are merged or skipped', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task: before, fence } = await stage.landing();
      const skipped = await stage.one();
      const running = await stage.run(await stage.worker());
      await stage.one({ after: [before, skipped] });
      const worker = await stage.worker();
      const answers = [(await stage.ask(worker)).kind];
      await stage.finish(running.lease, { kind: 'no_changes' });
      answers.push((await stage.ask(worker)).kind);
      const landing = { kind: 'merged', landed: 'c0ffee', files: [] } as const;
      await stage.store.landed({ ...fence, landing, review: newIdOf('review'), now: stage.at() });
      answers.push((await stage.ask(worker)).kind);
      expect(answers).toEqual(['nothing', 'nothing', 'leased']);
    });

    test('a task need not wait longer than for the review, where that is the rule', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task } = await stage.inReview();
      await stage.one({ after: [task] });
      const worker = await stage.worker();
      expect([
        (await stage.ask(worker, { startAfter: 'merged' })).kind,
        (await stage.ask(worker, { startAfter: 'in_review' })).kind,
      ]).toEqual(['nothing', 'leased']);
    });

    test('no more tasks are leased than may be, in all and of one batch, and only by workers of its mode', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.queue(3, { workers: 1 });
      await stage.queue(1, { mode: 'print' });
      const [one, two] = [await stage.worker(), await stage.worker()];
      const print = await stage.worker('print');
      expect([
        (await stage.ask(one)).kind,
        await stage.ask(two),
        await stage.ask(print, { max: 1 }),
        (await stage.ask(print, { max: 2 })).kind,
      ]).toEqual(['leased', { kind: 'nothing', queued: 2 }, { kind: 'nothing', queued: 1 }, 'leased']);
    });

    test('a worker that is unknown, has not reported, is asked to stop or was given up is told to stop', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.queue(9);
      const silent = newIdOf('worker');
      const launch = newIdOf('launch');
      const asked = { worker: silent, launch, face: stage.face, mode: 'interactive', machine: 'here', max: 9 } as const;
      await stage.store.requestWorker({ ...asked, now: 1 });
      const [stopping, stopped, lost] = [await stage.worker(), await stage.worker(), await stage.worker()];
      await stage.store.askWorkerToStop({ worker: stopping, now: 1 });
      await stage.store.workerStopped({ worker: stopped, reason: 'done', now: 1 });
      await stage.store.workerLost({ worker: lost, now: 1 });
      const answers = [];
      for (const worker of [newIdOf('worker'), silent, stopping, stopped, lost]) answers.push(await stage.ask(worker));
      expect(answers).toEqual(Array(5).fill({ kind: 'stop' }));
    });

    test('a task that was sent back goes first to the worker whose session of it is still open', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task, worker } = await stage.inReview();
      const other = await stage.worker();
      await stage.queue(1);
      await stage.decide(task, { kind: 'request_changes', note: 'shorter' });
      const forOther = await stage.lease(other);
      const forOwner = await stage.lease(worker);
      expect([forOther.task.id === task, forOwner.task.id === task]).toEqual([false, true]);
    });

    test('the worker with the open session takes that task before older ones', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const older = await stage.one();
      const early = await stage.lease(await stage.worker());
      const { task, worker } = await stage.inReview();
      await stage.finish(early.task.lease, { kind: 'requeue', countsAsRound: false, outcome: 'stopped' });
      await stage.decide(task, { kind: 'request_changes', note: 'shorter' });
      expect([(await stage.lease(worker)).task.id, (await stage.lease(await stage.worker())).task.id]).toEqual([
        task,
        older,
      ]);
    });

    test('a session that is open at a worker that is gone keeps nobody from its task', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task, worker } = await stage.inReview();
      await stage.decide(task, { kind: 'request_changes', note: 'shorter' });
      await stage.store.workerLost({ worker, now: stage.at() });
      expect((await stage.lease(await stage.worker())).task.id).toBe(task);
    });

    test('the next attempt gets the newest session in which something was said', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const worker = await stage.worker();
      const spoken = await stage.run(worker);
      await stage.store.sessionDid({ session: spoken.session, events: [{ kind: 'prompted', text: 'hi' }], now: 1 });
      await stage.store.sessionEnded({ session: spoken.session, exit: 'exit 0', now: 1 });
      const requeue = { kind: 'requeue', countsAsRound: false, outcome: 'stopped' } as const;
      await stage.finish(spoken.lease, requeue);
      const mute = await stage.run(worker);
      await stage.store.sessionEnded({ session: mute.session, exit: 'exit 1', now: 1 });
      await stage.finish(mute.lease, requeue);
      const third = await stage.lease(worker);
      expect([third.attempt.number, third.last?.id, mute.session === spoken.session]).toEqual([
        3,
        spoken.session,
        false,
      ]);
    });

    test('cancelling ends a task wherever it is, but not in the middle of a landing and not twice', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const landing = await stage.landing();
      const approved = await stage.approved();
      const entry = newIdOf('entry');
      await stage.store.enqueue({ entries: [{ id: entry, task: approved.task }], now: 1 });
      const review = await stage.inReview();
      await stage.one();
      const running = await stage.run(await stage.worker());
      const queued = await stage.one();
      const cancel = (task: TaskId) => stage.store.cancelTask({ task, reason: 'not\nwanted', now: 7 });
      const ended = { state: 'cancelled', reason: 'not wanted' };
      expect(await cancel(landing.task)).toEqual({ refused: '“Do it” is merging, it cannot be cancelled' });
      for (const task of [approved.task, review.task, running.task, queued]) {
        expect(await cancel(task)).toMatchObject(ended);
      }
      expect(await cancel(queued)).toEqual({ refused: '“Do it” is cancelled, it cannot be cancelled' });
      expect(await cancel('tnowhere00' as TaskId)).toEqual({ refused: 'there is no task tnowhere00' });
      expect(await stage.store.entry(entry)).toMatchObject({ state: 'withdrawn', reason: 'the task was cancelled' });
      expect((await stage.store.reviews(review.task)).map((each) => each.state)).toEqual(['superseded']);
      expect(await stage.store.renewTask({ lease: running.lease, now: 8 })).toBe('lost');
      expect(await stage.store.worker(running.worker)).toMatchObject({ state: 'idle' });
      expect(await stage.store.attempts(running.task)).toMatchObject([{ outcome: 'cancelled', reason: 'not wanted' }]);
    });

    test('only what has ended badly is queued again, and then its rounds begin anew', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const queued = await stage.one();
      const running = await stage.run(await stage.worker());
      const retry = (task: TaskId) => stage.store.retryTask({ task, now: stage.at() });
      const round = { kind: 'requeue', countsAsRound: true, outcome: 'failed' } as const;
      await stage.finish(running.lease, round);
      const again = await stage.lease(running.worker);
      await stage.finish(again.task.lease, { kind: 'failed', reason: 'no luck' });
      expect(await stage.task(queued)).toMatchObject({ state: 'failed', reason: 'no luck', rounds: 1 });
      const retried = await retry(queued);
      expect(retried).toMatchObject({ state: 'queued', rounds: 0, attempts: 2, branch: `swarm/${queued}` });
      expect(retried).not.toHaveProperty('reason');
      expect(await retry(queued)).toEqual({ refused: '“Do it” is queued, it cannot be queued again' });
      const { task } = await stage.landing();
      expect(await retry(task)).toEqual({ refused: '“Do it” is merging, it cannot be queued again' });
    });
  });
}
