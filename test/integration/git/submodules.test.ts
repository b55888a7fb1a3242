import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeOf, gitAlone, type TempRepo, tempRepo } from './tempRepo.ts';

const allow = ['-c', 'protocol.file.allow=always'];

/** A repository with a submodule in `lib s` that has one itself, both known only locally: their origins are gone. */
async function withSubmodules(): Promise<TempRepo> {
  const repo = await tempRepo();
  for (const [name, inner] of [
    ['inner', undefined],
    ['outer', 'inner'],
  ] as const) {
    await repo.git(['init', '--quiet', '-b', 'main', repo.beside(name)]);
    await repo.git(['config', 'user.name', 'Ada'], repo.beside(name));
    await repo.git(['config', 'user.email', 'ada@example.com'], repo.beside(name));
    if (inner)
      await repo.git([...allow, 'submodule', '--quiet', 'add', repo.beside(inner), 'deep er'], repo.beside(name));
    await repo.commit({ [`${name}.txt`]: `${name}\n` }, repo.beside(name));
  }
  await repo.git([...allow, 'submodule', '--quiet', 'add', repo.beside('outer'), 'lib s']);
  await repo.git([...allow, 'submodule', '--quiet', 'update', '--init', '--recursive']);
  await repo.commit({});
  await rm(repo.beside('inner'), { recursive: true });
  await rm(repo.beside('outer'), { recursive: true });
  return repo;
}

test('submodules are checked out at every depth without asking their origin, which they keep', async () => {
  await using repo = await withSubmodules();
  const config = await repo.read('.git/config');
  const git = await repo.open();
  const path = repo.beside('task 1');
  await git.addWorktree({ path, branch: 'x', base: 'main', mine: false, include: [] });
  expect({
    outer: await repo.read('lib s/outer.txt', path),
    inner: await repo.read('lib s/deep er/inner.txt', path),
    origin: await repo.git(['config', 'remote.origin.url'], join(path, 'lib s')),
    changes: await git.changes(path),
    config: await repo.read('.git/config'),
  }).toEqual({ outer: 'outer\n', inner: 'inner\n', origin: repo.beside('outer'), changes: [], config });
});

test('a scratch worktree has submodules too and is removed with them', async () => {
  await using repo = await withSubmodules();
  const git = await repo.open();
  const seen = await git.inScratch('main', [], (folder) => repo.read('lib s/deep er/inner.txt', folder));
  expect([seen, (await git.listWorktrees()).length]).toEqual(['inner\n', 1]);
});

test('a submodule commit that is not there locally is an error that says what to do', async () => {
  await using repo = await withSubmodules();
  const git = await repo.open();
  const unknown = '1234567890123456789012345678901234567890';
  await repo.git(['update-index', '--cacheinfo', `160000,${unknown},lib s`]);
  await repo.git(['commit', '--quiet', '-m', 'bump']);
  const asked = { path: repo.beside('task 1'), branch: 'x', base: 'main', mine: true, include: [] };
  expect(await codeOf(git.addWorktree(asked))).toBe('submodule_unavailable');
});

test('a submodule that the main worktree never had is left alone', async () => {
  await using repo = await withSubmodules();
  await repo.git([...allow, 'clone', '--quiet', repo.path, repo.beside('clone')]);
  const { openRepo } = await import('../../../src/git/open.ts');
  const git = await openRepo(repo.beside('clone'), { env: repo.env });
  const path = repo.beside('task 1');
  await git.addWorktree({ path, branch: 'x', base: 'HEAD', mine: false, include: [] });
  expect(await git.changes(path)).toEqual([]);
});

test('LFS pointers stay pointers where git-lfs is missing', async () => {
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n';
  await using repo = await tempRepo({
    'movie.mp4': pointer,
    '.gitattributes': '*.mp4 filter=lfs diff=lfs merge=lfs -text\n',
  });
  await repo.git(['config', 'filter.lfs.smudge', 'git-lfs smudge -- %f']);
  await repo.git(['config', 'filter.lfs.clean', 'git-lfs clean -- %f']);
  await repo.git(['config', 'filter.lfs.process', 'git-lfs filter-process']);
  await repo.git(['config', 'filter.lfs.required', 'true']);
  // A git-lfs may lie beside git.
  const git = await repo.open({ env: { ...repo.env, PATH: await gitAlone(repo) } });
  const path = repo.beside('task 1');
  await git.addWorktree({ path, branch: 'x', base: 'main', mine: false, include: [] });
  await repo.write('note.txt', 'x', path);
  const head = await git.commitAll(path, 'work');
  expect([await repo.read('movie.mp4', path), await git.diff('main', head ?? '')]).toEqual([
    pointer,
    [{ path: 'note.txt', status: 'added', added: 1, removed: 0 }],
  ]);
});
