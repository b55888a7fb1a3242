import { mkdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { WorktreeRequest } from '../../../src/core/ports.ts';
import { waitFor } from '../../support/waitFor.ts';
import { codeOf, type TempRepo, tempRepo } from './tempRepo.ts';

const request = (repo: TempRepo, more: Partial<WorktreeRequest> = {}): WorktreeRequest => ({
  path: repo.beside('wörk trees/task 1 🚀'),
  branch: 'swarm/task-1',
  base: 'main',
  mine: false,
  include: [],
  ...more,
});

/** What a person sees of a worktree: its branch and what differs, and how git lists it. */
async function sight(repo: TempRepo, path: string) {
  const record = (await (await repo.open()).listWorktrees()).find((one) => one.path === path);
  return {
    branch: record?.branch,
    locked: record?.locked,
    changes: await repo.git(['status', '--porcelain', '--untracked-files=all'], path),
  };
}
const clean = { branch: 'swarm/task-1', locked: undefined, changes: '' };

test('a worktree starts from its base on a branch that tracks nothing', async () => {
  await using repo = await tempRepo();
  const base = await repo.git(['rev-parse', 'HEAD']);
  await repo.commit({ 'later.txt': 'x' });
  const git = await repo.open();
  const { path } = request(repo);
  expect([await git.addWorktree(request(repo, { base })), await git.head(path), await sight(repo, path)]).toEqual([
    { created: true, carried: [] },
    base,
    clean,
  ]);
  expect(await repo.git(['config', '--get-regexp', '^branch\\.']).catch(() => 'none')).toBe('none');
});

test('a worktree that is there is found again, with what a session did in it', async () => {
  await using repo = await tempRepo();
  const git = await repo.open();
  await git.addWorktree(request(repo));
  const { path } = request(repo);
  await repo.write('mine.txt', 'unsaved', path);
  expect(await git.addWorktree(request(repo, { mine: true }))).toEqual({ created: false, carried: [] });
  expect(await sight(repo, path)).toEqual({ ...clean, changes: '?? mine.txt' });
});

test('the path may lead through a symbolic link', async () => {
  await using repo = await tempRepo();
  const git = await repo.open();
  await mkdir(repo.beside('real'));
  await symlink(repo.beside('real'), repo.beside('link'));
  const through = request(repo, { path: repo.beside('link/w 1'), mine: true });
  expect([await git.addWorktree(through), await git.addWorktree(through)]).toMatchObject([
    { created: true },
    { created: false },
  ]);
});

test('the task’s own branch is used again when its worktree is gone from disk and record', async () => {
  await using repo = await tempRepo();
  const git = await repo.open();
  const { path } = request(repo);
  await git.addWorktree(request(repo));
  const work = await repo.commit({ 'work.txt': 'x' }, path);
  await repo.git(['worktree', 'remove', path]);
  expect([await git.addWorktree(request(repo, { mine: true })), await git.head(path)]).toEqual([
    { created: true, carried: [] },
    work,
  ]);
});

test('a worktree inside the repository is fine', async () => {
  await using repo = await tempRepo({ '.gitignore': '/.trees\n' });
  const git = await repo.open();
  const path = join(repo.path, '.trees', 'task 1');
  await git.addWorktree(request(repo, { path }));
  expect([await sight(repo, path), await repo.git(['status', '--porcelain'])]).toEqual([clean, '']);
});

const refusals: readonly (readonly [string, string, (repo: TempRepo) => Promise<Partial<WorktreeRequest>>])[] = [
  [
    'a stranger’s branch',
    'branch_exists',
    async (repo) => {
      await repo.git(['branch', 'swarm/task-1']);
      return {};
    },
  ],
  [
    'a folder with files in it',
    'path_exists',
    async (repo) => {
      await repo.write('wörk trees/task 1 🚀/file', 'x', repo.beside('.'));
      return { mine: true };
    },
  ],
  [
    'a file',
    'path_exists',
    async (repo) => {
      await repo.write('file', 'x', repo.beside('.'));
      return { path: repo.beside('file') };
    },
  ],
  [
    'another repository',
    'path_exists',
    async (repo) => {
      await repo.git(['clone', '--quiet', repo.path, repo.beside('clone')]);
      return { path: repo.beside('clone'), mine: true };
    },
  ],
  [
    'a worktree of somebody else',
    'path_exists',
    async (repo) => {
      await repo.git(['worktree', 'add', '--quiet', '-b', 'hers', repo.beside('hers')]);
      return { path: repo.beside('hers'), mine: true };
    },
  ],
  ['the main worktree', 'path_exists', async (repo) => ({ path: repo.path, mine: true })],
  [
    'a branch that another worktree has',
    'branch_checked_out',
    async (repo) => {
      await repo.git(['worktree', 'add', '--quiet', '-b', 'swarm/task-1', repo.beside('elsewhere')]);
      return { mine: true };
    },
  ],
  ['a base that does not exist', 'unknown_commit', async () => ({ base: 'nowhere' })],
  ['a branch name that git does not take', 'bad_branch_name', async () => ({ branch: 'a b' })],
  ['a branch name that looks like an option', 'bad_branch_name', async () => ({ branch: '--force' })],
  ['a base that looks like an option', 'unknown_commit', async () => ({ base: '--output=x' })],
];

test.each(refusals)('%s is refused as %s, and nothing changes', async (_, code, prepare) => {
  await using repo = await tempRepo();
  const asked = request(repo, await prepare(repo));
  const git = await repo.open();
  const before = [await repo.git(['for-each-ref']), await git.listWorktrees()];
  expect(await codeOf(git.addWorktree(asked))).toBe(code);
  expect([await repo.git(['for-each-ref']), await git.listWorktrees()]).toEqual(before);
});

test('a branch that could not get its worktree does not stay behind', async () => {
  await using repo = await tempRepo();
  const git = await repo.open();
  await writeFile(join(repo.path, '.git/worktrees'), 'a file where git needs a folder');
  expect(await codeOf(git.addWorktree(request(repo)))).toBe('git_failed');
  expect(await repo.git(['branch', '--list', 'swarm/*'])).toBe('');
});

/** Damage of every kind, and what must still be there after the repair. */
const damages: readonly (readonly [
  string,
  (repo: TempRepo, path: string, record: string) => Promise<unknown>,
  string,
  boolean,
])[] = [
  ['the folder was deleted', (_, path) => rm(path, { recursive: true }), '', true],
  ['the record was pruned', (_, __, record) => rm(record, { recursive: true }), ' M a.txt\n?? new.txt', false],
  ['the link was deleted', (_, path) => rm(join(path, '.git')), ' M a.txt\n?? new.txt', false],
  ['the index was lost', (_, __, record) => rm(join(record, 'index')), ' M a.txt\n?? new.txt', false],
  ['HEAD was lost', (_, __, record) => rm(join(record, 'HEAD')), ' M a.txt\n?? new.txt', false],
  [
    'HEAD was emptied by a power cut',
    (_, __, record) => writeFile(join(record, 'HEAD'), ''),
    ' M a.txt\n?? new.txt',
    false,
  ],
];

test.each(damages)(
  'after %s the worktree is repaired with its uncommitted files',
  async (_, damage, changes, created) => {
    await using repo = await tempRepo();
    const git = await repo.open();
    const { path } = request(repo);
    await git.addWorktree(request(repo));
    await repo.write('a.txt', 'edited\n', path);
    await repo.write('new.txt', 'unsaved', path);
    await damage(repo, path, await repo.git(['rev-parse', '--absolute-git-dir'], path));
    const again = await (await repo.open()).addWorktree(request(repo, { mine: true }));
    expect([again.created, await sight(repo, path)]).toEqual([created, { ...clean, changes }]);
  },
);

test('a checkout that was cut short is completed, and an edit that somebody made in it is kept on a ref', async () => {
  await using repo = await tempRepo({ 'a.txt': 'one\n', 'b.txt': 'two\n' });
  const git = await repo.open();
  const { path } = request(repo);
  await git.addWorktree(request(repo));
  const record = await repo.git(['rev-parse', '--absolute-git-dir'], path);
  await rm(join(record, 'index'));
  await rm(join(path, 'b.txt'));
  await repo.write('a.txt', 'half', path);
  await writeFile(join(record, 'locked'), 'being prepared by Swarm');
  expect([await git.addWorktree(request(repo, { mine: true })), await sight(repo, path)]).toEqual([
    { created: true, carried: [] },
    clean,
  ]);
  expect(await repo.git(['show', 'refs/swarm/kept/swarm/task-1/1:a.txt'])).toBe('half');
});

test('an add killed at any moment is completed by the next one', async () => {
  await using repo = await tempRepo(
    Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`d${i % 20}/f${i}`, `${i}\n`])),
  );
  const { path } = request(repo);
  const script = `
    import { openRepo } from ${JSON.stringify(new URL('../../../src/git/open.ts', import.meta.url).href)};
    const git = await openRepo(process.argv[1]);
    process.stdout.write('go');
    await git.addWorktree(JSON.parse(process.argv[2]));`;
  for (const delayMs of [0, 3, 6, 9, 12, 15, 20, 30, 50]) {
    const asked = JSON.stringify(request(repo, { mine: true }));
    const child = execa(process.execPath, ['--input-type=module', '-e', script, repo.path, asked], {
      env: repo.env,
      extendEnv: false,
      reject: false,
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    child.kill('SIGKILL');
    await child;
    const git = await repo.open();
    await git.addWorktree(request(repo, { mine: true }));
    expect(await sight(repo, path)).toEqual(clean);
    await repo.git(['worktree', 'remove', path]);
    await repo.git(['branch', '-D', 'swarm/task-1']);
  }
});

test('a record that a killed git has left half-written stops nothing, and one in the making is waited for', async () => {
  await using repo = await tempRepo();
  const git = await repo.open();
  await git.addWorktree(request(repo));
  const { path: other } = request(repo);
  const commondir = join(await repo.git(['rev-parse', '--absolute-git-dir'], other), 'commondir');
  await writeFile(commondir, '');
  setTimeout(() => void writeFile(commondir, '../..\n'), 300);
  expect((await git.listWorktrees()).length).toBe(2);
  await writeFile(commondir, '');
  const longAgo = Date.now() / 1000 - 60;
  await utimes(commondir, longAgo, longAgo);
  await git.addWorktree(request(repo, { path: repo.beside('worktrees/task 2'), branch: 'swarm/task-2' }));
  expect([await readFile(commondir, 'utf8'), (await git.listWorktrees()).length]).toEqual(['../..\n', 3]);
});

test('a lock left by a killed git is removed when no git is at work there, and waited for while one is', async () => {
  await using repo = await tempRepo();
  const git = await repo.open();
  const { path } = request(repo);
  await git.addWorktree(request(repo));
  const record = await repo.git(['rev-parse', '--absolute-git-dir'], path);
  const lock = join(record, 'index.lock');
  await repo.write('new.txt', 'x', path);
  // A git that stands in the worktree and waits for input.
  const other = execa('git', ['cat-file', '--batch'], { cwd: path, env: repo.env, extendEnv: false, reject: false });
  await waitFor('the other git', () => other.pid !== undefined);
  await writeFile(lock, '');
  expect(await codeOf(git.commitAll(path, 'work'))).toBe('git_locked');
  other.kill();
  await other;
  expect(await git.commitAll(path, 'work')).toEqual(await git.head(path));
});

test.each(['index.lock', 'HEAD.lock', 'the lock of its branch'])(
  'what a killed git has left as %s is out of the way once the worktree is found again',
  async (which) => {
    await using repo = await tempRepo();
    const git = await repo.open();
    const wanted = request(repo);
    await git.addWorktree(wanted);
    const record = await repo.git(['rev-parse', '--absolute-git-dir'], wanted.path);
    const branch = join(repo.path, '.git/refs/heads', `${wanted.branch}.lock`);
    const lock = which.startsWith('the') ? branch : join(record, which);
    await writeFile(lock, '');
    expect(await git.addWorktree({ ...wanted, mine: true })).toEqual({ created: false, carried: [] });
    await repo.write('new.txt', 'x', wanted.path);
    await repo.git(['add', '.'], wanted.path);
    await repo.git(['commit', '--quiet', '-m', 'as a session does'], wanted.path);
  },
);

test('sixteen at once all get their worktree', async () => {
  await using repo = await tempRepo();
  const git = await repo.open();
  const all = await Promise.all(
    Array.from({ length: 16 }, (_, i) =>
      git.addWorktree(request(repo, { path: repo.beside(`w ${i}`), branch: `swarm/t${i}` })),
    ),
  );
  expect([all.filter(({ created }) => created).length, (await git.listWorktrees()).length]).toEqual([16, 17]);
});

test('what a session planted in the configuration is not run', async () => {
  await using repo = await tempRepo();
  const planted = `#!/bin/sh\necho ran >> '${repo.beside('ran')}'\n`;
  for (const hook of [
    'post-checkout',
    'pre-commit',
    'commit-msg',
    'post-commit',
    'post-merge',
    'prepare-commit-msg',
    'reference-transaction',
    'post-index-change',
  ]) {
    await repo.write(`hooks/${hook}`, planted, repo.beside('.'));
    await execa('chmod', ['+x', repo.beside(`hooks/${hook}`)]);
  }
  await repo.git(['config', 'core.fsmonitor', `'${repo.beside('hooks/pre-commit')}'`]);
  await repo.git(['config', 'core.hooksPath', repo.beside('hooks')]);
  await repo.git(['config', 'commit.gpgSign', 'true']);
  await repo.git(['config', 'gpg.program', repo.beside('hooks/pre-commit')]);
  const git = await repo.open();
  const { path } = request(repo);
  await git.inspect();
  await git.addWorktree(request(repo));
  await repo.write('new.txt', 'x', path);
  const head = await git.commitAll(path, 'work');
  await git.inScratch('main', [], async () => {});
  const from = (await git.resolve('main')) ?? '';
  expect(await git.land('main', from, head ?? '')).toEqual({ kind: 'landed' });
  expect(await readFile(repo.beside('ran'), 'utf8').catch(() => 'not run')).toBe('not run');
  // The trap works: a plain git falls into it.
  await repo.git(['-c', 'core.hooksPath=', 'status']);
  expect(await readFile(repo.beside('ran'), 'utf8')).toContain('ran');
});

test('a branch may be called what a shell would run', async () => {
  await using repo = await tempRepo();
  const git = await repo.open();
  const names = ['a$(id)', 'b`id`', 'c\'d"e', 'f;g|h&i', 'ünï-🚀', '@x'];
  for (const [i, branch] of names.entries()) {
    await git.addWorktree(request(repo, { path: repo.beside(`w ${i}`), branch }));
  }
  expect((await git.listWorktrees()).slice(1).map(({ branch }) => branch)).toEqual(names);
});

test('a worktree that moved away is not confused with a vacant place', async () => {
  await using repo = await tempRepo();
  const git = await repo.open();
  const { path } = request(repo);
  await git.addWorktree(request(repo));
  await rename(path, repo.beside('moved'));
  expect((await git.addWorktree(request(repo, { mine: true }))).created).toBe(true);
  expect(await repo.read('a.txt', path)).toBe('one\n');
});
