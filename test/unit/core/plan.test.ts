import { expect, test } from 'vitest';
import type { FanOut, FanOutWorld } from '../../../src/core/flow/fanOut.ts';
import { fanOut, planFanOut } from '../../../src/core/flow/fanOut.ts';
import { requestsFromDocument, requestsFromLines, requestsFromTodo } from '../../../src/core/flow/plan.ts';
import type { FaceId, RepoId } from '../../../src/core/model/ids.ts';
import { defaultSettings } from '../../../src/core/settings.ts';

test('each line is a prompt; empty ones are none', () => {
  expect(requestsFromLines('one\r\n\n  two  \n')).toEqual([{ prompt: 'one' }, { prompt: 'two' }]);
});

test('of a Markdown task list the open items are tasks, with the lines below them', () => {
  const text =
    '# Todo\n- [ ] first\n  more of it\n- [x] done\n  of the done one\n* [ ] second\ntext\n1. [ ] third\n- [ ]   \n';
  expect(requestsFromTodo(text).map((request) => request.prompt)).toEqual(['first\nmore of it', 'second', 'third']);
});

test('a document holds prompts or maps, under `tasks` or alone', () => {
  const expected = [
    { prompt: 'a', options: {} },
    { prompt: 'b', name: 'second', after: ['x'], options: { model: 'opus', addDirs: ['/d'] } },
  ];
  const document = [{ prompt: 'a' }, { prompt: 'b', name: 'second', after: ['x'], model: 'opus', addDirs: ['/d'] }];
  expect([requestsFromDocument(document), requestsFromDocument({ tasks: document })]).toEqual([expected, expected]);
  expect(requestsFromDocument(['just text'])).toEqual([{ prompt: 'just text' }]);
});

test.each([
  [{}, 'the task list must be a list'],
  [[1], 'task 1 must be a text or a map'],
  [[{ title: 'x' }], 'task 1 has no prompt'],
  [['ok', { prompt: 'x', prio: 1 }], 'task 2 has an unknown field `prio`'],
  [[{ prompt: 'x', after: 'y' }], 'task 1: `after` must be a list of texts'],
  [[{ prompt: 5 }], 'task 1: `prompt` must be text'],
])('a document that is wrong is refused with the item named: %j', (document, message) => {
  expect(() => requestsFromDocument(document)).toThrow(message);
});

const asked: FanOut = {
  requests: [{ prompt: 'Fix it' }],
  target: 'main',
  workers: 2,
  mode: 'print',
  review: 'human',
  land: false,
};

const git = (resolve: FanOutWorld['git']['resolve']): FanOutWorld['git'] => ({
  resolve,
  isFolder: async (_commit, path) => path === 'src',
  upstream: async () => undefined,
  missing: async () => ({ count: 0, subjects: [] }),
});

function world(): FanOutWorld & { readonly added: unknown[] } {
  let count = 0;
  const added: unknown[] = [];
  return {
    added,
    store: { addBatch: async (args) => void added.push(args), task: async () => undefined },
    settings: { ...defaultSettings, 'check.command': ' npm test ' },
    repo: 'r1' as RepoId,
    face: 'f1' as FaceId,
    random: (length) => new Uint8Array(length).fill(count++),
    git: git(async (name) => (name === 'refs/heads/main' || name === 'v1' ? 'c1' : undefined)),
    now: () => 7,
  };
}

test('a fan-out is one batch with its tasks, its check kept with it', async () => {
  const made = world();
  const { batch, tasks } = await fanOut(made, {
    ...asked,
    requests: [
      { prompt: 'First\nthing', name: 'first' },
      { prompt: '-x "$HOME" /y', after: ['first'], base: 'v1' },
    ],
  });
  expect(batch).toEqual({
    id: 'b000000000',
    repo: 'r1',
    face: 'f1',
    mode: 'print',
    workers: 2,
    review: 'human',
    land: false,
    check: 'npm test',
    createdAt: 7,
  });
  expect(tasks).toEqual([
    {
      id: 't111111111',
      title: 'First',
      prompt: 'First\nthing',
      target: 'main',
      after: [],
      branch: 'swarm/first-t111111111',
      options: {},
    },
    {
      id: 't222222222',
      title: '-x "$HOME" /y',
      prompt: '-x "$HOME" /y',
      target: 'main',
      requestedBase: 'v1',
      after: ['t111111111'],
      branch: 'swarm/x-home-y-t222222222',
      options: {},
    },
  ]);
  expect(made.added).toEqual([{ batch, tasks, now: 7 }]);
});

test('a task may go on with a branch that is there, or have a new one by its own name', async () => {
  const made = { ...world(), git: git(async (name) => (name === 'refs/heads/new' ? undefined : 'c1')) };
  const { tasks } = await planFanOut(made, {
    ...asked,
    requests: [
      { prompt: 'x', branch: 'fix/login' },
      { prompt: 'y', branch: 'new' },
    ],
  });
  expect(tasks.map(({ branch, options }) => ({ branch, options }))).toEqual([
    { branch: 'fix/login', options: { continues: true } },
    { branch: 'new', options: {} },
  ]);
});

test.each<[Partial<FanOut>, string]>([
  [{ requests: [{ prompt: 'x', branch: 'a b' }] }, '“a b” is no name for a branch'],
  [{ requests: [{ prompt: 'x', branch: '--output=x' }] }, 'is no name for a branch'],
  [{ requests: [{ prompt: 'x', branch: 'main' }] }, 'cannot work on main itself'],
  [
    {
      requests: [
        { prompt: 'x', branch: 'b' },
        { prompt: 'y', branch: 'b' },
      ],
    },
    '“x” and “y” would both work on the branch b',
  ],
  [{ requests: [] }, 'there is nothing to do'],
  [{ requests: [{ prompt: ' \n' }] }, 'task 1 has an empty prompt'],
  [{ requests: [{ prompt: 'x\u0000' }] }, 'NUL'],
  [{ requests: [{ prompt: 'x'.repeat(1_000_001) }] }, 'more than 1000000'],
  [{ workers: 0 }, 'from 1 to 64'],
  [{ target: 'nowhere' }, 'there is no branch “nowhere”'],
  [{ base: 'v2' }, 'there is no commit or branch “v2”'],
  [{ requests: [{ prompt: 'x', after: ['y'] }] }, 'there is no task “y” to come after'],
  [
    {
      requests: [
        { prompt: 'x', name: 'a' },
        { prompt: 'y', name: 'a' },
      ],
    },
    'two tasks are named “a”',
  ],
  [
    {
      requests: [
        { prompt: 'x', name: 'a', after: ['b'] },
        { prompt: 'y', name: 'b', after: ['a'] },
      ],
    },
    'wait for each other: “x” → “y” → “x”',
  ],
])('what cannot be done is refused and nothing is stored: %j', async (over, message) => {
  const made = world();
  await expect(planFanOut(made, { ...asked, ...over })).rejects.toThrow(message);
  await expect(fanOut(made, { ...asked, ...over })).rejects.toThrow(message);
  expect(made.added).toEqual([]);
});

test('declared and forbidden paths are kept as globs, folders and files; lists may carry them', async () => {
  const [request] = requestsFromDocument([{ prompt: 'x', paths: ['src', './a.txt', 'docs/*/'], forbidden: ['new/'] }]);
  const { tasks } = await planFanOut(world(), { ...asked, requests: request ? [request] : [] });
  expect(tasks[0]?.options).toEqual({ paths: ['src/', 'a.txt', 'docs/*/**'], forbidden: ['new/'] });
});

test.each([
  [{ paths: ['../x'] }, 'task 1: "../x" is not inside the repository'],
  [{ forbidden: ['/etc'] }, 'task 1: "/etc" is not inside the repository'],
  [{ paths: ['.git/config'] }, 'task 1: ".git/config" belongs to git'],
  [{ paths: ['**'] }, 'task 1: "**" is the whole repository'],
  [{ paths: Array.from({ length: 1001 }, (_, at) => `f${at}`) }, 'task 1: 1001 paths are more than 1000'],
])('a path that cannot be claimed is refused: %j', async (options, message) => {
  await expect(planFanOut(world(), { ...asked, requests: [{ prompt: 'x', options }] })).rejects.toThrow(message);
});
