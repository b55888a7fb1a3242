import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pull } from '../../../src/core/flow/pull.ts';
import { sessionGround } from './sessionPlace.ts';
import { codeOf } from './tempRepo.ts';

const { signal } = new AbortController();
const lines = (...changed: readonly string[]) =>
  `${['one', 'two', 'three', 'four', 'five', 'six', 'seven'].map((line, at) => changed[at] ?? line).join('\n')}\n`;
const start = {
  'a.txt': lines(),
  'b.txt': 'b\n',
  'deep/name.txt': lines(),
  'crlf.txt': lines().replaceAll('\n', '\r\n'),
};

test('changes beside each other heal, uncommitted ones stay, and the review shows the task’s own work only', async () => {
  await using ground = await sessionGround(start);
  const { repo } = ground;
  const { task, worktree } = await ground.begin();
  await repo.commit({ 'a.txt': lines('ONE') }, worktree);
  await repo.write('b.txt', 'not committed\n', worktree);
  await repo.write('new.txt', 'untracked\n', worktree);
  const landed = await repo.commit({
    'a.txt': lines('one', 'two', 'three', 'four', 'five', 'six', 'SEVEN'),
    'other.txt': 'x\n',
  });
  expect(await pull(ground.world(), task, signal)).toMatchObject({ kind: 'merged', warnings: [] });
  expect([
    await repo.read('a.txt', worktree),
    await repo.read('b.txt', worktree),
    await repo.read('other.txt', worktree),
  ]).toEqual([lines('ONE', 'two', 'three', 'four', 'five', 'six', 'SEVEN'), 'not committed\n', 'x\n']);
  expect(await repo.git(['status', '--porcelain'], worktree)).toBe(' M b.txt\n?? new.txt');
  expect([(await ground.stage.task(task)).base, await ground.review(task)]).toEqual([landed, ['a.txt']]);
  expect(await pull(ground.world(), task, signal)).toMatchObject({ kind: 'up_to_date' });
});

test('a branch without work of its own simply moves on', async () => {
  await using ground = await sessionGround(start);
  const { task } = await ground.begin();
  const landed = await ground.repo.commit({ 'b.txt': 'new\n' });
  expect(await pull(ground.world(), task, signal)).toEqual({ kind: 'merged', head: landed, warnings: [] });
  expect(await ground.review(task)).toEqual([]);
});

type Conflict = readonly [what: string, ours: Edit, theirs: Edit, files: readonly string[], hunks: RegExp];
interface Edit {
  readonly write?: Readonly<Record<string, string>>;
  readonly remove?: string;
  readonly move?: readonly [string, string];
}

test.each<Conflict>([
  [
    'the same line',
    { write: { 'a.txt': lines('ours') } },
    { write: { 'a.txt': lines('theirs') } },
    ['a.txt'],
    /a\.txt:1\n<<<<<<< .*\nours\n=======\ntheirs\n>>>>>>> /s,
  ],
  [
    'the same line of a file with CRLF',
    { write: { 'crlf.txt': lines('ours').replaceAll('\n', '\r\n') } },
    { write: { 'crlf.txt': lines('theirs').replaceAll('\n', '\r\n') } },
    ['crlf.txt'],
    /ours\r\n=======.*theirs\r\n/s,
  ],
  [
    'a file whose line ends were changed on one side',
    { write: { 'crlf.txt': lines('ours') } },
    { write: { 'crlf.txt': lines('theirs').replaceAll('\n', '\r\n') } },
    ['crlf.txt'],
    /ours/,
  ],
  [
    'a file that is deleted on one side',
    { write: { 'b.txt': 'ours\n' } },
    { remove: 'b.txt' },
    ['b.txt'],
    /CONFLICT \(modify\/delete\)/,
  ],
  [
    'a file that is renamed on one side and changed on both',
    { move: ['deep/name.txt', 'deep/other.txt'], write: { 'deep/other.txt': lines('ours') } },
    { write: { 'deep/name.txt': lines('theirs') } },
    ['deep/other.txt'],
    /ours\n=======\ntheirs/,
  ],
  [
    'a file that is renamed to two names',
    { move: ['deep/name.txt', 'deep/ours.txt'] },
    { move: ['deep/name.txt', 'deep/theirs.txt'] },
    ['deep/name.txt', 'deep/ours.txt', 'deep/theirs.txt'],
    /CONFLICT \(rename\/rename\)/,
  ],
])('a conflict leaves everything exactly as it was, and is told: %s', async (_what, ours, theirs, files, hunks) => {
  await using ground = await sessionGround(start);
  const { repo } = ground;
  const { task, worktree } = await ground.begin();
  const edit = async ({ write = {}, remove, move }: Edit, folder: string) => {
    if (remove !== undefined) await rm(join(folder, remove));
    if (move !== undefined) await repo.git(['mv', ...move], folder);
    await repo.commit(write, folder);
  };
  await edit(ours, worktree);
  await edit(theirs, repo.path);
  await repo.write('untracked.txt', 'mine\n', worktree);
  const all = [...Object.keys(start), 'untracked.txt', 'deep/other.txt', 'deep/ours.txt', 'deep/theirs.txt'];
  const before = await ground.everything(worktree, all);
  const pulled = await pull(ground.world(), task, signal);
  expect(pulled).toEqual({ kind: 'conflict', files, hunks: expect.stringMatching(hunks), warnings: [] });
  expect(await ground.everything(worktree, all)).toEqual(before);
  expect((await ground.stage.task(task)).base).toBe(await repo.git(['rev-parse', 'main^']));
});

test('uncommitted changes that stand in the way refuse it in words, and stay', async () => {
  await using ground = await sessionGround(start);
  const { repo } = ground;
  const { task, worktree } = await ground.begin();
  await repo.write('b.txt', 'not committed\n', worktree);
  await repo.write('new.txt', 'untracked\n', worktree);
  await repo.commit({ 'b.txt': 'theirs\n', 'a.txt': lines('theirs') });
  const before = await ground.everything(worktree, ['a.txt', 'b.txt', 'new.txt']);
  expect(await pull(ground.world(), task, signal)).toMatchObject({
    kind: 'refused',
    reason: expect.stringMatching(/would be overwritten.*b\.txt/),
  });
  await repo.git(['checkout', '--', 'b.txt'], worktree);
  await repo.commit({ 'new.txt': 'theirs\n' });
  expect(await pull(ground.world(), task, signal)).toMatchObject({
    kind: 'refused',
    reason: expect.stringMatching(/would be overwritten.*new\.txt/),
  });
  await repo.write('b.txt', 'not committed\n', worktree);
  expect(await ground.everything(worktree, ['a.txt', 'b.txt', 'new.txt'])).toEqual(
    (before as readonly unknown[]).map((part, at) => (at === 0 || at === 2 ? expect.any(String) : part)),
  );
});

test('a merge that is not finished is not touched', async () => {
  await using ground = await sessionGround(start);
  const { repo, git } = ground;
  const { task, worktree } = await ground.begin();
  await repo.commit({ 'a.txt': lines('ours') }, worktree);
  const theirs = await repo.commit({ 'a.txt': lines('theirs') });
  await git.mergeIn(worktree, theirs);
  const before = await ground.everything(worktree, ['a.txt']);
  expect((await pull(ground.world(), task, signal)).kind).toBe('conflict');
  await repo.git(['reset', '--quiet', '--hard', `${theirs}^`]);
  await repo.commit({ 'c.txt': 'x' });
  expect(await pull(ground.world(), task, signal)).toMatchObject({
    kind: 'refused',
    reason: expect.stringMatching(/merge/),
  });
  expect(((await ground.everything(worktree, ['a.txt'])) as readonly unknown[]).slice(1)).toEqual(
    (before as readonly unknown[]).slice(1),
  );
});

test('what the remote has of the target is taken in, too; a remote that fails is a warning', async () => {
  await using ground = await sessionGround(start);
  const { repo } = ground;
  const remote = repo.beside('the remote.git');
  await repo.git(['clone', '--quiet', '--bare', repo.path, remote]);
  await repo.git(['remote', 'add', 'origin', remote]);
  await repo.git(['fetch', '--quiet', 'origin']);
  await repo.git(['branch', '--quiet', '--set-upstream-to', 'origin/main', 'main']);
  const other = repo.beside('other clone');
  await repo.git(['clone', '--quiet', remote, other]);
  await repo.git(['config', 'user.email', 'eve@example.com'], other);
  await repo.git(['config', 'user.name', 'Eve'], other);
  const theirs = await repo.commit({ 'theirs.txt': 'x\n' }, other);
  await repo.git(['push', '--quiet', 'origin', 'main'], other);

  const { task, worktree } = await ground.begin();
  await repo.commit({ 'own.txt': 'x\n' }, worktree);
  expect(await pull(ground.world(), task, signal)).toMatchObject({ kind: 'merged', warnings: [] });
  expect([(await ground.stage.task(task)).base, await ground.review(task)]).toEqual([theirs, ['own.txt']]);
  // Work has landed here, and the remote has moved on as well.
  await repo.commit({ 'landed.txt': 'x\n' });
  await repo.commit({ 'theirs.txt': 'more\n' }, other);
  await repo.git(['push', '--quiet', 'origin', 'main'], other);
  expect(await pull(ground.world(), task, signal)).toMatchObject({ kind: 'merged', warnings: [] });
  expect([await repo.read('landed.txt', worktree), await repo.read('theirs.txt', worktree)]).toEqual(['x\n', 'more\n']);
  expect(await ground.review(task)).toEqual(['own.txt']);

  await rm(remote, { recursive: true });
  await repo.commit({ 'landed.txt': 'more\n' });
  expect(await pull(ground.world(), task, signal)).toMatchObject({
    kind: 'merged',
    warnings: [expect.stringMatching(/^origin\/main is taken as it was last fetched: git fetch: .*the remote\.git/)],
  });
  expect(await ground.review(task)).toEqual(['own.txt']);
});

test('a task that builds on work in review keeps that out of its own review', async () => {
  await using ground = await sessionGround(start);
  const { repo } = ground;
  await repo.git(['branch', 'before']);
  const first = await ground.begin();
  const before = await repo.commit({ 'first.txt': 'x\n' }, first.worktree);
  const { task, worktree } = await ground.begin({}, before);
  await repo.commit({ 'own.txt': 'x\n' }, worktree);
  await repo.commit({ 'other.txt': 'x\n' });
  expect((await pull(ground.world(), task, signal)).kind).toBe('merged');
  expect(await ground.review(task)).toEqual(['own.txt']);
  expect((await pull(ground.world(), task, signal)).kind).toBe('up_to_date');
  await repo.git(['merge', '--quiet', '--no-edit', before]);
  expect((await pull(ground.world(), task, signal)).kind).toBe('merged');
  expect(await ground.review(task)).toEqual(['own.txt']);
});

test('a session whose task was handed over, or that has left its branch, is refused', async () => {
  await using ground = await sessionGround(start);
  const { repo, stage } = ground;
  const { task, worktree, lease } = await ground.begin();
  await repo.git(['switch', '--quiet', '-c', 'elsewhere'], worktree);
  await repo.commit({ 'x.txt': 'x' }, worktree);
  await repo.commit({ 'y.txt': 'y' });
  expect(await codeOf(pull(ground.world(), task, signal))).toBe('branch_left');
  await stage.finish(lease, { kind: 'no_changes' });
  expect(await codeOf(pull(ground.world(), task, signal))).toBe('not_at_work');
});
