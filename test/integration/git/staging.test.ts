import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeOf, type TempRepo, tempRepo } from './tempRepo.ts';

const files = { 'a.txt': 'one\n', 'b.txt': 'two\n', 'deep/c.txt': 'a file that keeps its name\n' };

async function hook(repo: TempRepo, name: string, script: string, folder = '.git/hooks'): Promise<void> {
  await repo.write(`${folder}/${name}`, `#!/bin/sh\n${script}\n`);
  await chmod(join(repo.path, folder, name), 0o755);
}

test('everything is staged and named, deleted and moved files too; a repository inside stays out', async () => {
  await using repo = await tempRepo(files);
  const git = await repo.open();
  await repo.write('new äöü.txt', 'x\n');
  await repo.git(['mv', 'deep/c.txt', 'deep/d.txt']);
  await rm(join(repo.path, 'b.txt'));
  await mkdir(join(repo.path, 'inside'));
  await repo.git(['init', '--quiet'], join(repo.path, 'inside'));
  await repo.commit({ 'x.txt': 'x' }, join(repo.path, 'inside')).catch(() => undefined);
  await repo.write('inside/y.txt', 'y');
  expect(await git.stage(repo.path, [])).toEqual({
    own: ['b.txt', 'deep/c.txt', 'deep/d.txt', 'new äöü.txt'],
    isMerge: false,
  });
  const commit = await git.commitStaged(repo.path, 'Subject\n\nBody\n# kept\n');
  expect(await repo.git(['log', '-1', '--format=%H%n%an%n%B'])).toBe(`${commit}\nAda\nSubject\n\nBody\n# kept\n`);
  expect(await git.commitStaged(repo.path, 'again')).toBeUndefined();
});

test('only the paths that are named are staged, and each character of them stands for itself', async () => {
  await using repo = await tempRepo(files);
  const git = await repo.open();
  await repo.write('a.txt', 'changed\n');
  await repo.write('*.txt', 'a strange name\n');
  await repo.write('deep/e.txt', 'x\n');
  expect((await git.stage(repo.path, ['*.txt', 'deep'])).own).toEqual(['*.txt', 'deep/e.txt']);
  expect(await codeOf(git.stage(repo.path, ['gone.txt']))).toBe('no_such_path');
});

test('of a merge only what differs from both sides is the session’s own', async () => {
  await using repo = await tempRepo(files);
  const git = await repo.open();
  await repo.git(['switch', '--quiet', '-c', 'theirs']);
  await repo.commit({ 'a.txt': 'theirs\n', 'theirs.txt': 'x\n' });
  await repo.git(['switch', '--quiet', 'main']);
  await repo.commit({ 'a.txt': 'ours\n' });
  expect(await git.mergeIn(repo.path, 'theirs')).toBe('conflict');
  expect(await codeOf(git.stage(repo.path, []))).toBe('conflicts_left');
  await repo.write('a.txt', 'both\n');
  expect(await git.stage(repo.path, [])).toEqual({ own: ['a.txt'], isMerge: true });
  await git.commitStaged(repo.path, 'Merge theirs');
  expect(await repo.git(['rev-list', '--count', '--merges', 'HEAD'])).toBe('1');
});

test('the repository’s own hooks run, wherever it keeps them, and what they say is told when they refuse', async () => {
  await using repo = await tempRepo(files);
  const git = await repo.open();
  await hook(repo, 'commit-msg', 'echo "Seen-by: hook" >> "$1"');
  await repo.write('a.txt', 'changed\n');
  await git.stage(repo.path, []);
  await git.commitStaged(repo.path, 'First');
  expect(await repo.git(['log', '-1', '--format=%B'])).toContain('Seen-by: hook');

  await repo.git(['config', 'core.hooksPath', 'my hooks']);
  await hook(repo, 'pre-commit', 'echo "lint: a.txt is ugly" >&2; exit 1', 'my hooks');
  const before = await repo.git(['rev-parse', 'HEAD']);
  await repo.write('a.txt', 'ugly\n');
  await git.stage(repo.path, ['a.txt']);
  const refused = git.commitStaged(repo.path, 'Second');
  await expect(refused).rejects.toMatchObject({ code: 'hook_refused', cause: 'lint: a.txt is ugly' });
  expect(await repo.git(['rev-parse', 'HEAD'])).toBe(before);
});

test('a commit is made without a name for git and without a signature', async () => {
  await using repo = await tempRepo(files);
  await repo.git(['config', '--unset', 'user.name']);
  await repo.git(['config', 'commit.gpgSign', 'true']);
  const git = await repo.open();
  await repo.write('a.txt', 'changed\n');
  await git.stage(repo.path, []);
  await git.commitStaged(repo.path, 'First');
  expect(await repo.git(['log', '-1', '--format=%an %G?'])).toBe('Swarm N');
});
