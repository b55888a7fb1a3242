import { describe, expect, test } from 'vitest';
import type { LaunchId } from '../../../../src/core/model/ids.ts';
import { newIdOf, type OpenGround, Stage } from '../stage.ts';

export function workerContract(open: OpenGround): void {
  describe('workers', () => {
    const request = (
      stage: Stage,
      over: { max?: number; face?: Stage['face']; mode?: 'print' | 'interactive' } = {},
    ) => {
      const args = { worker: newIdOf('worker'), launch: newIdOf('launch'), face: stage.face, machine: 'here' };
      return { ...args, mode: 'interactive' as const, max: 10, now: stage.at(), ...over };
    };
    const take = (
      stage: Stage,
      over: { overdue?: readonly LaunchId[]; modes?: readonly ('print' | 'interactive')[] } = {},
    ) => stage.store.takeLaunch({ face: stage.face, overdue: [], modes: ['interactive'], ...over });

    test('a worker is asked for, launched by the face that asked, and reports', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const asked = request(stage);
      const worker = {
        id: asked.worker,
        repo: stage.store.repo,
        name: 'worker 1',
        mode: 'interactive',
        state: 'starting',
        machine: 'here',
        startedAt: asked.now,
        updatedAt: asked.now,
      };
      expect(await stage.store.requestWorker(asked)).toEqual(worker);
      expect(await take(stage)).toEqual({
        id: asked.launch,
        worker: asked.worker,
        face: stage.face,
        mode: 'interactive',
        state: 'taken',
        askedAt: asked.now,
        takenBy: stage.face,
      });
      expect(await take(stage)).toBeUndefined();
      const process = stage.process();
      const report = { worker: asked.worker, process, leaseMs: 30_000, now: stage.at() };
      const started = { ...worker, state: 'idle', process, updatedAt: report.now };
      expect(await stage.store.workerStarted(report)).toEqual(started);
      expect(await stage.store.workerStarted({ ...report, now: stage.at() })).toEqual(started);
      expect((await stage.store.situation()).launches).toEqual([]);
      expect(await stage.told()).toEqual([
        'worker.asked: worker 1 is asked for',
        `worker.started: worker 1 is process ${process.pid} on here`,
      ]);
    });

    test('there are never more workers than may be; names are not used twice', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const first = await stage.store.requestWorker(request(stage, { max: 1 }));
      expect(await stage.store.requestWorker(request(stage, { max: 1 }))).toEqual({
        refused: '1 workers run already, as many as may',
      });
      if ('refused' in first) throw new Error(first.refused);
      await stage.store.workerLost({ worker: first.id, now: stage.at() });
      expect(await stage.store.requestWorker(request(stage, { max: 1 }))).toMatchObject({ name: 'worker 2' });
    });

    test('a face takes what is addressed to it in a mode it can start; the leader takes what is overdue', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const other = stage.newFace();
      const theirs = request(stage, { face: other });
      const print = request(stage, { mode: 'print' });
      await stage.store.requestWorker(theirs);
      await stage.store.requestWorker(print);
      const overdue = [theirs.launch];
      expect([await take(stage), await take(stage, { overdue }), await take(stage, { overdue })]).toMatchObject([
        undefined,
        { id: theirs.launch, takenBy: stage.face },
        undefined,
      ]);
      expect((await stage.store.situation()).launches).toMatchObject([{ state: 'taken' }, { state: 'asked' }]);
    });

    test('work of a face that does not answer moves to the leader, in a mode that it can start', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const lost = stage.newFace();
      const task = await stage.one({}, { face: lost });
      const theirs = request(stage, { face: lost });
      await stage.store.requestWorker(theirs);
      const home = { face: stage.face, mode: 'print' };
      const taken = await take(stage, { overdue: [theirs.launch], modes: ['print'] });
      expect(taken).toMatchObject({ id: theirs.launch, ...home, takenBy: stage.face });
      expect((await stage.store.overview()).batches).toMatchObject([home]);
      await stage.store.workerStarted({
        worker: theirs.worker,
        process: stage.process(),
        leaseMs: 30_000,
        now: stage.at(),
      });
      expect((await stage.lease(theirs.worker)).task.id).toBe(task);
    });

    test('a leader that asked for what it cannot start itself starts it otherwise', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const task = await stage.one();
      const mine = request(stage);
      await stage.store.requestWorker(mine);
      const print = { modes: ['print'] as const };
      expect([await take(stage, print), await take(stage, { ...print, overdue: [mine.launch] })]).toMatchObject([
        undefined,
        { id: mine.launch, mode: 'print' },
      ]);
      await stage.store.workerStarted({
        worker: mine.worker,
        process: stage.process(),
        leaseMs: 30_000,
        now: stage.at(),
      });
      expect(await stage.store.overview()).toMatchObject({
        workers: [{ mode: 'print' }],
        batches: [{ mode: 'print' }],
      });
      expect((await stage.lease(mine.worker)).task.id).toBe(task);
    });

    test('a launch that fails leaves no worker behind', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const asked = request(stage);
      await stage.store.requestWorker(asked);
      await take(stage);
      await stage.store.launchFailed({ launch: asked.launch, reason: 'no terminal', now: stage.at() });
      expect(await stage.store.worker(asked.worker)).toMatchObject({ state: 'stopped' });
      expect((await stage.store.situation()).launches).toEqual([]);
      expect(await stage.told(1)).toEqual(['worker.stopped: worker 1: could not be started: no terminal']);
    });

    test('a report is refused when the worker is unknown, given up, or another process already', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const [running, lost] = [await stage.worker(), await stage.worker()];
      await stage.store.workerLost({ worker: lost, now: stage.at() });
      const before = await stage.store.overview();
      const process = stage.process();
      const pid = (await stage.store.worker(running))?.process?.pid;
      const unknown = newIdOf('worker');
      const answers = [];
      for (const worker of [unknown, running, lost]) {
        answers.push(await stage.store.workerStarted({ worker, process, leaseMs: 30_000, now: stage.at() }));
      }
      expect(answers).toEqual([
        { refused: `there is no worker ${unknown}` },
        { refused: `worker 1 runs already, as process ${pid} on here` },
        { refused: 'worker 2 was given up (lost)' },
      ]);
      expect(await stage.store.overview()).toEqual(before);
    });

    test('a worker that was never launched stops at once when asked to; one that runs is told', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const waiting = request(stage);
      await stage.store.requestWorker(waiting);
      const running = await stage.worker();
      const ask = (worker: typeof running) => stage.store.askWorkerToStop({ worker, now: stage.at() });
      expect([
        await ask(waiting.worker),
        await ask(running),
        await ask(running),
        await ask(waiting.worker),
      ]).toMatchObject([
        { state: 'stopped' },
        { state: 'stopping' },
        { state: 'stopping' },
        { refused: 'worker 1 does not run (stopped)' },
      ]);
      expect(await take(stage)).toBeUndefined();
    });

    test('a worker asked to stop while it starts still reports, and stays on its way out', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const asked = request(stage);
      await stage.store.requestWorker(asked);
      await take(stage);
      await stage.store.askWorkerToStop({ worker: asked.worker, now: stage.at() });
      const process = stage.process();
      expect(
        await stage.store.workerStarted({ worker: asked.worker, process, leaseMs: 30_000, now: stage.at() }),
      ).toMatchObject({
        state: 'stopping',
        process,
      });
    });

    test('a worker that is asked to stop gives its task back and stays on its way out', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const { lease, worker, task } = await stage.run(await stage.worker());
      await stage.store.askWorkerToStop({ worker, now: stage.at() });
      await stage.finish(lease, { kind: 'requeue', countsAsRound: false, outcome: 'stopped' });
      expect(await stage.store.worker(worker)).toMatchObject({ state: 'stopping' });
      expect(await stage.store.worker(worker)).not.toHaveProperty('task');
      expect([await stage.state(task), await stage.ask(worker)]).toEqual(['queued', { kind: 'stop' }]);
    });

    test('what a worker does right now is shown and told', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const task = await stage.one();
      const worker = await stage.worker();
      await stage.lease(worker);
      const seq = await stage.seq();
      await stage.store.workerPhase({ worker, phase: 'preparing\nthe worktree', task, now: stage.at() });
      expect(await stage.store.worker(worker)).toMatchObject({ phase: 'preparing the worktree' });
      expect(await stage.store.eventsAfter(seq, 9)).toMatchObject([
        { kind: 'task.phase', task, worker, text: 'preparing the worktree' },
      ]);
    });

    test('the last word of a worker ends its sessions and gives back what it holds', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const { task, worker, session } = await stage.run(await stage.worker());
      await stage.store.workerStopped({ worker, reason: 'Ctrl-C', now: stage.at() });
      expect(await stage.store.worker(worker)).toMatchObject({ state: 'stopped' });
      expect(await stage.task(task)).toMatchObject({ state: 'queued', feedback: { kind: 'interrupted' } });
      expect(await stage.store.attempts(task)).toMatchObject([
        { outcome: 'stopped', reason: 'its worker stopped: Ctrl-C' },
      ]);
      expect(await stage.store.sessions(task)).toMatchObject([{ id: session, state: 'ended' }]);
      expect((await stage.store.situation()).leases).toEqual([]);
    });

    test('a worker that is known dead is lost with its sessions, its task only by its lease', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const kept = await stage.inReview();
      const { worker } = kept;
      await stage.one();
      const { task } = (await stage.lease(worker)).task.lease;
      await stage.store.workerLost({ worker, now: stage.at() });
      expect(await stage.store.worker(worker)).not.toHaveProperty('task');
      expect(await stage.store.worker(worker)).toMatchObject({ state: 'lost' });
      expect([await stage.state(task), await stage.state(kept.task)]).toEqual(['leased', 'in_review']);
      expect(await stage.store.sessions(kept.task)).toMatchObject([{ state: 'ended', exit: 'its worker was lost' }]);
    });
  });
}
