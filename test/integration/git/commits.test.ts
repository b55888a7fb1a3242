import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRepo } from '../../../src/git/open.ts';
import { codeOf, type TempRepo, tempRepo } from './tempRepo.ts';

const hostile = ['--output=x', '-f', 'a\nb', '"q" \'s\' $(id) `id`', '🚀 ünï', ' lead', 'trail ', ':(top)x', '*'];

test('names of every kind are reported, committed and shown', async () => {
  await using repo = await tempRepo();
  for (const name of hostile) await repo.write(name, `in ${name}\n`);
  const git = await repo.open();
  const base = await git.head(repo.path);
  const changes = [...(await git.changes(repo.path))].sort();
  const head = (await git.commitAll(repo.path, '--amend -m "x"\n\n#5 with $HOME')) ?? '';
  const decode = async (name: string) => Buffer.from((await git.showFile(head, name)) ?? []).toString();
  expect({
    changes,
    left: await git.changes(repo.path),
    diff: (await git.diff(base, head)).map(({ path }) => path).sort(),
    shown: await Promise.all(hostile.map(decode)),
    message: await repo.git(['log', '-1', '--format=%B']),
    author: await repo.git(['log', '-1', '--format=%an <%ae>']),
    nothing: await git.commitAll(repo.path, 'again'),
  }).toEqual({
    changes: [...hostile].sort(),
    left: [],
    diff: [...hostile].sort(),
    shown: hostile.map((name) => `in ${name}\n`),
    message: '--amend -m "x"\n\n#5 with $HOME\n',
    author: 'Ada <ada@example.com>',
    nothing: undefined,
  });
});

test('a commit needs no identity, no signing key and no editor', async () => {
  await using repo = await tempRepo();
  for (const key of ['user.name', 'user.email']) await repo.git(['config', '--unset', key]);
  await repo.git(['config', 'user.useConfigOnly', 'true']);
  await repo.git(['config', 'commit.gpgSign', 'true']);
  await repo.git(['config', 'commit.verbose', 'true']);
  await repo.write('new.txt', 'x');
  const env = {
    ...repo.env,
    EDITOR: 'false',
    VISUAL: 'false',
    GIT_EDITOR: 'false',
    GIT_DIR: '/nowhere',
    GIT_INDEX_FILE: '/nowhere',
    PAGER: 'false',
  };
  const git = await openRepo(repo.path, { env });
  const head = await git.commitAll(repo.path, 'work');
  expect([head, await repo.git(['log', '-1', '--format=%an <%ae>'])]).toEqual([
    await git.head(repo.path),
    'Swarm <swarm@localhost>',
  ]);
});

test('deleted, moved and retyped files are committed, ignored ones and nested repositories are not', async () => {
  await using repo = await tempRepo({ 'a.txt': 'one\n', 'b.txt': 'two\n', '.gitignore': '*.log\n' });
  const git = await repo.open();
  await rm(join(repo.path, 'a.txt'));
  await repo.git(['mv', 'b.txt', 'c.txt']);
  await repo.write('x.log', 'x');
  await repo.git(['init', '--quiet', join(repo.path, 'nested')]);
  await repo.write('nested/n.txt', 'x');
  const base = await git.head(repo.path);
  const head = (await git.commitAll(repo.path, 'work')) ?? '';
  expect([await git.diff(base, head), await git.changes(repo.path), await git.commitAll(repo.path, 'again')]).toEqual([
    [
      { path: 'a.txt', status: 'deleted', added: 0, removed: 1 },
      { path: 'c.txt', from: 'b.txt', status: 'renamed', added: 0, removed: 0 },
    ],
    ['nested/'],
    undefined,
  ]);
});

/** Main and `other` with a content conflict in `a.txt`, one in `b.txt`, a deleted `d.txt` and a binary `e.bin`. */
async function diverged(files: readonly ('a.txt' | 'd.txt' | 'e.bin')[]): Promise<TempRepo> {
  const repo = await tempRepo({ 'a.txt': '1\n2\n3\n', 'd.txt': 'x\n', 'e.bin': 'x\0' });
  await repo.git(['checkout', '--quiet', '-b', 'other']);
  if (files.includes('d.txt')) await rm(join(repo.path, 'd.txt'));
  await repo.commit({
    'theirs.txt': 'x',
    ...(files.includes('a.txt') ? { 'a.txt': '1\ntheirs\n3\n' } : {}),
    ...(files.includes('e.bin') ? { 'e.bin': 'theirs\0' } : {}),
  });
  await repo.git(['checkout', '--quiet', 'main']);
  await repo.commit({
    'ours.txt': 'x',
    ...(files.includes('a.txt') ? { 'a.txt': '1\nours\n3\n' } : {}),
    ...(files.includes('d.txt') ? { 'd.txt': 'ours\n' } : {}),
    ...(files.includes('e.bin') ? { 'e.bin': 'ours\0' } : {}),
  });
  return repo;
}

test('a merge without conflicts is made, and again it is up to date', async () => {
  await using repo = await diverged([]);
  await repo.git(['config', 'merge.ff', 'only']);
  const git = await repo.open();
  expect([
    await git.mergeIn(repo.path, 'other'),
    await git.mergeIn(repo.path, 'other'),
    await git.changes(repo.path),
  ]).toEqual(['merged', 'up_to_date', []]);
});

test('a conflict is left in the files, refused while its markers stand, and concluded once they are gone', async () => {
  await using repo = await diverged(['a.txt']);
  const git = await repo.open();
  const [ours, theirs] = [await git.resolve('main'), await git.resolve('other')];
  const merged = await git.mergeIn(repo.path, 'other');
  const again = await git.mergeIn(repo.path, 'other');
  const early = await codeOf(git.commitAll(repo.path, 'early'));
  await repo.write('a.txt', '1\nboth\n3\n');
  const head = await git.commitAll(repo.path, 'solved');
  expect([
    merged,
    again,
    early,
    await repo.git(['log', '-1', '--format=%P']),
    head,
    await git.changes(repo.path),
  ]).toEqual(['conflict', 'conflict', 'conflicts_left', `${ours} ${theirs}`, await git.head(repo.path), []]);
});

test('markers that were added or even committed as they are do not pass', async () => {
  await using repo = await diverged(['a.txt']);
  const git = await repo.open();
  await git.mergeIn(repo.path, 'other');
  await repo.git(['add', '--all']);
  const added = await codeOf(git.commitAll(repo.path, 'x'));
  await repo.git(['commit', '--quiet', '-m', 'with markers']);
  const committed = await codeOf(git.commitAll(repo.path, 'x'));
  await repo.write('a.txt', 'solved\n');
  expect([added, committed, await git.commitAll(repo.path, 'x')]).toEqual([
    'conflicts_left',
    'conflicts_left',
    await git.head(repo.path),
  ]);
});

test.each(['d.txt', 'e.bin'] as const)('a conflict in %s that has no markers needs to be decided', async (file) => {
  await using repo = await diverged([file]);
  const git = await repo.open();
  expect(await git.mergeIn(repo.path, 'other')).toBe('conflict');
  expect(await codeOf(git.commitAll(repo.path, 'early'))).toBe('conflicts_left');
  await repo.git(['add', file]);
  expect(await git.commitAll(repo.path, 'solved')).toBe(await git.head(repo.path));
});

test('a text that speaks of markers is no conflict', async () => {
  await using repo = await tempRepo();
  await repo.write('docs.md', 'a conflict looks like\n<<<<<<< HEAD\n=======\n>>>>>>> other\n');
  const git = await repo.open();
  expect(await git.commitAll(repo.path, 'docs')).toBe(await git.head(repo.path));
});

test('a merge into a tree with changes is refused, untracked files aside', async () => {
  await using repo = await diverged([]);
  const git = await repo.open();
  await writeFile(join(repo.path, 'untracked.txt'), 'x');
  await repo.write('a.txt', 'edited\n');
  expect(await codeOf(git.mergeIn(repo.path, 'other'))).toBe('worktree_dirty');
  await repo.git(['checkout', '--quiet', 'a.txt']);
  expect(await git.mergeIn(repo.path, 'other')).toBe('merged');
});

test('an untracked file that the merge would overwrite is refused and kept', async () => {
  await using repo = await diverged([]);
  const git = await repo.open();
  await repo.write('theirs.txt', 'mine');
  expect([await codeOf(git.mergeIn(repo.path, 'other')), await repo.read('theirs.txt')]).toEqual([
    'would_overwrite',
    'mine',
  ]);
});

test('commits are found by branch, tag and name, and nothing else is', async () => {
  await using repo = await tempRepo();
  const head = await repo.git(['rev-parse', 'HEAD']);
  await repo.git(['tag', '-a', 'v1', '-m', 'x']);
  const git = await repo.open();
  const found = await Promise.all(
    ['main', 'refs/heads/main', 'v1', head, head.slice(0, 8), 'HEAD'].map((name) => git.resolve(name)),
  );
  const missing = await Promise.all(
    ['', 'none', '--all', '-1', 'main:a.txt', 'a\0b', 'a b', 'main..main'].map((name) => git.resolve(name)),
  );
  expect([found, missing]).toEqual([found.map(() => head), missing.map(() => undefined)]);
});

test('who descends from whom, and by which commit something landed', async () => {
  await using repo = await tempRepo();
  const root = await repo.git(['rev-parse', 'HEAD']);
  await repo.git(['checkout', '--quiet', '-b', 'topic']);
  await repo.commit({ 't1.txt': 'x' });
  const topic = await repo.commit({ 't2.txt': 'x' });
  await repo.git(['checkout', '--quiet', 'main']);
  const own = await repo.commit({ 'm.txt': 'x' });
  await repo.git(['merge', '--quiet', '--no-ff', '-m', 'merge', 'topic']);
  const merge = await repo.git(['rev-parse', 'HEAD']);
  const tip = await repo.commit({ 'later.txt': 'x' });
  const git = await repo.open();
  expect({
    ancestors: await Promise.all([
      git.isAncestor(topic, merge),
      git.isAncestor(topic, topic),
      git.isAncestor(merge, topic),
    ]),
    topic: await git.landedBy('main', topic),
    own: await git.landedBy('main', own),
    root: await git.landedBy('main', root),
    tip: await git.landedBy('main', tip),
    notYet: await git.landedBy('topic', tip),
    noBranch: await git.landedBy('none', root),
  }).toEqual({ ancestors: [true, true, false], topic: merge, own, root, tip, notYet: undefined, noBranch: undefined });
});

test('a folder that is no worktree any more is an error with a reason', async () => {
  await using repo = await tempRepo();
  const git = await repo.open();
  await mkdir(repo.beside('plain'));
  expect([await codeOf(git.head(repo.beside('none'))), await codeOf(git.changes(repo.beside('plain')))]).toEqual([
    'folder_missing',
    'not_a_repository',
  ]);
});

test('a worktree inside the repository that has lost its link is refused, and the checkout around it is left alone', async () => {
  await using repo = await tempRepo({ 'a.txt': 'one\n' });
  const git = await repo.open();
  const path = join(repo.path, 'my worktrees', 'task 1');
  await git.addWorktree({ path, branch: 'x', base: 'main', mine: false, include: [] });
  await rm(join(path, '.git'));
  await repo.write('work.txt', 'of the session', path);
  await repo.write('staged.txt', 'by the person');
  await repo.git(['add', 'staged.txt']);
  const before = [await repo.git(['rev-parse', 'main']), await repo.git(['status', '--porcelain'])];
  const main = await git.resolve('main');
  const codes = await Promise.all([
    codeOf(git.commitAll(path, 'work')),
    codeOf(git.changes(path)),
    codeOf(git.head(path)),
    codeOf(git.mergeIn(path, main ?? '')),
  ]);
  expect([codes, await repo.git(['rev-parse', 'main']), await repo.git(['status', '--porcelain'])]).toEqual([
    ['not_a_repository', 'not_a_repository', 'unknown_commit', 'unknown_commit'],
    ...before,
  ]);
});
