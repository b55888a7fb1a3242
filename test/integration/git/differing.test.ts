import { expect, test } from 'vitest';
import { tempRepo } from './tempRepo.ts';

test('what differs in a worktree from each of some commits is told, committed or not, by every name of it', async () => {
  await using repo = await tempRepo({
    'a.txt': 'one\n',
    'b.txt': 'one\n',
    'c d.txt': 'one\n',
    '.gitignore': 'ignored\n',
  });
  const git = await repo.open();
  const first = (await git.resolve('main')) ?? '';
  const second = await repo.commit({ 'a.txt': 'two\n', 'new.txt': 'two\n' });
  await repo.git(['mv', 'c d.txt', 'moved ü.txt']);
  await repo.write('b.txt', 'changed\n');
  await repo.write('a folder/loose.txt', 'x\n');
  await repo.write('ignored', 'x\n');
  await repo.git(['init', '--quiet', `${repo.path}/nested`]);
  const uncommitted = ['b.txt', 'c d.txt', 'moved ü.txt', 'a folder/loose.txt', 'nested/'];
  const differing = async (...commits: string[]) => [...(await git.differing(repo.path, commits))].sort();
  expect([await differing(second), await differing(first), await differing(first, second)]).toEqual([
    [...uncommitted].sort(),
    [...uncommitted, 'a.txt', 'new.txt'].sort(),
    [...uncommitted].sort(),
  ]);
});

test('in a merge that is not concluded, what came with the merged commit is not told', async () => {
  await using repo = await tempRepo({ 'a.txt': 'one\n', 'b.txt': 'one\n' });
  const git = await repo.open();
  const worktree = repo.beside('side');
  await repo.git(['worktree', 'add', '--quiet', '-b', 'side', worktree]);
  await repo.commit({ 'a.txt': 'side\n', 'mine.txt': 'mine\n' }, worktree);
  const theirs = await repo.commit({ 'a.txt': 'main\n', 'theirs.txt': 'theirs\n', 'b.txt': 'theirs\n' });
  expect(await git.mergeIn(worktree, theirs)).toBe('conflict');
  expect([...(await git.differing(worktree, [theirs]))].sort()).toEqual(['a.txt', 'mine.txt']);
});
