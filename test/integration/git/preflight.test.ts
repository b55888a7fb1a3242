import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRepo } from '../../../src/git/open.ts';
import { refuseOldGit, targetOf } from '../../../src/git/preflight.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { codeOf, gitAlone, type TempRepo, tempRepo } from './tempRepo.ts';

test('a clean checkout is described', async () => {
  await using repo = await tempRepo();
  expect(await (await repo.open()).inspect()).toEqual({
    root: repo.path,
    commonDir: join(repo.path, '.git'),
    branch: 'main',
    dirty: false,
    behind: 0,
    warnings: [],
  });
});

test('the root is found from a subfolder and from another worktree', async () => {
  await using repo = await tempRepo({ 'deep/er/a.txt': 'x' });
  await repo.git(['worktree', 'add', '--quiet', '-b', 'other', repo.beside('w 1')]);
  const inside = await openRepo(join(repo.path, 'deep', 'er'), { env: repo.env });
  const other = await openRepo(join(repo.beside('w 1'), 'deep'), { env: repo.env });
  expect([inside.root, other.root, other.commonDir, (await other.inspect()).branch]).toEqual([
    repo.path,
    repo.path,
    join(repo.path, '.git'),
    'other',
  ]);
});

test('uncommitted files are allowed and reported', async () => {
  await using repo = await tempRepo();
  await repo.write('new.txt', 'x');
  const { dirty, warnings } = await (await repo.open()).inspect();
  expect([dirty, warnings.length]).toEqual([true, 1]);
});

test('a branch behind its upstream is reported', async () => {
  await using repo = await tempRepo();
  await repo.commit({ 'b.txt': 'two' });
  await repo.git(['branch', 'ahead']);
  await repo.git(['reset', '--quiet', '--hard', 'HEAD^']);
  await repo.git(['branch', '--set-upstream-to', 'ahead']);
  const state = await (await repo.open()).inspect();
  expect([state.upstream, state.behind, state.warnings]).toEqual(['ahead', 1, []]);
});

test('a shallow clone works and is reported', async () => {
  await using repo = await tempRepo();
  await repo.commit({ 'b.txt': 'two' });
  await repo.git(['clone', '--quiet', '--depth', '1', `file://${repo.path}`, repo.beside('shallow one')]);
  const shallow = await openRepo(repo.beside('shallow one'), { env: repo.env });
  const { warnings } = await shallow.inspect();
  const added = await shallow.addWorktree({
    path: repo.beside('w 1'),
    branch: 'x',
    base: 'main',
    mine: false,
    include: [],
  });
  expect([warnings[0], added.created]).toEqual([expect.stringContaining('shallow'), true]);
});

test('with a detached HEAD the target must be named', async () => {
  await using repo = await tempRepo();
  await repo.git(['checkout', '--quiet', '--detach']);
  const state = await (await repo.open()).inspect();
  expect([targetOf(state, 'main'), () => targetOf(state, undefined)]).toEqual(['main', expect.any(Function)]);
  expect(() => targetOf(state, undefined)).toThrow(expect.objectContaining({ code: 'usage' }));
});

const refusals: readonly (readonly [string, string, (repo: TempRepo) => Promise<unknown>])[] = [
  ['a folder that is no repository', 'not_a_repository', (repo) => openRepo(repo.beside('.'), { env: repo.env })],
  ['a folder that does not exist', 'folder_missing', (repo) => openRepo(repo.beside('none'), { env: repo.env })],
  [
    'a bare repository',
    'bare_repository',
    async (repo) => {
      await repo.git(['clone', '--quiet', '--bare', repo.path, repo.beside('bare one')]);
      return openRepo(repo.beside('bare one'), { env: repo.env });
    },
  ],
  [
    'a worktree of a bare repository',
    'bare_repository',
    async (repo) => {
      await repo.git(['clone', '--quiet', '--bare', repo.path, repo.beside('bare one')]);
      await repo.git(['worktree', 'add', '--quiet', repo.beside('w 1'), 'main'], repo.beside('bare one'));
      return openRepo(repo.beside('w 1'), { env: repo.env });
    },
  ],
  [
    'a repository without a commit',
    'unborn_branch',
    async (repo) => {
      await repo.git(['init', '--quiet', repo.beside('unborn')]);
      return (await openRepo(repo.beside('unborn'), { env: repo.env })).inspect();
    },
  ],
  [
    'a merge with conflicts',
    'conflicted_checkout',
    async (repo) => {
      await diverge(repo);
      await repo.git(['merge', 'other']).catch(() => {});
      return (await repo.open()).inspect();
    },
  ],
  [
    'a merge that waits for its commit',
    'conflicted_checkout',
    async (repo) => {
      await diverge(repo);
      await repo.git(['merge', 'other', '-s', 'ours', '--no-commit']);
      return (await repo.open()).inspect();
    },
  ],
  [
    'a rebase that stopped',
    'conflicted_checkout',
    async (repo) => {
      await diverge(repo);
      await repo.git(['rebase', 'other']).catch(() => {});
      return (await repo.open()).inspect();
    },
  ],
  [
    'a machine without git',
    'git_missing',
    (repo) => openRepo(repo.path, { env: { ...repo.env, PATH: repo.beside('.') } }),
  ],
  [
    'a git that is too old',
    'git_too_old',
    async (repo) => {
      await mkdir(repo.beside('bin'));
      await writeFile(repo.beside('bin/git'), '#!/bin/sh\necho git version 2.38.9\n');
      await chmod(repo.beside('bin/git'), 0o755);
      return openRepo(repo.path, { env: { ...repo.env, PATH: `${repo.beside('bin')}:${repo.env.PATH}` } });
    },
  ],
];

test.each(refusals)('%s is refused as %s, and nothing changes', async (_, code, open) => {
  await using repo = await tempRepo();
  expect(await codeOf(open(repo))).toBe(code);
  expect(await repo.git(['for-each-ref', 'refs/swarm'])).toBe('');
});

test('a repository of another user is refused', async () => {
  await using repo = await tempRepo();
  // Only root can give files away; git can be told to take them for another's.
  const env = { ...repo.env, PATH: await gitAlone(repo, 'GIT_TEST_ASSUME_DIFFERENT_OWNER=1') };
  expect(await codeOf(repo.open({ env }))).toBe('dubious_ownership');
});

test.each([
  ['git version 2.39.5', true],
  ['git version 2.46.0.windows.1', true],
  ['git version 2.39.3 (Apple Git-146)', true],
  ['git version 3.0.0', true],
  ['git version 2.38.4', false],
  ['git version 1.99.0', false],
])('%s is new enough: %s', (version, fits) => {
  expect(codeOfSync(() => refuseOldGit(version))).toBe(fits ? undefined : 'git_too_old');
});

function codeOfSync(action: () => void): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

async function diverge(repo: TempRepo): Promise<void> {
  await repo.git(['checkout', '--quiet', '-b', 'other']);
  await repo.commit({ 'a.txt': 'theirs\n' });
  await repo.git(['checkout', '--quiet', 'main']);
  await repo.commit({ 'a.txt': 'ours\n' });
}

test('a folder outside any repository stays untouched', async () => {
  await using folder = await tempFolder();
  expect(await codeOf(openRepo(folder.path))).toBe('not_a_repository');
});
