import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { conflictsIn, parseMergeTree } from '../../../src/git/compose.ts';
import { codeOf, gitThatFirst, type TempRepo, tempRepo } from './tempRepo.ts';

type Change = (repo: TempRepo) => Promise<unknown>;

/** Two branches, `ours` checked out and `theirs`, each one commit after the first. */
async function branches(files: Readonly<Record<string, string>>, ours: Change, theirs: Change): Promise<TempRepo> {
  const repo = await tempRepo(files);
  await repo.git(['checkout', '--quiet', '-b', 'theirs']);
  await theirs(repo);
  await repo.commit({});
  await repo.git(['checkout', '--quiet', '-b', 'ours', 'main']);
  await ours(repo);
  await repo.commit({});
  return repo;
}

const write =
  (path: string, content: string): Change =>
  (repo) =>
    repo.write(path, content);
const remove =
  (path: string): Change =>
  (repo) =>
    rm(join(repo.path, path));
const move =
  (from: string, to: string): Change =>
  (repo) =>
    repo.git(['mv', from, to]);
const text = '1\n2\n3\n4\n5\n6\n7\n8\n9\n';

test('two changes that fit become a commit with both as parents, and nothing else moves', async () => {
  await using repo = await branches({ 'a.txt': text }, write('a.txt', text.replace('1', 'one')), write('b.txt', 'new'));
  await repo.git(['config', '--unset', 'user.name']);
  const git = await repo.open();
  const [ours, theirs] = [await repo.git(['rev-parse', 'ours']), await repo.git(['rev-parse', 'theirs'])];
  const before = [await repo.git(['for-each-ref']), await repo.git(['status', '--porcelain'])];
  const composed = await git.compose(ours, theirs, 'Land “x”\n\nwith --options');
  const commit = composed.kind === 'clean' ? composed.commit : '';
  expect({
    parents: await repo.git(['show', '--no-patch', '--format=%P|%an|%B', commit]),
    files: await repo.git(['ls-tree', '--name-only', commit]),
    after: [await repo.git(['for-each-ref']), await repo.git(['status', '--porcelain'])],
    contained: await git.compose(commit, theirs, 'x'),
    same: await git.compose(ours, ours, 'x'),
  }).toEqual({
    parents: `${ours} ${theirs}|Swarm|Land “x”\n\nwith --options\n`,
    files: 'a.txt\nb.txt',
    after: before,
    contained: { kind: 'clean', commit },
    same: { kind: 'clean', commit: ours },
  });
});

const conflicts: readonly (readonly [string, Record<string, string>, Change, Change, string[], string])[] = [
  [
    'the same line',
    { 'a.txt': text },
    write('a.txt', text.replace('5', 'ours')),
    write('a.txt', text.replace('5', 'theirs')),
    ['a.txt'],
    'a.txt:2\n2\n3\n4\n<<<<<<< ',
  ],
  [
    'a file that both add',
    { 'a.txt': text },
    write('new ü.txt', 'ours\n'),
    write('new ü.txt', 'theirs\n'),
    ['new ü.txt'],
    'CONFLICT (add/add): Merge conflict in new ü.txt',
  ],
  [
    'changed here, deleted there',
    { 'a.txt': text },
    write('a.txt', 'ours\n'),
    remove('a.txt'),
    ['a.txt'],
    'CONFLICT (modify/delete): a.txt deleted in',
  ],
  [
    'renamed twice',
    { 'a.txt': text },
    move('a.txt', 'b.txt'),
    move('a.txt', 'c.txt'),
    ['a.txt', 'b.txt', 'c.txt'],
    'CONFLICT (rename/rename): a.txt renamed to b.txt',
  ],
  [
    'renamed here, changed there on the same line',
    { 'a.txt': text },
    async (repo) => {
      await move('a.txt', 'b.txt')(repo);
      await write('b.txt', text.replace('5', 'ours'))(repo);
    },
    write('a.txt', text.replace('5', 'theirs')),
    ['b.txt'],
    'b.txt:2\n',
  ],
  [
    'a file and a folder of one name',
    { 'a.txt': text },
    write('thing', 'file'),
    write('thing/inner.txt', 'x'),
    ['thing'],
    'CONFLICT (file/directory)',
  ],
  [
    'binary files',
    { 'a.bin': 'x\0' },
    write('a.bin', 'ours\0'),
    write('a.bin', 'theirs\0'),
    ['a.bin'],
    'Cannot merge binary files: a.bin',
  ],
  [
    'a name with a line break',
    { 'a\nb': text },
    write('a\nb', text.replace('5', 'ours')),
    write('a\nb', text.replace('5', 'theirs')),
    ['a\nb'],
    '=======\ntheirs\n>>>>>>> ',
  ],
  [
    'a name like an option',
    { '--output=x': text },
    write('--output=x', text.replace('5', 'ours')),
    write('--output=x', text.replace('5', 'theirs')),
    ['--output=x'],
    '--output=x:2\n',
  ],
];

test.each(conflicts)(
  'a conflict in %s names its files and shows what conflicts',
  async (_, files, ours, theirs, names, hunk) => {
    await using repo = await branches(files, ours, theirs);
    const git = await repo.open();
    const composed = await git.compose(
      await repo.git(['rev-parse', 'ours']),
      await repo.git(['rev-parse', 'theirs']),
      'x',
    );
    if (composed.kind === 'clean') throw new Error('it must be a conflict');
    expect([composed.files.map((name) => name.replace(/~.*/, '')), composed.hunks]).toEqual([
      names,
      expect.stringContaining(hunk),
    ]);
    expect(await repo.git(['status', '--porcelain'])).toBe('');
  },
);

test('the hunks are at most 20 kB of whole lines', async () => {
  const many = (word: string) =>
    Array.from({ length: 3000 }, (_, i) => (i % 10 === 0 ? `${word} ü ${i}` : `line ${i}`)).join('\n');
  await using repo = await branches(
    { 'a.txt': many('base') },
    write('a.txt', many('ours')),
    write('a.txt', many('theirs')),
  );
  const git = await repo.open();
  const composed = await git.compose(
    await repo.git(['rev-parse', 'ours']),
    await repo.git(['rev-parse', 'theirs']),
    'x',
  );
  const hunks = composed.kind === 'conflict' ? composed.hunks : '';
  const size = Buffer.byteLength(hunks);
  expect([
    size <= 20_000,
    size > 19_000,
    hunks.endsWith('\n… (more conflicts than fit here)'),
    hunks.includes('\ufffd'),
  ]).toEqual([true, true, true, false]);
});

test('histories without a common commit are an error, not a conflict', async () => {
  await using repo = await tempRepo();
  await repo.git(['checkout', '--quiet', '--orphan', 'alone']);
  await repo.commit({ 'x.txt': 'x' });
  const git = await repo.open();
  expect(await codeOf(git.compose((await git.resolve('main')) ?? '', (await git.resolve('alone')) ?? '', 'x'))).toBe(
    'unrelated_histories',
  );
});

test('a git that fails like on a conflict, without a tree, is an error', async () => {
  await using repo = await branches({ 'a.txt': text }, write('b.txt', 'ours'), write('c.txt', 'theirs'));
  const git = await repo.open({ env: await gitThatFirst(repo, 'merge-tree', 'echo fatal: boom >&2; exit 1') });
  const answer = git.compose(await repo.git(['rev-parse', 'ours']), await repo.git(['rev-parse', 'theirs']), 'x');
  await expect(answer).rejects.toThrow('git merge-tree: boom');
});

test('only an answer that begins with a tree counts', () => {
  expect([parseMergeTree(''), parseMergeTree('error\0'), parseMergeTree(`${'a'.repeat(40)}\0`)]).toEqual([
    undefined,
    undefined,
    { tree: 'a'.repeat(40), files: [], notes: [] },
  ]);
});

test('regions that touch are shown as one', () => {
  const conflict = '<<<<<<< a\nx\n=======\ny\n>>>>>>> b';
  expect(
    conflictsIn('f', `0\n${conflict}\n1\n${conflict}\n2\n3\n4\n5\n6\n7\n8\n9\n${conflict}`).match(/^f:\d+$/gm),
  ).toEqual(['f:1', 'f:18']);
});
