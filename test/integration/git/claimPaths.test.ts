import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { claimPaths } from '../../../src/git/claimPaths.ts';
import { tempRepo } from './tempRepo.ts';

test('a path in any worktree of the repository is the repository’s, one in another repository inside it as well', async () => {
  await using repo = await tempRepo({ 'src/a.ts': 'x', 'lib/b.ts': 'x' });
  const commonDir = join(repo.path, '.git');
  const tree = join(repo.path, 'trees', 'one');
  await repo.git(['worktree', 'add', '--quiet', '-b', 'one', tree]);
  const nested = join(repo.path, 'nested');
  await mkdir(nested);
  await repo.git(['init', '--quiet'], nested);
  await symlink('../src/new.ts', join(repo.path, 'lib', 'link.ts'));
  await symlink(nested, repo.beside('way in'));
  const asked = (text: string, folder = repo.path) => claimPaths([text], { commonDir, folder })[0];
  expect([
    asked('src/a.ts', tree),
    asked(join(tree, 'src', 'a.ts')),
    asked('../../lib', tree),
    asked('not/yet/there.ts', tree),
    asked('not/yet/', tree),
    asked('lib/link.ts'),
    asked('*.ts', join(tree, 'src')),
    asked('*/', join(tree, 'src')),
    asked('../**/b.*', join(tree, 'src')),
    asked(join(repo.path, 'l{i,o}b', '*')),
    asked('x/y', nested),
    asked('deep/z.ts', repo.beside('way in')),
  ]).toEqual([
    { kind: 'file', path: 'src/a.ts' },
    { kind: 'file', path: 'src/a.ts' },
    { kind: 'folder', path: 'lib' },
    { kind: 'file', path: 'not/yet/there.ts' },
    { kind: 'folder', path: 'not/yet' },
    { kind: 'file', path: 'src/new.ts' },
    { kind: 'glob', path: 'src/*.ts' },
    { kind: 'glob', path: 'src/*/**' },
    { kind: 'glob', path: '**/b.*' },
    { kind: 'glob', path: 'l{i,o}b/*' },
    { kind: 'file', path: 'nested/x/y' },
    { kind: 'file', path: 'nested/deep/z.ts' },
  ]);
});

test('what lies in no worktree of the repository is refused, however it is named', async () => {
  await using repo = await tempRepo();
  await using other = await tempRepo();
  await symlink(other.path, join(repo.path, 'other'));
  const place = { commonDir: join(repo.path, '.git'), folder: repo.path };
  const texts = ['other/a.txt', join(other.path, 'a.txt'), '../a.txt', '/*', '*/../../x', 'a\0b', '.git/hooks', './'];
  expect(
    texts.map((text) => {
      try {
        return claimPaths([text], place);
      } catch (error) {
        return (error as Error).name;
      }
    }),
  ).toEqual(texts.map(() => 'UsageError'));
});
