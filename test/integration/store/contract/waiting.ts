import { describe, expect, test } from 'vitest';
import type { TaskId } from '../../../../src/core/model/ids.ts';
import { taskLeaseName } from '../../../../src/core/model/lease.ts';
import type { OpenGround } from '../stage.ts';
import { TeamStage } from '../teamStage.ts';

/** What a store keeps to of tasks that were refused files and wait for them in the queue. */
export function waitingContract(open: OpenGround): void {
  describe('a task that was refused files', () => {
    test('waits in the queue with its claims until it can have them, and is leased with them', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { store } = ground;
      const { task: holder, lease: held } = await stage.works('Holder');
      const waiter = await stage.works('Waiter');
      const { task } = waiter;
      await stage.asks(holder, 'a');
      expect([await stage.asks(task, 'b'), await stage.asks(task, 'a')]).toEqual(['yes', 'a: Holder']);
      expect(await store.wants(task)).toEqual([{ kind: 'file', path: 'a' }]);

      expect(await waits(stage, waiter, 'a')).toBe('finished');
      expect(await stage.task(task)).toMatchObject({
        state: 'queued',
        rounds: 0,
        feedback: { kind: 'files_free', text: 'a' },
      });
      expect(await stage.held()).toEqual([`${holder}: a`, `${task}: b`]);
      const blocked = async () => (await store.overview()).blocked.map((each) => [each.task, each.by.holder]);
      expect([await blocked(), (await stage.ask(await stage.worker())).kind]).toEqual([[[task, holder]], 'nothing']);

      await store.cancelTask({ task: holder, reason: 'no', now: stage.at() });
      expect(await stage.finish(held, { kind: 'no_changes' })).toBe('lost');
      const answer = await stage.ask(await stage.worker());
      expect(answer).toMatchObject({ kind: 'leased', task: { id: task, feedback: { kind: 'files_free' } } });
      expect([await stage.held(), await blocked(), await stage.inbox(task)]).toEqual([
        [`${task}: b`, `${task}: a`],
        [],
        [],
      ]);
      expect(await store.wants(task)).toEqual([]);
    });

    test('wants no more what it has got since or gave up; what is free is only told', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { task: holder } = await stage.works('Holder');
      const { task } = await stage.works('Waiter');
      await stage.asks(holder, 'a', 'b', 'c');
      for (const path of ['a', 'b', 'c']) await stage.asks(task, path);
      await stage.unclaim(holder, ['a'], { to: task });
      await stage.unclaim(task, ['b']);
      const wants = async () => (await ground.store.wants(task)).map(({ path }) => path);
      expect(await wants()).toEqual(['c']);
      // Free, and told so; but a session that has ended its turn before it heard of it is not complete without.
      await stage.unclaim(holder, ['c']);
      const told = [expect.stringContaining('given you'), expect.stringContaining('c is free now')];
      expect([await wants(), await stage.inbox(task)]).toEqual([['c'], told]);
      await stage.unclaim(task, ['c'], { to: 'you' });
      expect(await wants()).toEqual([]);
      await stage.asks('you', 'c');
      await stage.asks(task, 'c');
      await stage.unclaim('you');
      expect([await stage.asks(task, 'c'), await wants()]).toEqual(['yes', []]);
    });

    test('does not wait for ever for others that wait for it: they give way and have their turn afterwards', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const works = [await stage.works('One'), await stage.works('Two'), await stage.works('Three')];
      const [one, two, three] = works.map(({ task }) => task) as [TaskId, TaskId, TaskId];
      for (const [at, path] of ['a', 'b', 'c'].entries()) await stage.asks(works[at]?.task ?? 'you', path);
      // One wants what Two has, Two what Three has, Three what One has.
      for (const [at, path] of ['b', 'c', 'a'].entries()) {
        const running = works[at] ?? expect.fail();
        await stage.asks(running.task, path);
        await waits(stage, running, path);
      }
      const first = await stage.ask(await stage.worker());
      expect(first).toMatchObject({ kind: 'leased', task: { id: one } });
      expect(await stage.held()).toEqual([`${one}: a`, `${three}: c`, `${one}: b`]);
      expect((await stage.ask(await stage.worker())).kind).toBe('nothing');
      expect(
        (await ground.store.overview()).blocked.map(({ task, wanted }) => `${task} ${wanted.path}`).toSorted(),
      ).toEqual([`${three} a`, `${two} b`, `${two} c`].toSorted());
      await ground.store.cancelTask({ task: one, reason: 'done', now: stage.at() });
      const order: string[] = [];
      for (;;) {
        const next = await stage.ask(await stage.worker());
        if (next.kind !== 'leased') break;
        order.push(next.task.id);
        await ground.store.cancelTask({ task: next.task.id, reason: 'done', now: stage.at() });
      }
      expect(order.toSorted()).toEqual([two, three].toSorted());
    });

    test('hears of it when those who gave way held more than was needed', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const [one, two] = [await stage.works('One'), await stage.works('Two')];
      const { task: third } = await stage.works('Third');
      await stage.asks(one.task, 'a');
      await stage.asks(two.task, 'src/');
      expect(await stage.asks(third, 'src/b')).toBe('src/b: Two');
      await stage.asks(two.task, 'a');
      await waits(stage, two, 'a');
      await stage.asks(one.task, 'src/a');
      await waits(stage, one, 'src/a');
      expect(await stage.ask(await stage.worker())).toMatchObject({ kind: 'leased', task: { id: one.task } });
      expect(await stage.inbox(third)).toEqual([expect.stringContaining('src/b is free now')]);
    });

    test('waits for them again when its worker dies before it could use them', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { task: holder } = await stage.works('Holder');
      const waiter = await stage.works('Waiter');
      await stage.asks(holder, 'a');
      await stage.asks(waiter.task, 'a');
      await waits(stage, waiter, 'a');
      await ground.store.cancelTask({ task: holder, reason: 'no', now: stage.at() });
      const { task } = await stage.lease(await stage.worker());
      const lost = [{ name: taskLeaseName(task.id), token: task.lease.token, renewals: 0 }];
      await ground.store.reap({ lost, now: stage.at() });
      await stage.asks('you', 'a');
      expect((await stage.ask(await stage.worker())).kind).toBe('nothing');
      await stage.unclaim('you');
      expect(await stage.ask(await stage.worker())).toMatchObject({ kind: 'leased', task: { id: waiter.task } });
      expect(await stage.held(waiter.task)).toEqual([`${waiter.task}: a`]);
    });

    test('still waits for one that is at work, in review or a person', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { task: busy } = await stage.works('Busy');
      const waiter = await stage.works('Waiter');
      await stage.asks(busy, 'a');
      await stage.asks(waiter.task, 'b');
      await stage.asks(busy, 'b');
      await stage.asks(waiter.task, 'a');
      await waits(stage, waiter, 'a');
      expect((await stage.ask(await stage.worker())).kind).toBe('nothing');
      expect(await stage.held()).toEqual([`${busy}: a`, `${waiter.task}: b`]);
    });
  });
}

/** Its session has ended without these files. */
async function waits(
  stage: TeamStage,
  { session, lease }: Awaited<ReturnType<TeamStage['works']>>,
  ...files: readonly string[]
): Promise<'finished' | 'lost'> {
  await stage.store.sessionEnded({ session, exit: 'exit 0', now: stage.at() });
  return await stage.finish(lease, { kind: 'waits_for_files', files });
}
