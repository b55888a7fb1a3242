import { expect, test } from 'vitest';
import type { EntryId, FaceId, SessionId, TaskId, WorkerId } from '../../../src/core/model/ids.ts';
import type { MergeEntry } from '../../../src/core/model/merge.ts';
import type { Overview } from '../../../src/core/model/snapshot.ts';
import type { Task } from '../../../src/core/model/task.ts';
import { attentionCount } from '../../../src/extension/model/attention.ts';
import { changesInShort, fileOfRow, fileRowId, fileRows } from '../../../src/extension/model/changes.ts';
import { taskHover, workerHover } from '../../../src/extension/model/hovers.ts';
import { code, fenced, plain, quoted } from '../../../src/extension/model/markdown.ts';
import { joinNews, newsBetween, nextNotice, noNews, settledMeanwhile } from '../../../src/extension/model/notices.ts';
import type { Row } from '../../../src/extension/model/row.ts';
import { changedRows } from '../../../src/extension/model/row.ts';
import { statusItem } from '../../../src/extension/model/statusBar.ts';
import { taskContext, taskDescription } from '../../../src/extension/model/taskState.ts';
import { tasksTree } from '../../../src/extension/model/tasksTree.ts';
import { workersTree } from '../../../src/extension/model/workersTree.ts';
import { batch, overview, task, worker } from '../core/builders.ts';
import { attempt1, drawn, lease, running, see, session1, words } from './seeing.ts';

const noFiles = () => undefined;

const inReview = (id: string, title: string) =>
  task({ id: id as TaskId, title, state: 'in_review', base: 'b'.repeat(40), head: 'a'.repeat(40), attempts: 1 });
const entry = (over: Partial<MergeEntry>): MergeEntry => ({
  id: 'e1' as EntryId,
  task: 't1' as TaskId,
  target: 'main',
  head: 'a',
  state: 'queued',
  position: 1,
  createdAt: 0,
  ...over,
});

test('tasks are grouped by what they need, those that need the person first, each with why it stands where it stands', () => {
  const seen = see({
    tasks: [
      task({ id: 'ta' as TaskId, title: 'Merged one', state: 'merged', head: 'h', landed: '1234567890' }),
      task({ id: 'tb' as TaskId, title: 'Waits its turn', after: ['td' as TaskId] }),
      task({ id: 'tc' as TaskId, title: 'Free to start' }),
      running('td', 'Runs'),
      inReview('te', 'Came back'),
      task({
        id: 'tf' as TaskId,
        title: 'Asks',
        state: 'waiting',
        lease: lease('tf'),
        attempt: attempt1,
        session: session1,
        waitingFor: 'permission for Bash (npm publish)',
      }),
      task({ id: 'tg' as TaskId, title: 'Broke', state: 'failed', reason: 'exit 1\nmore' }),
      task({ id: 'th' as TaskId, title: 'Good', state: 'approved', base: 'b', head: 'h' }),
    ],
    workers: [worker({ state: 'busy', task: 'td' as TaskId })],
  });
  expect(drawn(tasksTree([seen], words, noFiles))).toEqual([
    'Asks You | 1',
    '  Asks | permission for Bash (npm publish)',
    'Needs Review | 1',
    '  Came back',
    'Running | 1',
    '  Runs | worker 1',
    'Queued | 2',
    '  Waits its turn | waits for “Runs” (running)',
    '  Free to start | waits for a worker',
    'Approved | 1',
    '  Good | ready to merge into main',
    'Failed | 1',
    '  Broke | exit 1',
    'Merged | 1',
    '  Merged one | on main as 12345678',
  ]);
});

test('repositories are a level of their own only when there are several', () => {
  const one = see({ tasks: [task({ title: 'One' })] }, 'one');
  const two = see({ tasks: [task({ title: 'Two', id: 't2' as TaskId })], workers: [worker()] }, 'two');
  expect(drawn(tasksTree([one, two], words, noFiles))).toEqual([
    'one',
    '  Queued | 1',
    '    One | waits for a worker',
    'two',
    '  Queued | 1',
    '    Two | waits for a worker',
  ]);
  expect(drawn(workersTree([one, two], words, 0))).toEqual(['two', '  worker 1 | waits for a task']);
});

test('of very many ended tasks the newest are shown and the others named', () => {
  const tasks = Array.from({ length: 250 }, (_, index) =>
    task({
      id: `t${index}` as TaskId,
      title: `Task ${index}`,
      state: 'merged',
      head: 'h',
      landed: '12345678',
      updatedAt: index,
    }),
  );
  const [section] = tasksTree([see({ tasks })], words, noFiles);
  expect([section?.children?.length, section?.children?.[0]?.label, section?.children?.at(-1)?.label]).toEqual([
    201,
    'Task 249',
    '50 more: `swarm task list` shows them',
  ]);
});

test('an approved task says where it stands in the merge queue, or why it did not land', () => {
  const approved = task({ state: 'approved', base: 'b', head: 'h' });
  const other = { task: 't9' as TaskId, id: 'e9' as EntryId };
  const describe = (entries: readonly MergeEntry[]) =>
    taskDescription(see({ tasks: [approved], entries }), words, approved);
  expect([
    describe([]),
    describe([entry({})]),
    describe([entry({ position: 2 }), entry({ ...other, state: 'landing' })]),
    describe([entry({ state: 'refused', reason: 'a.txt would be overwritten' })]),
  ]).toEqual([
    'ready to merge into main',
    'lands on main next',
    'in the merge queue, 1 before it',
    'not landed: a.txt would be overwritten',
  ]);
});

test('the context words of a task say what can be done with it', () => {
  const contexts = (over: Partial<Overview>) => overview(over).tasks.map((each) => taskContext(see(over), each));
  expect(
    contexts({
      tasks: [
        task(),
        running('t2', 'x'),
        inReview('t3', 'y'),
        task({ id: 't4' as TaskId, state: 'failed', reason: 'no', attempts: 1 }),
      ],
      workers: [worker({ mode: 'interactive', state: 'busy', task: 't2' as TaskId })],
    }),
  ).toEqual([
    'task queued cancellable',
    'task running cancellable openTerminal begun',
    'task in_review reviewable decidable sendable cancellable begun',
    'task failed retryable begun',
  ]);
  expect(contexts({ tasks: [task({ state: 'approved', base: 'b', head: 'h' })], entries: [entry({})] })).toEqual([
    'task approved reviewable sendable cancellable',
  ]);
});

test('workers say what they do; one that died is shown for a while and then no more', () => {
  const workers = [
    worker({ state: 'busy', task: 't1' as TaskId, startedAt: 1 }),
    worker({ id: 'w2' as WorkerId, name: 'worker 2', startedAt: 2 }),
    worker({ id: 'w3' as WorkerId, name: 'worker 3', state: 'lost', startedAt: 3, updatedAt: 0 }),
    worker({ id: 'w4' as WorkerId, name: 'worker 4', state: 'stopped', startedAt: 4 }),
  ];
  const sessions = [
    { id: 's2' as SessionId, task: 't2' as TaskId, worker: 'w2' as WorkerId, state: 'open', usage: {} },
  ] as unknown as Overview['sessions'];
  const seen = see({ workers, sessions, tasks: [running('t1', 'Runs'), inReview('t2', 'Came back')] });
  expect([drawn(workersTree([seen], words, 60_000)), drawn(workersTree([seen], words, 3_600_000)).length]).toEqual([
    ['worker 1 | Runs', 'worker 2 | free · session of “Came back” is open', 'worker 3 | its process has died'],
    2,
  ]);
});

test('the status bar counts busy workers, warns only when the person is needed, and hides when there is nothing', () => {
  const workers = [worker({ state: 'busy', task: 't1' as TaskId }), worker({ id: 'w2' as WorkerId })];
  const calm = statusItem([see({ workers, tasks: [running('t1', 'x')] })], words);
  const needed = statusItem([see({ workers, tasks: [inReview('t1', 'x'), inReview('t2', 'y')] })], words);
  expect([calm?.text, calm?.warning, needed?.text, needed?.warning, statusItem([see({})], words)]).toEqual([
    '$(organization) 1/2',
    false,
    '$(organization) 1/2 $(bell-dot) 2',
    true,
    undefined,
  ]);
  expect(needed?.tooltip).toContain('[2 tasks are ready for review](command:swarm.reviewChanges)');
  expect(attentionCount([see({ tasks: [inReview('t1', 'x'), task({ id: 't2' as TaskId })] })])).toBe(1);
});

test('only what differs in a tree is refreshed, the parent where rows came or went', () => {
  const row = (id: string, over: Partial<Row> = {}): Row => ({ id, label: id, context: '', ...over });
  const before = [row('a', { expanded: true, children: [row('a1'), row('a2')] }), row('b')];
  expect([
    changedRows(before, before),
    changedRows(before, [
      row('a', { expanded: true, children: [row('a1'), row('a2', { description: 'new' })] }),
      row('b'),
    ]),
    changedRows(before, [row('a', { expanded: true, children: [row('a1')] }), row('b', { label: 'B' })]),
    changedRows(before, [row('b')]),
    changedRows([row('a', { version: '1' })], [row('a', { version: '2' })]),
  ]).toEqual([[], ['a2'], ['a', 'b'], [undefined], ['a']]);
});

test('changed files are rows that find their way back to task and path', () => {
  const files = [
    { path: 'src/new name.ts', from: 'src/old.ts', status: 'renamed', added: 3, removed: 1 },
    { path: 'logo.png', status: 'added' },
  ] as const;
  expect(changesInShort(words, files)).toBe('2 files +3 −1');
  expect(drawn(fileRows(words, 't1' as TaskId, files))).toEqual([
    'new name.ts | R · +3 −1 · src · ← src/old.ts',
    'logo.png | A · binary',
  ]);
  expect(fileOfRow(fileRowId('t1' as TaskId, 'src/new name.ts'))).toEqual({ task: 't1', path: 'src/new name.ts' });
  expect(fileOfRow('t1')).toBeUndefined();
});

test('nothing that a session says can become a link, an image or a command in Markdown', () => {
  expect([
    plain('[x](command:y) <b> `c` $(bell)\nnext'),
    code('a `b` c'),
    fenced('x\n```\ny'),
    quoted('one\ntwo\nthree', 2),
  ]).toEqual([
    '\\[x\\]\\(command\\:y\\) \\<b\\> \\`c\\` \\$\\(bell\\) next',
    '`` a `b` c ``',
    '````text\nx\n```\ny\n````',
    '> one  \n> two  \n> …',
  ]);
  const evil = task({ title: '![](https://x.example/a.png)', state: 'failed', reason: '[a](command:b)' });
  const hover = taskHover(see({ tasks: [evil] }), words, evil, []);
  expect(hover).not.toMatch(/(?<!\\)\]\(/);
  expect(hover).toContain('> \\[a\\]\\(command\\:b\\)');
});

test('the hover over a worker shows what proves that it lives', () => {
  const seen = see({
    workers: [
      worker({
        state: 'busy',
        task: 't1' as TaskId,
        process: { machine: 'here', pid: 4711, startTime: 'x' },
        startedAt: 5,
      }),
    ],
    tasks: [running('t1', 'Runs')],
  });
  const [only] = seen.overview.workers;
  const event = { seq: 1, at: 9, kind: 'session.tool', text: 'Edit a.txt' } as const;
  expect(only && workerHover(seen, words, only, [event])).toBe(
    '**worker 1** busy\n\nTask: Runs  \nProcess: pid 4711 on here  \nSince: at 5  \n\nLast:\n- at 9 Edit a\\.txt',
  );
});

test('news are told once, together, about tasks of this window only, and not after they are settled', () => {
  const batches = [batch(), batch({ id: 'b2' as never, face: 'f2' as FaceId })];
  const before = see({ batches, tasks: [running('t1', 'One'), running('t2', 'Two'), running('t3', 'Other')] });
  const others = { ...inReview('t3', 'Other'), batch: 'b2' as never };
  const after = see({ batches, tasks: [inReview('t1', 'One'), inReview('t2', 'Two'), others] });
  const news = newsBetween(before, after, 'f1' as FaceId);
  expect(nextNotice(news, [after], words)?.message).toBe('2 tasks are ready for review.');
  expect(newsBetween(after, after, 'f1' as FaceId)).toEqual(noNews);
  const later = see({
    batches,
    tasks: [task({ id: 't1' as TaskId, state: 'merged', head: 'h', landed: 'l' }), inReview('t2', 'Two')],
  });
  expect(nextNotice(joinNews(news, noNews, [later]), [later], words)?.message).toBe('“Two” is ready for review.');
});

test('whoever acts on a message too late learns what has become of its tasks', () => {
  const merged = task({ id: 't1' as TaskId, title: 'One', state: 'merged', head: 'h', landed: 'l' });
  const about = (...tasks: Task[]) => ({ kind: 'review' as const, message: '', tasks });
  const one = inReview('t1', 'One');
  const two = inReview('t2', 'Two');
  expect([
    settledMeanwhile(about(one), [see({ tasks: [one] })], words),
    settledMeanwhile(about(one, two), [see({ tasks: [merged, two] })], words),
    settledMeanwhile(about(one), [see({ tasks: [merged] })], words),
    settledMeanwhile(about(one, two), [see({ tasks: [merged, running('t2', 'Two')] })], words),
  ]).toEqual([
    undefined,
    undefined,
    'This was settled meanwhile. “One”: merged.',
    'This was settled meanwhile. “One”: merged, “Two”: running.',
  ]);
});

test('what stops work is told before what can wait', () => {
  const asks = task({
    id: 't1' as TaskId,
    title: 'Asks',
    state: 'waiting',
    lease: lease('t1'),
    attempt: attempt1,
    session: session1,
    waitingFor: 'a question',
  });
  const broke = task({ id: 't2' as TaskId, title: 'Broke', state: 'failed', reason: 'exit 1' });
  const seen = see({ tasks: [asks, broke, inReview('t3', 'Back')] });
  const all = { asking: [asks], failed: [broke], review: [inReview('t3', 'Back')], refused: [], message: [] };
  const first = nextNotice(all, [seen], words);
  const second = nextNotice({ ...all, asking: [] }, [seen], words);
  expect([first?.message, second?.message]).toEqual(['“Asks” waits for you: a question', '“Broke” failed: exit 1']);
});
