import { describe, expect, test } from 'vitest';
import { leaderLeaseName, targetLeaseName, taskLeaseName, workerLeaseName } from '../../../../src/core/model/lease.ts';
import { base, head, newIdOf, type OpenGround, Stage } from '../stage.ts';

export function leaseContract(open: OpenGround): void {
  describe('leases', () => {
    test('a lease is taken by one, counts its renewals and is free again when dropped', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { store } = stage;
      const owner = stage.process();
      const taken = await store.takeLease({ name: leaderLeaseName, owner, ms: 15_000 });
      expect(taken).toEqual({ name: 'leader', token: 1, owner, renewals: 0, ms: 15_000 });
      expect(await store.takeLease({ name: leaderLeaseName, owner, ms: 15_000 })).toBe('held');
      expect(await store.renewLease({ name: leaderLeaseName, token: 1 })).toBe('renewed');
      expect(await store.renewLease({ name: leaderLeaseName, token: 2 })).toBe('lost');
      await store.dropLease({ name: leaderLeaseName, token: 2 });
      expect((await store.situation()).leases).toEqual([{ name: 'leader', token: 1, owner, renewals: 1, ms: 15_000 }]);
      await store.dropLease({ name: leaderLeaseName, token: 1 });
      expect((await store.situation()).leases).toEqual([]);
      expect(await store.renewLease({ name: leaderLeaseName, token: 1 })).toBe('lost');
      expect(await stage.told()).toEqual([`leader.changed: process ${owner.pid} on here leads`]);
    });

    test('tokens grow for ever, also after every lease is gone, whatever is leased', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const owner = stage.process();
      const tokens: number[] = [];
      for (const name of ['leader', 'leader', targetLeaseName('main')]) {
        const lease = await stage.store.takeLease({ name, owner, ms: 1000 });
        if (lease === 'held') throw new Error('held');
        tokens.push(lease.token);
        await stage.store.dropLease({ name, token: lease.token });
      }
      await stage.one();
      tokens.push((await stage.lease(await stage.worker())).task.lease.token);
      expect(tokens).toEqual([1, 2, 3, 5]);
    });

    test('a write under a stale token changes nothing', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const stale = await stage.run(await stage.worker());
      await stage.store.reap({
        lost: [{ name: taskLeaseName(stale.task), token: stale.lease.token, renewals: 0 }],
        now: stage.at(),
      });
      const owner = await stage.run(await stage.worker());
      const { lease, session } = stale;
      const before = await stage.everything();
      const now = stage.at();
      const answers = [
        await stage.store.renewTask({ lease, now }),
        await stage.store.placed({ lease, worktree: '/elsewhere', base: head, now }),
        await stage.store.sessionStarting({ lease, session: stage.newSession(lease, stale.attempt), now }),
        await stage.store.sessionOpen({ lease, session, process: stage.process(), now }),
        await stage.finish(lease, { kind: 'in_review', base, head }),
        await stage.finish(lease, { kind: 'no_changes' }),
        await stage.finish(lease, { kind: 'failed', reason: 'x' }),
      ];
      expect(answers).toEqual(Array(7).fill('lost'));
      expect(await stage.everything()).toEqual(before);
      expect(await stage.task(owner.task)).toMatchObject({ state: 'running', lease: owner.lease });
    });

    test('an earlier lease of the same worker on the same task is no lease', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const worker = await stage.worker();
      const early = await stage.run(worker);
      await stage.store.cancelTask({ task: early.task, reason: 'no', now: stage.at() });
      await stage.store.retryTask({ task: early.task, now: stage.at() });
      const late = await stage.run(worker);
      expect([await stage.finish(early.lease, { kind: 'no_changes' }), await stage.state(late.task)]).toEqual([
        'lost',
        'running',
      ]);
    });

    test('a lease shown by another worker or for another task is no lease', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.queue(2);
      const one = await stage.run(await stage.worker());
      const two = await stage.run(await stage.worker());
      const crossed = [
        { ...one.lease, worker: two.worker },
        { ...one.lease, task: two.task },
      ];
      for (const lease of crossed) expect(await stage.finish(lease, { kind: 'no_changes' })).toBe('lost');
      expect([await stage.state(one.task), await stage.state(two.task)]).toEqual(['running', 'running']);
    });

    test('a late renewal is still a renewal; a worker that was asked to stop hears it and keeps its lease', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const { lease, worker, task } = await stage.run(await stage.worker());
      const answers = [await stage.store.renewTask({ lease, now: stage.now + 1e9 })];
      await stage.store.askWorkerToStop({ worker, now: stage.at() });
      answers.push(await stage.store.renewTask({ lease, now: stage.at() }));
      expect(answers).toEqual(['renewed', 'stop']);
      expect((await stage.store.situation()).leases).toMatchObject([
        { name: taskLeaseName(task), renewals: 2 },
        // A sign of life of the worker is in each, and was in the beginning; both last as long.
        { name: workerLeaseName(worker), renewals: 3, ms: 30_000 },
      ]);
    });

    test('a worker has a lease of its own from its report to its end', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const worker = await stage.worker();
      await stage.store.renewWorker({ worker, leaseMs: 20_000 });
      const seq = await stage.seq();
      const there = (await stage.store.situation()).leases;
      await stage.store.workerStopped({ worker, reason: 'done', now: stage.at() });
      await stage.store.renewWorker({ worker, leaseMs: 20_000 });
      expect([there, (await stage.store.situation()).leases, (await stage.told(seq)).length]).toEqual([
        [
          {
            name: workerLeaseName(worker),
            token: 1,
            owner: { machine: 'here', pid: 101, startTime: 'start of 101' },
            renewals: 1,
            ms: 20_000,
          },
        ],
        [],
        1,
      ]);
    });

    test('an idle worker whose own lease is lost is given up, and another one may start in its place', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const running = await stage.inReview();
      const [lease] = (await stage.store.situation()).leases;
      if (!lease) throw new Error('the worker has no lease');
      await stage.store.renewWorker({ worker: running.worker, leaseMs: 30_000 });
      expect(await stage.store.reap({ lost: [lease], now: stage.at() })).toEqual([]);
      const seq = await stage.seq();
      expect(await stage.store.reap({ lost: [{ ...lease, renewals: lease.renewals + 1 }], now: stage.at() })).toEqual([
        lease.name,
      ]);
      expect(await stage.store.situation()).toMatchObject({ workers: [], sessions: [], leases: [] });
      expect((await stage.told(seq)).map((line) => line.split(':')[0])).toEqual([
        'lease.lost',
        'session.ended',
        'worker.lost',
      ]);
      expect(await stage.ask(running.worker)).toEqual({ kind: 'stop' });
    });

    test.each(['its own', 'its task’s'])('a worker that falls silent loses its task with %s lease', async (whose) => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const { task, worker } = await stage.run(await stage.worker());
      await stage.store.askWorkerToStop({ worker, now: stage.at() });
      const { leases } = await stage.store.situation();
      const lost = whose === 'its own' ? [...leases].reverse() : leases;
      expect(await stage.store.reap({ lost, now: stage.at() })).toEqual([lost[0]?.name]);
      expect(await stage.task(task)).toMatchObject({ state: 'queued', feedback: { kind: 'interrupted' } });
      expect(await stage.store.situation()).toMatchObject({ workers: [], sessions: [], leases: [] });
    });

    test('a lost task waits again with all it had, and its session will hear that it was cut off', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const { lease, worker, task, attempt, session } = await stage.run(await stage.worker());
      const lost = [{ name: taskLeaseName(task), token: lease.token, renewals: 0 }];
      const seq = await stage.seq();
      expect(await stage.store.reap({ lost, now: 77 })).toEqual([taskLeaseName(task)]);
      expect(await stage.task(task)).toMatchObject({
        state: 'queued',
        worktree: `/worktrees/${task}`,
        base,
        attempts: 1,
        rounds: 0,
        feedback: { kind: 'interrupted', text: '' },
      });
      expect(await stage.store.attempts(task)).toMatchObject([{ id: attempt, outcome: 'lost', endedAt: 77 }]);
      expect(await stage.store.sessions(task)).toMatchObject([
        { id: session, state: 'ended', exit: 'its worker was lost' },
      ]);
      expect(await stage.store.worker(worker)).toMatchObject({ state: 'lost' });
      expect((await stage.store.situation()).leases).toEqual([]);
      expect((await stage.told(seq)).map((line) => line.split(':')[0])).toEqual([
        'lease.lost',
        'task.queued',
        'session.ended',
        'worker.lost',
      ]);
      const after = await stage.everything();
      expect(await stage.store.reap({ lost, now: 78 })).toEqual([]);
      expect(await stage.everything()).toEqual(after);
    });

    test('a task that is lost before it had a session has nothing to hear', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const id = await stage.one();
      const { task } = await stage.lease(await stage.worker());
      await stage.store.reap({ lost: [{ name: taskLeaseName(id), token: task.lease.token, renewals: 0 }], now: 1 });
      expect(await stage.task(id)).not.toHaveProperty('feedback');
      expect(await stage.state(id)).toBe('queued');
    });

    test('what a session was told before it was cut off is not forgotten, however often that happens', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task, worker } = await stage.inReview();
      await stage.decide(task, { kind: 'request_changes', note: 'shorter' });
      await stage.store.workerStopped({ worker, reason: 'closed', now: stage.at() });
      for (let time = 0; time < 2; time++) {
        const { lease } = await stage.run(await stage.worker());
        await stage.store.reap({ lost: [{ name: taskLeaseName(task), token: lease.token, renewals: 0 }], now: 1 });
      }
      expect(await stage.task(task)).toMatchObject({
        feedback: { kind: 'interrupted', text: 'Before that you were told:\n\nshorter\n\n' },
      });
    });

    test('a lease that was renewed since it was judged is left alone', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const { lease, task } = await stage.run(await stage.worker());
      await stage.store.renewTask({ lease, now: 1 });
      const before = await stage.everything();
      const lost = { name: taskLeaseName(task), token: lease.token };
      expect(
        await stage.store.reap({
          lost: [
            { ...lost, renewals: 0 },
            { ...lost, renewals: 1, token: lease.token + 1 },
          ],
          now: 1,
        }),
      ).toEqual([]);
      expect(await stage.everything()).toEqual(before);
    });

    test('an entry that was landing under a lost lease waits again, its task approved', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { entry, task, fence } = await stage.landing();
      const name = targetLeaseName('main');
      expect(await stage.store.reap({ lost: [{ name, token: fence.token, renewals: 0 }], now: 1 })).toEqual([name]);
      expect([await stage.state(task), (await stage.store.entry(entry))?.state]).toEqual(['approved', 'queued']);
      const landing = { kind: 'merged', landed: 'c0ffee', files: [] } as const;
      expect(await stage.store.landed({ ...fence, landing, review: newIdOf('review'), now: 1 })).toBe('lost');
      expect(await stage.store.landingStarted({ ...fence, now: 1 })).toBe('lost');
      expect([await stage.state(task), (await stage.store.entry(entry))?.state]).toEqual(['approved', 'queued']);
    });

    test('a landing whose lease is given back unfinished waits again too', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { entry, task, fence } = await stage.landing();
      await stage.store.dropLease({ name: targetLeaseName('main'), token: fence.token });
      expect([await stage.state(task), (await stage.store.entry(entry))?.state]).toEqual(['approved', 'queued']);
    });
  });
}
