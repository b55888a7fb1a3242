import { chmod, lstat, mkdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type TempRepo, tempRepo } from './tempRepo.ts';

async function carried(repo: TempRepo, include: readonly string[], name = 'task 1') {
  const path = repo.beside(name);
  const added = await (await repo.open()).addWorktree({
    path,
    branch: `b-${name.replace(' ', '-')}`,
    base: 'main',
    mine: false,
    include,
  });
  return { path, carried: [...added.carried].sort() };
}

test('ignored files that .worktreeinclude or a pattern names are copied, with their modes', async () => {
  await using repo = await tempRepo({
    '.gitignore': '.env*\n/config/local\nnode_modules\n',
    '.worktreeinclude': '.env\n!sub/.env\n',
  });
  await repo.write('.env', 'SECRET=1');
  await repo.write('sub/.env', 'not this one');
  await repo.write('.env.other', 'nor this');
  await repo.write('config/local/rün.sh', 'echo');
  await chmod(join(repo.path, 'config/local/rün.sh'), 0o750);
  await repo.write('untracked.txt', 'not ignored');
  const { path, carried: list } = await carried(repo, ['/config/local/', 'untracked.txt']);
  expect([list, await repo.read('.env', path), (await lstat(join(path, 'config/local/rün.sh'))).mode & 0o777]).toEqual([
    ['.env', 'config/local/rün.sh'],
    'SECRET=1',
    0o750,
  ]);
});

test('names with newlines, quotes and leading hyphens are copied too', async () => {
  await using repo = await tempRepo({ '.gitignore': '*.local\n' });
  const names = ['--output=x.local', '-f.local', 'a\nb.local', '🚀 "q" \'.local', '$(id).local'];
  for (const name of names) await repo.write(name, name);
  expect((await carried(repo, ['*.local'])).carried).toEqual([...names].sort());
});

test('nothing is copied without a pattern', async () => {
  await using repo = await tempRepo({ '.gitignore': '.env\n' });
  await repo.write('.env', 'x');
  expect((await carried(repo, [])).carried).toEqual([]);
});

test('a file that the branch does not ignore stays out, so that no secret is committed', async () => {
  await using repo = await tempRepo();
  await repo.write('.gitignore', '.env\n');
  await repo.write('.env', 'SECRET=1');
  expect((await carried(repo, ['.env'])).carried).toEqual([]);
});

test('a file that is there already is not overwritten', async () => {
  await using repo = await tempRepo({ 'a.txt': 'x', '.gitignore': 'gen/\n' });
  await repo.write('gen/tracked', 'the branch has it');
  await repo.git(['add', '--force', 'gen/tracked']);
  await repo.git(['commit', '--quiet', '-m', 'gen']);
  await repo.git(['rm', '--quiet', '--cached', 'gen/tracked']);
  await repo.write('gen/tracked', 'changed here');
  const { path, carried: list } = await carried(repo, ['gen/']);
  expect([list, await repo.read('gen/tracked', path)]).toEqual([[], 'the branch has it']);
});

test('a copy that a session has changed is not overwritten when an unfinished worktree is completed', async () => {
  await using repo = await tempRepo({ '.gitignore': '.env\n' });
  await repo.write('.env', 'theirs');
  const { path } = await carried(repo, ['.env']);
  await repo.write('.env', 'changed', path);
  await repo.git(['worktree', 'lock', '--reason', 'being prepared by Swarm', path]);
  const git = await repo.open();
  const again = await git.addWorktree({ path, branch: 'b-task-1', base: 'main', mine: true, include: ['.env'] });
  expect([again, await repo.read('.env', path)]).toEqual([{ created: true, carried: [] }, 'changed']);
});

test('links are copied as links, and only when they stay inside', async () => {
  await using repo = await tempRepo({ '.gitignore': '*.link\nout/\n', 'shared.txt': 'x' });
  await repo.write('secret', 'x', repo.beside('.'));
  await symlink('shared.txt', join(repo.path, 'inside.link'));
  await symlink('../secret', join(repo.path, 'outside.link'));
  await symlink(join(repo.path, 'shared.txt'), join(repo.path, 'absolute.link'));
  await symlink(repo.beside('.'), join(repo.path, 'folder.link'));
  const { path, carried: list } = await carried(repo, ['*.link']);
  expect([list, await readlink(join(path, 'inside.link'))]).toEqual([['inside.link'], 'shared.txt']);
});

test('a link in the branch does not lead copies out of the worktree', async () => {
  await using repo = await tempRepo({ '.gitignore': '*.env\n' });
  await mkdir(repo.beside('outside'));
  await symlink(repo.beside('outside'), join(repo.path, 'config'));
  await repo.commit({});
  await repo.git(['rm', '--quiet', '--cached', 'config']);
  await repo.git(['update-index', '--refresh']);
  const { rm } = await import('node:fs/promises');
  await rm(join(repo.path, 'config'));
  await repo.write('config/x.env', 'SECRET');
  expect((await carried(repo, ['*.env'])).carried).toEqual([]);
  expect(await repo.read('x.env', repo.beside('outside')).catch(() => 'nothing')).toBe('nothing');
});

test('other worktrees and repositories inside the main one are not copied', async () => {
  await using repo = await tempRepo({ '.gitignore': '/trees/\n.env\n' });
  await repo.write('.env', 'x');
  await repo.git(['init', '--quiet', join(repo.path, 'trees', 'inner')]);
  await repo.write('trees/inner/.env', 'x');
  expect((await carried(repo, ['.env', 'trees/'], 'task 2')).carried).toEqual(['.env']);
});
