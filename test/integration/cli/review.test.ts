import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { desk } from '../../support/commandLine.ts';

const sessions = [
  { prompt: 'Write tea.txt', files: { 'tea.txt': 'assam\n', 'a.txt': 'one, and tea\n' }, commit: 'Add tea' },
  { prompt: 'Write milk.txt', files: { 'milk.txt': 'oat\n', 'a.txt': 'one, and milk\n' }, commit: 'Add milk' },
];

/** Both change one file, which only their branches should notice here. */
const files = { 'a.txt': 'one\n', 'swarm.yaml': 'claims:\n  modes:\n    a.txt: warn\n' };

interface Views {
  readonly tasks: readonly {
    readonly id: string;
    readonly title: string;
    readonly branch: string;
    readonly head: string;
    readonly base: string;
  }[];
}

test('work is listed, shown, printed as a patch, approved and landed; a conflict goes back to its author', async () => {
  await using place = await desk({ sessions, files });
  const { json: ran } = await place.json(['run', 'Write tea.txt', 'Write milk.txt']);
  const [tea, milk] = (ran as Views).tasks;
  if (!tea || !milk) throw new Error('two tasks were asked for');

  expect((await place.json(['review', 'list'])).json).toEqual({
    reviews: [tea, milk].map(({ id, base, head }) => ({
      id: expect.stringMatching(/^v\w{9}$/),
      task: id,
      head,
      state: 'open',
      reviewer: null,
      base,
      note: null,
    })),
  });
  expect((await place.json(['review', 'show', 'tea'])).json).toMatchObject({
    task: tea.id,
    title: 'Write tea.txt',
    state: 'in_review',
    base: tea.base,
    head: tea.head,
    target: 'main',
    review: { state: 'open' },
    files: [
      { path: 'a.txt', status: 'modified', added: 1, removed: 1 },
      { path: 'tea.txt', status: 'added', added: 1, removed: 0 },
    ],
  });
  const patch = await place.swarm(['review', 'diff', tea.id.slice(0, 6)]);
  expect([patch.code, patch.stdout]).toEqual([0, `${await place.repo.git(['diff', tea.base, tea.head])}\n`]);

  const wrong = await place.json(['review', 'approve', tea.id, '--head', 'main']);
  expect(wrong).toMatchObject({
    code: 1,
    json: { refused: [{ task: tea.id, reason: expect.stringContaining('moved on') }] },
  });
  expect(await place.json(['review', 'approve', 'tea', 'milk'])).toMatchObject({
    code: 0,
    json: { tasks: [{ state: 'approved' }, { state: 'approved' }], refused: [] },
  });

  expect(await place.json(['merge', '--dry-run', '--order', 'milk'])).toEqual({
    code: 1,
    json: {
      merges: [
        { task: milk.id, target: 'main', result: 'clean', files: 2, reason: null },
        { task: tea.id, target: 'main', result: 'conflict', files: ['a.txt'], reason: null },
      ],
    },
  });
  const before = await place.repo.git(['rev-parse', 'main']);
  const { code, json } = await place.json(['merge', '--order', milk.id]);
  expect([code, json]).toEqual([
    1,
    {
      merges: [
        expect.objectContaining({
          task: milk.id,
          target: 'main',
          state: 'merged',
          landed: expect.any(String),
          reason: null,
        }),
        expect.objectContaining({
          task: tea.id,
          state: 'conflict',
          landed: null,
          reason: 'conflicts with main in a.txt',
        }),
      ],
      refused: [],
    },
  ]);
  expect(await place.repo.git(['merge-base', '--is-ancestor', before, 'main'])).toBe('');
  expect(await readFile(join(place.repo.path, 'milk.txt'), 'utf8')).toBe('oat\n');
  expect((await place.json(['status'])).json).toMatchObject({ tasks: [{ state: 'queued' }, { state: 'merged' }] });
});

test('a dry run of a verdict says whether it would be taken, and takes none', async () => {
  await using place = await desk({ sessions, files });
  await place.json(['run', 'Write tea.txt', 'Write milk.txt']);
  const before = (await place.json(['status'])).json;
  const verdicts = [['approve'], ['request-changes', '--note', 'Green tea'], ['reject', '--note', 'No tea']];
  for (const [verb = '', ...more] of verdicts) {
    expect(await place.json(['review', verb, 'tea', ...more, '--dry-run'])).toMatchObject({
      code: 0,
      json: { tasks: [{ state: 'in_review' }], refused: [] },
    });
  }
  const milk = (before as Views).tasks.find(({ title }) => title === 'Write milk.txt');
  const refused = [await place.json(['review', 'approve', 'milk', '--head', 'main', '--dry-run'])];
  await place.repo.git(['update-ref', `refs/heads/${milk?.branch}`, 'main']);
  refused.push(await place.json(['review', 'approve', 'milk', '--dry-run']));
  const reasons = [/has moved on to commit .* read that one first/, /has moved on to .* read that one first/];
  expect(refused).toMatchObject(
    reasons.map((reason) => ({ code: 1, json: { refused: [{ reason: expect.stringMatching(reason) }] } })),
  );
  expect((await place.json(['status'])).json).toEqual(before);
});

test('changes are asked for and work is rejected with a note; the rest is refused in words', async () => {
  await using place = await desk({ sessions, files });
  await place.json(['run', 'Write tea.txt', 'Write milk.txt']);
  expect(await place.json(['review', 'request-changes', 'tea', '--note', ' '])).toMatchObject({
    code: 2,
    json: { error: { code: 'usage', message: '--note is empty' } },
  });
  expect(await place.json(['review', 'request-changes', 'tea', '--note', 'Green tea, please'])).toMatchObject({
    code: 0,
    json: { tasks: [{ state: 'queued' }] },
  });
  expect(await place.json(['review', 'reject', 'milk', '--note', 'No milk at all'])).toMatchObject({
    code: 0,
    json: { tasks: [{ state: 'cancelled', reason: expect.stringContaining('No milk at all') }] },
  });
  expect((await place.json(['task', 'show', 'tea'])).json).toMatchObject({
    task: { feedback: { kind: 'changes_asked', text: 'Green tea, please' }, reviews: [{ state: 'changes_asked' }] },
  });
  const refused = await place.swarm(['review', 'approve', 'milk']);
  expect([refused.code, refused.stdout, refused.stderr]).toEqual([
    1,
    '',
    expect.stringContaining('is cancelled, not in review'),
  ]);
  expect(await place.json(['merge', 'milk'])).toMatchObject({
    code: 1,
    json: { merges: [], refused: [{ reason: expect.any(String) }] },
  });
  expect(await place.json(['merge'])).toEqual({ code: 0, json: { merges: [], refused: [] } });
});

test('snapshots are listed, shown and written into a new folder; worktrees are listed', async () => {
  // What a session leaves in a commit needs no snapshot.
  const session = { prompt: 'Write tea.txt', files: { 'tea.txt': 'assam\n' }, fails: 'out of tea' };
  await using place = await desk({ sessions: [session] });
  const { json } = await place.json(['run', 'Write tea.txt']);
  const id = (json as Views).tasks[0]?.id ?? '';
  const { json: listed } = await place.json(['snapshot', 'list', 'tea']);
  const snapshot = {
    task: id,
    number: 1,
    commit: expect.any(String),
    takenAt: expect.any(Number),
    label: expect.any(String),
  };
  expect(listed).toEqual({ snapshots: [snapshot] });
  expect((await place.json(['snapshot', 'show', id, '1'])).json).toEqual({
    snapshot: { ...snapshot, files: expect.any(Array) },
  });
  const folder = place.repo.beside('as it was');
  expect((await place.json(['snapshot', 'restore', id, '1', '--to', folder, '--dry-run'])).json).toMatchObject({
    folder,
  });
  expect(await readdir(folder).catch(() => 'not there')).toBe('not there');
  expect((await place.json(['snapshot', 'restore', id, '1', '--to', folder])).json).toEqual({ snapshot, folder });
  expect((await readdir(folder)).sort()).toEqual(['a.txt', 'tea.txt']);
  expect(await place.json(['snapshot', 'restore', id, '1', '--to', folder])).toMatchObject({
    code: 1,
    json: { error: { code: 'path_exists' } },
  });
  expect(await place.json(['snapshot', 'show', id, '7'])).toMatchObject({ code: 2 });
  expect((await place.json(['worktree', 'list'])).json).toEqual({
    worktrees: [
      {
        path: expect.stringContaining('my répo.worktrees'),
        task: id,
        state: 'failed',
        branch: `swarm/write-tea-txt-${id}`,
        head: expect.stringMatching(/^[0-9a-f]{40}$/),
        exists: true,
      },
    ],
  });
});
