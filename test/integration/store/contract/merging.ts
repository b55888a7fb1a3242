import { describe, expect, test } from 'vitest';
import { targetLeaseName } from '../../../../src/core/model/lease.ts';
import type { Landing } from '../../../../src/core/store.ts';
import { base, head, newIdOf, type OpenGround, Stage } from '../stage.ts';

export function mergeContract(open: OpenGround): void {
  describe('merging', () => {
    const land = (stage: Stage, fence: Awaited<ReturnType<Stage['landing']>>['fence'], landing: Landing) =>
      stage.store.landed({ ...fence, landing, review: newIdOf('review'), now: stage.at() });

    test('approved tasks wait for their target in the given order, each once', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const [first, second, review] = [await stage.approved(), await stage.approved(), await stage.inReview()];
      const ids = [newIdOf('entry'), newIdOf('entry'), newIdOf('entry'), newIdOf('entry')];
      const tasks = [second.task, first.task, review.task, second.task];
      const entries = ids.map((id, index) => ({ id, task: tasks[index] as typeof first.task }));
      const answers = await stage.store.enqueue({ entries, now: stage.at() });
      const waiting = { target: 'main', head, state: 'queued', createdAt: stage.now };
      expect(answers).toMatchObject([
        { id: ids[0], task: second.task, ...waiting },
        { id: ids[1], task: first.task, ...waiting },
        { refused: '“Do it” is in review, it cannot be merged: only approved work is' },
        { id: ids[0] },
      ]);
      const [one, two] = (await stage.store.overview()).entries;
      expect([one?.id, two?.id]).toEqual([ids[0], ids[1]]);
      expect((one?.position ?? 0) < (two?.position ?? 0)).toBe(true);
    });

    test('an entry lands under the lease of its target only', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task } = await stage.approved();
      const entry = newIdOf('entry');
      await stage.store.enqueue({ entries: [{ id: entry, task }], now: stage.at() });
      const owner = stage.process();
      const main = await stage.store.takeLease({ name: targetLeaseName('main'), owner, ms: 1 });
      const other = await stage.store.takeLease({ name: targetLeaseName('other'), owner, ms: 1 });
      if (main === 'held' || other === 'held') throw new Error('held');
      const start = (target: string, token: number) =>
        stage.store.landingStarted({ entry, target, token, now: stage.at() });
      expect([
        await start('main', other.token),
        await start('other', other.token),
        await start('main', main.token),
        await start('main', main.token),
      ]).toEqual(['lost', 'lost', 'saved', 'saved']);
      expect(await stage.task(task)).toMatchObject({ state: 'merging', entry, base, head });
      expect(await stage.store.entry(entry)).toMatchObject({ state: 'landing' });
    });

    test('a landing ends entry and task, once', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { entry, task, fence } = await stage.landing();
      const seq = await stage.seq();
      const merged = { kind: 'merged', landed: 'c0ffee', files: [] } as const;
      expect([await land(stage, fence, merged), await land(stage, fence, merged)]).toEqual(['saved', 'lost']);
      expect(await stage.task(task)).toMatchObject({ state: 'merged', head, landed: 'c0ffee' });
      expect(await stage.store.entry(entry)).toMatchObject({ state: 'merged', landed: 'c0ffee' });
      expect(await stage.told(seq)).toEqual([
        'task.merged: merged into main as c0ffee',
        'entry.merged: merged into main as c0ffee',
      ]);
    });

    test('a conflict or a red check goes back to its author until the rounds are used up, then to the person', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const feedback = { kind: 'conflict', text: 'in a.txt', mergeIn: base } as const;
      const ways: Landing[] = [
        { kind: 'conflict', reason: 'conflicts in a.txt', feedback, maxRounds: 1 },
        {
          kind: 'check_failed',
          reason: 'red',
          log: '/logs/check.log',
          feedback: { ...feedback, kind: 'check_failed' },
          maxRounds: 1,
        },
      ];
      for (const landing of ways) {
        const first = await stage.landing();
        expect(await land(stage, first.fence, landing)).toBe('saved');
        expect(await stage.task(first.task)).toMatchObject({
          state: 'queued',
          rounds: 1,
          feedback: { text: 'in a.txt' },
        });
        expect(await stage.store.entry(first.entry)).toMatchObject({ state: landing.kind });
        await stage.store.dropLease({ name: targetLeaseName('main'), token: first.fence.token });

        const again = await stage.run(first.worker);
        await stage.finish(again.lease, { kind: 'approved', base, head });
        const entry = newIdOf('entry');
        await stage.store.enqueue({ entries: [{ id: entry, task: first.task }], now: stage.at() });
        const lease = await stage.store.takeLease({ name: targetLeaseName('main'), owner: stage.process(), ms: 1 });
        if (lease === 'held') throw new Error('held');
        const fence = { entry, target: 'main', token: lease.token };
        await stage.store.landingStarted({ ...fence, now: stage.at() });
        expect(await land(stage, fence, landing)).toBe('saved');
        expect(await stage.task(first.task)).toMatchObject({ state: 'in_review', rounds: 1, base, head });
        expect((await stage.store.reviews(first.task)).map((each) => each.state)).toEqual([
          'approved',
          'approved',
          'open',
        ]);
        await stage.store.dropLease({ name: targetLeaseName('main'), token: lease.token });
      }
    });

    test('only the output of a check is kept with the entry', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { fence, entry } = await stage.landing();
      const feedback = { kind: 'check_failed', text: 'red' } as const;
      await land(stage, fence, { kind: 'check_failed', reason: 'red', log: '/l', feedback, maxRounds: 3 });
      expect(await stage.store.entry(entry)).toMatchObject({ state: 'check_failed', reason: 'red', log: '/l' });
    });

    test('a refused landing leaves the task approved, to be queued again', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { fence, task, entry } = await stage.landing();
      await land(stage, fence, { kind: 'refused', reason: 'your checkout is dirty' });
      expect(await stage.task(task)).toMatchObject({ state: 'approved', head });
      expect(await stage.store.entry(entry)).toMatchObject({ state: 'refused', reason: 'your checkout is dirty' });
      const id = newIdOf('entry');
      expect(await stage.store.enqueue({ entries: [{ id, task }], now: stage.at() })).toMatchObject([{ id }]);
      expect((await stage.store.overview()).entries.map((each) => each.id)).toEqual([entry, id]);
    });

    test('a branch that moved before it landed is reviewed anew', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { fence, task, entry } = await stage.landing();
      await land(stage, fence, { kind: 'moved', reason: 'it moved', base, head: 'beef' });
      expect(await stage.task(task)).toMatchObject({ state: 'in_review', base, head: 'beef' });
      expect(await stage.store.entry(entry)).toMatchObject({ state: 'withdrawn', reason: 'it moved' });
      expect(await stage.store.reviews(task)).toMatchObject([{ state: 'approved' }, { state: 'open', head: 'beef' }]);
    });
  });
}
