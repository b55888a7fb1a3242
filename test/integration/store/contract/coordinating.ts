import { describe, expect, test } from 'vitest';
import { base, head, type OpenGround, Stage } from '../stage.ts';

export function coordinateContract(open: OpenGround): void {
  describe('coordinating', () => {
    test('who coordinates reads what is to be done, and nothing of what is over', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const [merged, reviewed, failed] = [stage.newTask(), stage.newTask(), stage.newTask()];
      await stage.queue([failed]);
      const worker = await stage.worker();
      await stage.finish((await stage.run(worker)).lease, { kind: 'failed', reason: 'it broke' });
      await stage.queue([merged, reviewed]);
      for (let each = 0; each < 2; each++) {
        await stage.finish((await stage.run(worker)).lease, { kind: 'in_review', base, head });
      }
      await stage.store.workerStopped({ worker, reason: 'done', now: stage.at() });
      const running = stage.newTask();
      await stage.queue([running]);
      const held = await stage.run(await stage.worker());
      const waiting = stage.newTask({ after: [reviewed.id, failed.id], prompt: 'a long story '.repeat(1000) });
      const behind = stage.newTask({ after: [waiting.id] });
      const batch = stage.newBatch();
      await stage.store.addBatch({ batch, tasks: [waiting, behind], now: stage.at() });
      const { workers, tasks, batches, sessions, entries } = await stage.store.situation();
      expect({
        workers: workers.map(({ id, state }) => ({ id, state })),
        tasks: tasks.map(({ batch: _, ...task }) => task),
        batches,
        sessions: sessions.map(({ id, state }) => ({ id, state })),
        entries,
      }).toEqual({
        workers: [{ id: held.worker, state: 'busy' }],
        tasks: [
          { id: failed.id, state: 'failed', after: [] },
          { id: reviewed.id, state: 'in_review', after: [] },
          { id: running.id, state: 'running', after: [] },
          { id: waiting.id, state: 'queued', after: [reviewed.id, failed.id] },
          { id: behind.id, state: 'queued', after: [waiting.id] },
        ],
        batches: [batch],
        sessions: [{ id: held.session, state: 'open' }],
        entries: [],
      });
    });

    test('entries are told while they wait or land', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { entry, fence } = await stage.landing();
      const told = async () => (await stage.store.situation()).entries.map(({ id, state }) => ({ id, state }));
      expect(await told()).toEqual([{ id: entry, state: 'landing' }]);
      const landing = { kind: 'refused', reason: 'not now' } as const;
      await stage.store.landed({ ...fence, landing, review: stage.id('review'), now: stage.at() });
      expect(await told()).toEqual([]);
    });

    test('a worker learns without a write that it is to stop, and that its task is not its own any more', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const { lease, worker, task } = await stage.run(await stage.worker());
      const before = await stage.everything();
      const answers = [await stage.store.taskHeld({ lease })];
      expect(await stage.everything()).toEqual(before);
      await stage.store.askWorkerToStop({ worker, now: stage.at() });
      answers.push(await stage.store.taskHeld({ lease }));
      await stage.store.cancelTask({ task, reason: 'not wanted', now: stage.at() });
      answers.push(await stage.store.taskHeld({ lease }));
      expect(answers).toEqual(['held', 'stop', 'lost']);
    });
  });
}
