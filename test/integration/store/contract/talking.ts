import { describe, expect, test } from 'vitest';
import { base, head, newIdOf, type OpenGround } from '../stage.ts';
import { TeamStage } from '../teamStage.ts';

const review = { kind: 'in_review', base, head } as const;
const day = 86_400_000;

/** What a store keeps to of who is there, of messages and of the shared context. */
export function talkContract(open: OpenGround): void {
  describe('who is there', () => {
    test('you, every task that has not ended, with its worker, and guests until they leave', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { store } = ground;
      const runs = await stage.works('Runs');
      const reviewed = await stage.works('Reviewed');
      await stage.finish(reviewed.lease, review);
      const queued = await stage.one({ title: 'Queued' });
      const over = await stage.one({ title: 'Over' });
      await store.cancelTask({ task: over, reason: 'no', now: stage.at() });
      await stage.join('@ann');
      await stage.join('@bob');
      await store.guestLeft({ guest: '@bob', now: stage.at() });
      const named = async (id: typeof runs.worker) => ({ id, name: (await store.worker(id))?.name ?? '' });
      expect(await store.members()).toEqual([
        { party: 'you', title: 'you', isActive: true },
        { party: runs.task, title: 'Runs', worker: await named(runs.worker), isActive: true },
        { party: reviewed.task, title: 'Reviewed', worker: await named(reviewed.worker), isActive: true },
        { party: queued, title: 'Queued', isActive: false },
        { party: '@ann', title: 'ann', isActive: true },
      ]);
      expect(
        await Promise.all([runs.worker, reviewed.worker, newIdOf('worker')].map((id) => store.taskOf(id))),
      ).toEqual([runs.task, reviewed.task, undefined]);
      const at = await Promise.all([`/worktrees/${runs.task}`, '/worktrees'].map((path) => store.taskAt(path)));
      expect(at).toEqual([runs.task, undefined]);
      const worker = await store.worker(runs.worker);
      const unknown = { machine: 'here', pid: 1, startTime: 'never' };
      expect(await store.workerAmong([unknown])).toBeUndefined();
      expect(await store.workerAmong([unknown, ...(worker?.process ? [worker.process] : [])])).toEqual(
        await named(runs.worker),
      );
    });

    test('a guest lives as long as it is heard of, and its claims with it', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const joined = [await stage.join('@ann', 1000), await stage.join('@ann', 1000)];
      stage.now += 900;
      joined.push(await stage.join('@ann', 1000));
      expect(joined).toEqual(['joined', 'known', 'known']);
      expect(await stage.asks('@ann', 'a')).toBe('yes');
      expect(await stage.asks('you', 'a')).toBe('a: ann');
      stage.now += 900;
      expect(await stage.asks('you', 'a')).toBe('a: ann');
      stage.now += 200;
      expect(await stage.asks('you', 'a')).toBe('yes');
      expect([await stage.held(), await stage.asks('@ann', 'b'), await stage.join('@ann')]).toEqual([
        ['you: a'],
        'ann is not here (any more)',
        'joined',
      ]);
      expect((await stage.told()).filter((text) => /^guest|released/.test(text))).toEqual([
        'guest.joined: ann',
        'guest.left: ann',
        'claim.released: a: ann has left',
        'guest.joined: ann',
      ]);
    });

    test('a silent guest is nobody to those who look, before anybody has written that down', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const task = await stage.one();
      stage.now -= day;
      await stage.join('@ann', 1000);
      await stage.asks('@ann', 'a');
      expect([await stage.held(), (await ground.store.members()).length]).toEqual([[], 2]);
      const paths = [{ kind: 'file', path: 'a', mode: 'exclusive' }] as const;
      expect(await ground.store.audit({ task, paths })).toEqual([]);
    });

    test('a guest’s lease is reaped like every other, and its claims end with it', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      await stage.join('@ann');
      await stage.asks('@ann', 'a');
      const [lease] = (await ground.store.situation()).leases;
      expect(lease).toMatchObject({ name: 'guest/ann', owner: { machine: '', pid: 0 } });
      if (!lease) throw new Error('no lease');
      expect(await ground.store.reap({ lost: [lease], now: stage.at() })).toEqual(['guest/ann']);
      expect([await stage.held(), (await ground.store.members()).length]).toEqual([[], 1]);
    });

    test('a guest that leaves lets go of everything, and whoever waited is told', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      await stage.join('@ann');
      await stage.asks('@ann', 'a', 'b');
      await stage.asks('you', 'a', 'b');
      await ground.store.guestLeft({ guest: '@ann', now: stage.at() });
      await ground.store.guestLeft({ guest: '@ann', now: stage.at() });
      expect(await stage.inbox('you')).toEqual(['a, b are free now. Claim them before you change anything there.']);
    });
  });

  describe('messages', () => {
    test('a message is kept with its names, unread until its receiver has read it, and its sender sees that', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { store } = ground;
      const task = await stage.one({ title: 'One' });
      const sent = await stage.say('you', [task], 'Hello\nthere');
      if ('refused' in sent) throw new Error(sent.refused);
      const [message] = sent;
      if (!message) throw new Error('nothing was sent');
      const known = {
        id: message.id,
        seq: 1,
        from: 'you',
        to: task,
        kind: 'message',
        body: 'Hello\nthere',
        fromTitle: 'you',
        toTitle: 'One',
        sentAt: stage.now,
      };
      expect([message, await store.message(message.id), await store.message(newIdOf('message'))]).toEqual([
        known,
        known,
        undefined,
      ]);
      expect([await store.unread(task), await store.unread('you')]).toEqual([1, 0]);
      const answer = { from: task, to: ['you'], kind: 'message', body: 'Hi', replyTo: message.id } as const;
      await store.send({ ...answer, ids: [newIdOf('message')], now: stage.at() });
      await store.markRead({ party: 'you', messages: [message.id], now: stage.at() });
      expect(await store.unread(task)).toBe(1);
      const now = stage.at();
      await store.markRead({ party: task, messages: [message.id], now });
      await store.markRead({ party: task, messages: [message.id], now: stage.at() });
      const box = (party: typeof task | 'you', box: 'in' | 'out', unreadOnly = false, most = 10) =>
        store.mailbox({ party, box, unreadOnly, most });
      expect(await box('you', 'out')).toEqual([{ ...known, readAt: now }]);
      expect([await box(task, 'in', true), (await box(task, 'in')).length]).toEqual([[], 1]);
      expect(await box('you', 'in')).toMatchObject([{ body: 'Hi', replyTo: message.id, fromTitle: 'One' }]);
      expect((await store.overview()).unread).toBe(1);
      expect((await stage.told(0, task)).filter((text) => text.startsWith('message'))).toEqual([
        'message.sent: you to One: Hello there',
        'message.sent: One to you: Hi',
      ]);
    });

    test('a broadcast is a message of its own for each, and none is sent when one of them is not there', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const [one, over] = [await stage.one({ title: 'One' }), await stage.one({ title: 'Over' })];
      await ground.store.cancelTask({ task: over, reason: 'no', now: stage.at() });
      await stage.join('@ann');
      expect([
        await stage.say(one, ['you', '@bob'], 'x'),
        await stage.say(one, ['you', over], 'x'),
        await stage.say(one, ['you', newIdOf('task')], 'x'),
        await ground.store.unread('you'),
      ]).toEqual([
        { refused: 'bob is not here (any more)' },
        { refused: '“Over” has ended (cancelled)' },
        { refused: expect.stringMatching(/^there is no task/) },
        0,
      ]);
      const sent = await stage.say(one, ['you', '@ann'], 'all');
      expect(Array.isArray(sent) && sent.map(({ to, toTitle, seq }) => [to, toTitle, seq])).toEqual([
        ['you', 'you', 1],
        ['@ann', 'ann', 2],
      ]);
      expect([await stage.inbox('you'), await stage.inbox('@ann'), await stage.inbox(one)]).toEqual([
        ['all'],
        ['all'],
        [],
      ]);
    });

    test('of many messages the newest are shown, oldest first', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      for (let each = 0; each < 5; each += 1) await stage.say('you', ['you'], String(each));
      const newest = await ground.store.mailbox({ party: 'you', box: 'in', unreadOnly: false, most: 2 });
      expect(newest.map(({ body }) => body)).toEqual(['3', '4']);
    });

    test('a message as long as may be, in letters of any kind, is kept as it is', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const bodies = ['x'.repeat(16_000), 'ü'.repeat(16_000), '😀'.repeat(8_000), '? $1 \' " \\ %s'];
      for (const body of bodies) await stage.say('you', ['you'], body);
      expect(await stage.inbox('you')).toEqual(bodies);
      await expect(stage.say('you', ['you'], 'x'.repeat(16_001))).rejects.toThrow();
      await expect(stage.say('you', ['you'], '')).rejects.toThrow();
    });
  });

  describe('what is new', () => {
    const add = (stage: TeamStage, author: Parameters<TeamStage['asks']>[0], text: string) =>
      stage.store.addContext({ id: newIdOf('context'), author, category: 'decision', text, now: stage.at() });
    const texts = ({ messages, context, hasMore }: Awaited<ReturnType<TeamStage['store']['news']>>) => [
      messages.map(({ body }) => body),
      context.map(({ text }) => text),
      hasMore,
    ];

    test('is told once, in the order in which it was committed, one’s own entries left out', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { store } = ground;
      const task = await stage.one({ title: 'One' });
      const entry = await add(stage, 'you', 'use tabs');
      expect(entry).toEqual({
        id: expect.stringMatching(/^x/),
        seq: 1,
        author: 'you',
        authorTitle: 'you',
        category: 'decision',
        text: 'use tabs',
        at: stage.now,
      });
      await add(stage, task, 'mine');
      await stage.say('you', [task], 'first');
      await add(stage, 'you', 'use spaces');
      await stage.say('you', [task], 'second');
      const before = await stage.everything();
      const look = { party: task, most: 10 };
      expect(texts(await store.news(look))).toEqual([['first', 'second'], ['use tabs', 'use spaces'], false]);
      expect(await stage.everything()).toEqual(before);
      expect(texts(await store.sync({ ...look, now: stage.at() }))).toEqual([
        ['first', 'second'],
        ['use tabs', 'use spaces'],
        false,
      ]);
      const after = await stage.everything();
      expect(texts(await store.sync({ ...look, now: stage.at() }))).toEqual([[], [], false]);
      expect(await stage.everything()).toEqual(after);
      await add(stage, task, 'mine again');
      await add(stage, 'you', 'use both');
      expect(texts(await store.sync({ ...look, now: stage.at() }))).toEqual([[], ['use both'], false]);
      expect(texts(await store.news({ party: 'you', most: 10 }))).toEqual([[], ['mine', 'mine again'], false]);
      expect((await store.context({ most: 2 })).map(({ text }) => text)).toEqual(['mine again', 'use both']);
    });

    test('comes in portions, and what was not told comes again', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { store } = ground;
      const task = await stage.one();
      for (let each = 0; each < 5; each += 1) {
        await add(stage, 'you', `e${each}`);
        await stage.say('you', [task], `m${each}`);
      }
      const news = await store.news({ party: task, most: 2 });
      await store.told({
        party: task,
        news: { messages: news.messages.slice(0, 1), context: news.context },
        now: stage.at(),
      });
      await store.told({ party: task, news: { messages: [], context: news.context.slice(0, 1) }, now: stage.at() });
      const rest = [];
      for (let each = 0; each < 3; each += 1)
        rest.push(texts(await store.sync({ party: task, most: 2, now: stage.at() })));
      expect(rest).toEqual([
        [['m1', 'm2'], ['e2', 'e3'], true],
        [['m3', 'm4'], ['e4'], false],
        [[], [], false],
      ]);
    });

    test('values are set, replaced and removed, and every change of the context is told by a number', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { store } = ground;
      const task = await stage.one({ title: 'One' });
      const numbers: number[] = [];
      const set = async (key: string, value: string | undefined) => {
        await store.setValue({ key, value, author: task, now: stage.at() });
        numbers.push((await store.overview()).changes.context);
      };
      await set('port', '8080');
      await set('api', 'v2');
      await set('port', '9090');
      const now = stage.now;
      await set('api', undefined);
      await set('api', undefined);
      expect(await store.values()).toEqual([{ key: 'port', value: '9090', author: task, at: now }]);
      expect(numbers).toEqual([1, 2, 3, 4, 4]);
      await add(stage, 'you', 'x');
      expect(texts(await store.sync({ party: task, most: 5, now: stage.at() }))).toEqual([[], ['x'], false]);
      expect((await stage.told(0, task)).filter((text) => text.startsWith('context'))).toEqual([
        'context.changed: One set port: 8080',
        'context.changed: One set api: v2',
        'context.changed: One set port: 9090',
        'context.changed: One removed api',
      ]);
    });
  });
}
