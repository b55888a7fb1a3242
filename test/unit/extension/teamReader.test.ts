import { expect, test } from 'vitest';
import type { SwarmEvent } from '../../../src/core/model/event.ts';
import type { TaskId } from '../../../src/core/model/ids.ts';
import type { Message } from '../../../src/core/model/message.ts';
import { taskHover, workerHover } from '../../../src/extension/model/hovers.ts';
import { hear } from '../../../src/extension/model/said.ts';
import { taskPage } from '../../../src/extension/model/taskPage.ts';
import { tasksTree } from '../../../src/extension/model/tasksTree.ts';
import { workersTree } from '../../../src/extension/model/workersTree.ts';
import { SayingsReader } from '../../../src/extension/sayingsReader.ts';
import { TeamReader } from '../../../src/extension/teamReader.ts';
import { task, worker } from '../core/builders.ts';
import { claim, drawn, message, running, see, withTeam, words } from './seeing.ts';

/** A store of claims and messages that writes down what is asked of it. */
function storeOf(claims: number, inbox: readonly Message[]) {
  const asked: string[] = [];
  const all = Array.from({ length: claims }, (_, index) => claim(`f${index}`, { holder: `t${index % 20}` as TaskId }));
  return {
    asked,
    claims: async () => {
      asked.push('claims');
      return all;
    },
    mailbox: async ({ unreadOnly, most }: { unreadOnly: boolean; most: number }) => {
      asked.push(unreadOnly ? 'unread' : 'inbox');
      return inbox.filter(({ readAt }) => !unreadOnly || readAt === undefined).slice(-most);
    },
  };
}

test('ten thousand claims are read once for each change to them, and not for anything else that happens', async () => {
  const store = storeOf(10_000, []);
  const reader = new TeamReader(store);
  const changes = { claims: 1, messages: 1, context: 1 };
  const first = await reader.read(changes);
  expect([first.holdings.byHolder.size, reader.isBehind(changes), reader.isBehind({ ...changes, context: 9 })]).toEqual(
    [20, false, false],
  );
  const second = await reader.read({ ...changes, messages: 2 });
  expect(second.holdings).toBe(first.holdings);
  expect(reader.isBehind({ ...changes, claims: 2 })).toBe(true);
  await reader.read({ claims: 2, messages: 2, context: 1 });
  expect(store.asked).toEqual(['claims', 'unread', 'inbox', 'unread', 'inbox', 'claims']);
});

test('all unread messages are read, and of the others the newest fifty', async () => {
  const inbox = Array.from({ length: 200 }, (_, seq) => message(seq, seq % 100 === 0 ? {} : { readAt: 1 }));
  const team = await new TeamReader(storeOf(0, inbox)).read({ claims: 0, messages: 0, context: 0 });
  expect(team.inbox.map(({ seq }) => seq)).toEqual([0, 100, ...Array.from({ length: 50 }, (_, index) => 150 + index)]);
});

const event = (seq: number, kind: SwarmEvent['kind'], text = ''): SwarmEvent => ({
  seq,
  at: 0,
  kind,
  text,
  task: 't1' as TaskId,
});

test('what sessions say is followed event by event, and nothing is read twice', async () => {
  const events = [event(1, 'session.status', 'half done (50 % sure)'), event(2, 'session.stuck', 'stuck: no key')];
  const asked: number[] = [];
  const reader = new SayingsReader({
    eventsAfter: async (seq) => {
      asked.push(seq);
      return events.filter((each) => each.seq > seq);
    },
  });
  const first = await reader.read(2);
  expect(first.get('t1' as TaskId)).toEqual({ status: 'half done (50 % sure)', stuck: 'stuck: no key' });
  expect(await reader.read(2)).toBe(first);
  events.push(event(3, 'session.prompted'));
  expect((await reader.read(3)).get('t1' as TaskId)).toEqual({ status: 'half done (50 % sure)' });
  expect(asked).toEqual([0, 2]);
});

test('what a session said is forgotten when it has ended', () => {
  const said = hear(new Map(), [
    event(1, 'session.unenforced', 'claims are not enforced: x'),
    event(2, 'session.tool_done'),
  ]);
  expect([said.get('t1' as TaskId), hear(said, [event(3, 'session.ended')]).size]).toEqual([
    { unenforced: 'claims are not enforced: x' },
    0,
  ]);
});

const unenforced = {
  ...withTeam(
    see({ tasks: [running('t1', 'Runs')], workers: [worker({ state: 'busy', task: 't1' as TaskId })] }),
    Array.from({ length: 7 }, (_, index) => claim(`src/f${index}.js`)),
  ),
  sayings: new Map([['t1' as TaskId, { status: 'half done', unenforced: 'claims are not enforced: hooks are off' }]]),
};

test('a worker whose claims are not enforced is marked, and its task says why and what it holds', () => {
  const [row] = workersTree([unenforced], words, 0);
  const [only] = unenforced.overview.tasks;
  const [first] = unenforced.overview.workers;
  expect([row?.description, row?.icon?.name]).toEqual(['claims not enforced · Runs', 'unlock']);
  const hover = only ? taskHover(unenforced, words, only, []) : '';
  expect(hover).toContain('⚠ **Claims are not enforced\\: hooks are off\\.**');
  expect(hover).toContain(
    'Says: half done  \nClaims: `src/f0.js`, `src/f1.js`, `src/f2.js`, `src/f3.js`, `src/f4.js`, and 2 more',
  );
  expect(first && workerHover(unenforced, words, first, [])).toContain('⚠ **Claims are not enforced');
  const story = { attempts: [], reviews: [], entry: undefined, files: [], events: [] };
  const page = only ? taskPage(unenforced, words, { ...story, task: only }) : '';
  expect([page.includes('⚠ **Claims are not enforced'), page.includes('## Claims\n\n- `src/f0.js`')]).toEqual([
    true,
    true,
  ]);
});

test('a queued task says whose claims it waits for', () => {
  const by = claim('src/price.js', { worker: { id: 'w1' as never, name: 'worker 1' } });
  const blocked = [{ task: 't2' as TaskId, wanted: { kind: 'file', path: 'src/price.js' } as const, by }];
  const waits = task({ id: 't2' as TaskId, title: 'Waits' });
  expect(drawn(tasksTree([see({ tasks: [waits], blocked })], words, () => undefined))).toEqual([
    'Queued | 1',
    '  Waits | waits for src/price.js, claimed by worker 1 (“Runs”)',
  ]);
});
