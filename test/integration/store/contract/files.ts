import { describe, expect, test } from 'vitest';
import { taskLeaseName } from '../../../../src/core/model/lease.ts';
import { newIdOf, type OpenGround } from '../stage.ts';
import { TeamStage } from '../teamStage.ts';

/** What a store keeps to of the files that tasks declare and that they have landed. */
export function fileContract(open: OpenGround): void {
  describe('files that a queued task has declared', () => {
    test('are claimed with its lease; until they are free another task is leased, and the overview says who holds them', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { store } = ground;
      const [first, second, third] = await stage.queue([
        stage.newTask({ title: 'First', options: { paths: ['src/', 'a.md'] } }),
        stage.newTask({ title: 'Second', options: { paths: ['src/x.ts'] } }),
        stage.newTask({ title: 'Third', options: { paths: ['docs/**'] } }),
      ]);
      const leased = async () => {
        const answer = await stage.ask(await stage.worker());
        return answer.kind === 'leased' ? answer.task.id : answer.kind;
      };
      expect([await leased(), await leased(), await leased()]).toEqual([first, third, 'nothing']);
      expect(await stage.held()).toEqual([`${first}: src/`, `${first}: a.md`, `${third}: docs/**`]);
      expect((await store.claims()).map(({ origin }) => origin)).toEqual(['declared', 'declared', 'declared']);
      const { blocked } = await store.overview();
      expect(blocked.map(({ task, wanted, by }) => [task, wanted, by.title])).toEqual([
        [second, { kind: 'file', path: 'src/x.ts' }, 'First'],
      ]);
      const before = await stage.everything();
      expect(await leased()).toBe('nothing');
      expect((await store.overview()).blocked).toEqual((before as [{ blocked: unknown }])[0].blocked);
      if (!first || !second) throw new Error('no tasks');
      await store.cancelTask({ task: first, reason: 'no', now: stage.at() });
      expect((await store.overview()).blocked).toEqual([]);
      expect(await leased()).toBe(second);
      expect([await stage.inbox(second), (await store.overview()).blocked]).toEqual([[], []]);
    });

    test('have the modes that the settings give them', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      await stage.queue([
        stage.newTask({ options: { paths: ['log.md', 'gen/a.ts'] } }),
        stage.newTask({ options: { paths: ['log.md', 'gen/a.ts'] } }),
      ]);
      const modes = { '**': 'exclusive', '*.md': 'shared-append', 'gen/**': 'off' } as const;
      const kinds = [];
      for (let each = 0; each < 2; each += 1) kinds.push((await stage.ask(await stage.worker(), { modes })).kind);
      expect(kinds).toEqual(['leased', 'leased']);
      expect((await ground.store.claims()).map(({ path, mode }) => `${path} ${mode}`)).toEqual([
        'log.md shared-append',
        'log.md shared-append',
      ]);
    });

    test('are free again when the worker is lost, and claimed anew with the next lease', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const task = await stage.one({ options: { paths: ['a'] } });
      const { lease } = await stage.run(await stage.worker());
      const lost = [{ name: taskLeaseName(task), token: lease.token, renewals: 0 }];
      await ground.store.reap({ lost, now: stage.at() });
      expect(await stage.asks('you', 'a')).toBe('yes');
      expect((await stage.ask(await stage.worker())).kind).toBe('nothing');
      await stage.unclaim('you');
      expect((await stage.ask(await stage.worker())).kind).toBe('leased');
    });
  });

  describe('files that have landed', () => {
    test('are found by name, newest first, and those who hold them are told', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { store } = ground;
      const { task: holder } = await stage.works('Holder');
      await stage.asks(holder, 'src/', 'z');
      const land = async (landed: string, files: readonly string[]) => {
        const { fence, task } = await stage.landing();
        const landing = { kind: 'merged', landed, files } as const;
        await store.landed({ ...fence, landing, review: newIdOf('review'), now: stage.at() });
        await store.dropLease({ name: 'target/main', token: fence.token });
        return task;
      };
      const first = await land('aaaaaaaaaaaaaaa', ['src/a.ts', 'README.md']);
      const second = await land('bbbbbbbbbbbbbbb', ['src/a.ts', 'src/a.ts', 'b.ts']);
      const file = (seq: number, path: string, commit: string, task: string) => ({
        seq,
        path,
        commit,
        task,
        title: 'Do it',
        at: expect.any(Number),
      });
      const all = [
        file(1, 'src/a.ts', 'aaaaaaaaaaaaaaa', first),
        file(2, 'README.md', 'aaaaaaaaaaaaaaa', first),
        file(3, 'src/a.ts', 'bbbbbbbbbbbbbbb', second),
        file(4, 'b.ts', 'bbbbbbbbbbbbbbb', second),
      ];
      expect(await store.landedOnAfter({ target: 'main', seq: 0, most: 10 })).toEqual(all);
      expect(await store.landedOnAfter({ target: 'main', seq: 1, most: 2 })).toEqual(all.slice(1, 3));
      expect(await store.landedOn({ target: 'main', paths: ['src/a.ts', 'readme.md', 'none'] })).toEqual([
        all[2],
        all[1],
      ]);
      expect(await store.landedOn({ target: 'other', paths: ['src/a.ts'] })).toEqual([]);
      expect(await stage.inbox(holder)).toEqual(
        [first, second].map(
          (task, index) =>
            `“Do it” (task ${task}) has landed on main as ${'ab'[index]?.repeat(10)} and changed src/a.ts, which you have claimed. Look at it before you go on there.`,
        ),
      );
    });
  });
}
