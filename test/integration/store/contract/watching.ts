import { describe, expect, test } from 'vitest';
import { waitFor } from '../../../support/waitFor.ts';
import { type OpenGround, Stage } from '../stage.ts';

export function watchContract(open: OpenGround): void {
  describe('looking and listening', () => {
    test('events are numbered without a gap and can be read on from any of them', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task } = await stage.landing();
      const all = await stage.store.eventsAfter(0, 1000);
      expect(all.map((event) => event.seq)).toEqual(all.map((_, index) => index + 1));
      expect(await stage.store.eventsAfter(3, 2)).toEqual(all.slice(3, 5));
      expect(await stage.store.eventsAfter(0, 1000, task)).toEqual(all.filter((event) => event.task === task));
      expect((await stage.store.overview()).seq).toBe(all.length);
    });

    test('the overview holds the newest session and review of each task and the entries that matter', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task, worker, fence } = await stage.landing();
      const feedback = { kind: 'conflict', text: 'x' } as const;
      const landing = { kind: 'conflict', reason: 'x', feedback, maxRounds: 9 } as const;
      const review = stage.id('review');
      await stage.store.landed({ ...fence, landing, review, now: stage.at() });
      const again = await stage.run(worker);
      const overview = await stage.store.overview();
      expect([overview.sessions.map((each) => each.id), overview.reviews, overview.entries]).toMatchObject([
        [again.session],
        [{ task, state: 'approved' }],
        [{ id: fence.entry, state: 'conflict' }],
      ]);
    });

    test('what is not there is undefined or empty', async () => {
      await using ground = await open();
      const { store, id } = new Stage(ground.store);
      const task = id('task');
      expect([
        await store.task(task),
        await store.batch(id('batch')),
        await store.entry(id('entry')),
        await store.worker(id('worker')),
        await store.attempts(task),
        await store.sessions(task),
        await store.reviews(task),
      ]).toEqual([undefined, undefined, undefined, undefined, [], [], []]);
    });

    test('a commit is heard by whoever listens, here and in another process, and by nobody after that', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const other = await ground.another();
      const heard = { here: 0, there: 0 };
      const listeners = [stage.store.onDidChange(() => heard.here++), other.onDidChange(() => heard.there++)];
      await other.overview();
      await stage.one();
      await waitFor('both to hear', () => heard.here > 0 && heard.there > 0);
      for (const listener of listeners) listener.dispose();
      const before = { ...heard };
      const again = await new Promise<number>((resolve) => {
        let count = 0;
        const listener = other.onDidChange(() => {
          listener.dispose();
          resolve(++count);
        });
        void other.overview().then(() => stage.one());
      });
      expect([again, heard]).toEqual([1, before]);
    });

    test('a call that changes nothing is not heard', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const worker = await stage.worker();
      let heard = 0;
      const listener = stage.store.onDidChange(() => heard++);
      for (let time = 0; time < 20; time++) {
        await stage.ask(worker);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const before = heard;
      await stage.one();
      await waitFor('the change to be heard', () => heard > 0);
      listener.dispose();
      expect(before).toBe(0);
    });

    test('one repository does not see another', async () => {
      await using ground = await open();
      await using foreign = await open();
      const stage = new Stage(ground.store);
      const there = new Stage(foreign.store);
      const { task, entry } = await there.landing();
      const batch = (await there.task(task)).batch;
      expect([
        await stage.store.task(task),
        await stage.store.batch(batch),
        await stage.store.entry(entry),
        await stage.store.eventsAfter(0, 9),
        await stage.store.situation(),
        await stage.decide(task, { kind: 'approve' }),
      ]).toMatchObject([
        undefined,
        undefined,
        undefined,
        [],
        { workers: [], tasks: [], batches: [], sessions: [], entries: [], leases: [], launches: [] },
        { refused: /there is no/ },
      ]);
    });

    test('calls made at once all happen, one after the other', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const other = await ground.another();
      await stage.queue(20);
      const workers = [];
      for (let each = 0; each < 20; each++) workers.push(await stage.worker());
      const elsewhere = new Stage(other);
      const answers = await Promise.all(
        workers.map((worker, index) => (index % 2 === 0 ? stage : elsewhere).ask(worker)),
      );
      const tasks = answers.map((answer) => (answer.kind === 'leased' ? answer.task.id : answer.kind));
      expect(new Set(tasks).size).toBe(20);
    });

    test('a store that was looked through has nothing wrong with it', async () => {
      await using ground = await open();
      expect(await ground.store.check()).toEqual([]);
    });
  });
}
