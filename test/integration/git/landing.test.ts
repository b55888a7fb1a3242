import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { openRepo } from '../../../src/git/open.ts';
import { endTree } from '../../../src/process/tree.ts';
import { waitFor } from '../../support/waitFor.ts';
import { codeOf, gitThatFirst, type TempRepo, tempRepo } from './tempRepo.ts';

/** `main` on `from`, and a commit `to` after it that changes `a.txt` and adds `new.txt`. */
async function ready(): Promise<{ repo: TempRepo; from: string; to: string } & AsyncDisposable> {
  const repo = await tempRepo({ 'a.txt': 'one\n', 'b.txt': 'two\n' });
  const from = await repo.git(['rev-parse', 'HEAD']);
  await repo.git(['checkout', '--quiet', '-b', 'work']);
  const to = await repo.commit({ 'a.txt': 'landed\n', 'new.txt': 'x' });
  await repo.git(['checkout', '--quiet', 'main']);
  return { repo, from, to, [Symbol.asyncDispose]: () => repo[Symbol.asyncDispose]() };
}

/** The branches, what is checked out and how its files differ. */
async function sight(repo: TempRepo, folder = repo.path) {
  return {
    main: await repo.git(['rev-parse', 'main']),
    head: await repo.git(['symbolic-ref', '--short', 'HEAD'], folder).catch(() => 'detached'),
    status: await repo.git(['status', '--porcelain'], folder),
  };
}

test('a target that is checked out moves with its files', async () => {
  await using it = await ready();
  const git = await it.repo.open();
  const landed = await git.land('main', it.from, it.to);
  const again = await git.land('main', it.from, it.to);
  expect([landed, again, await sight(it.repo), await it.repo.read('a.txt')]).toEqual([
    { kind: 'landed' },
    { kind: 'landed' },
    { main: it.to, head: 'main', status: '' },
    'landed\n',
  ]);
});

test('a target that is checked out nowhere moves alone', async () => {
  await using it = await ready();
  await it.repo.git(['checkout', '--quiet', '-b', 'else', 'main']);
  await it.repo.write('a.txt', 'edited\n');
  const git = await it.repo.open();
  expect([await git.land('main', it.from, it.to), await sight(it.repo)]).toEqual([
    { kind: 'landed' },
    { main: it.to, head: 'else', status: ' M a.txt' },
  ]);
});

test('a target in another worktree moves there', async () => {
  await using it = await ready();
  await it.repo.git(['checkout', '--quiet', '--detach']);
  await it.repo.git(['worktree', 'add', '--quiet', it.repo.beside('w 1'), 'main']);
  const git = await it.repo.open();
  expect([
    await git.land('main', it.from, it.to),
    await sight(it.repo, it.repo.beside('w 1')),
    await it.repo.git(['rev-parse', 'HEAD']),
  ]).toEqual([{ kind: 'landed' }, { main: it.to, head: 'main', status: '' }, it.from]);
});

test('a worktree whose folder is gone does not stand in the way', async () => {
  await using it = await ready();
  await it.repo.git(['checkout', '--quiet', '--detach']);
  await it.repo.git(['worktree', 'add', '--quiet', it.repo.beside('w 1'), 'main']);
  await rm(it.repo.beside('w 1'), { recursive: true });
  const git = await it.repo.open();
  expect([await git.land('main', it.from, it.to), await it.repo.git(['rev-parse', 'main'])]).toEqual([
    { kind: 'landed' },
    it.to,
  ]);
});

test('edits to other files are kept, staged and unstaged', async () => {
  await using it = await ready();
  await it.repo.write('b.txt', 'edited\n');
  await it.repo.write('staged.txt', 'x');
  await it.repo.git(['add', 'staged.txt']);
  await it.repo.write('untracked.txt', 'x');
  const git = await it.repo.open();
  expect([await git.land('main', it.from, it.to), await sight(it.repo)]).toEqual([
    { kind: 'landed' },
    { main: it.to, head: 'main', status: ' M b.txt\nA  staged.txt\n?? untracked.txt' },
  ]);
});

const obstacles: readonly (readonly [string, string, (repo: TempRepo) => Promise<unknown>])[] = [
  [
    'an edit to the same file',
    'Your local changes to the following files would be overwritten by merge: a.txt',
    (repo) => repo.write('a.txt', 'edited\n'),
  ],
  [
    'a staged edit to the same file',
    'a.txt',
    async (repo) => {
      await repo.write('a.txt', 'edited\n');
      await repo.git(['add', 'a.txt']);
    },
  ],
  [
    'an untracked file of that name',
    'untracked working tree files would be overwritten by merge: new.txt',
    (repo) => repo.write('new.txt', 'mine'),
  ],
  [
    'a merge in progress',
    'You have not concluded your merge',
    async (repo) => {
      await repo.git(['branch', 'side']);
      await repo.git(['checkout', '--quiet', 'side']);
      await repo.commit({ 's.txt': 'x' });
      await repo.git(['checkout', '--quiet', 'main']);
      await repo.git(['merge', '--no-ff', '--no-commit', '--quiet', 'side']);
    },
  ],
];

test.each(obstacles)('%s refuses the landing, and nothing is touched', async (_, reason, prepare) => {
  await using it = await ready();
  await prepare(it.repo);
  const index = await readFile(join(it.repo.path, '.git/index'));
  const before = await sight(it.repo);
  const git = await it.repo.open();
  expect([await git.land('main', it.from, it.to), await sight(it.repo)]).toEqual([
    { kind: 'refused', reason: expect.stringContaining(reason) },
    before,
  ]);
  expect((await readFile(join(it.repo.path, '.git/index'))).equals(index)).toBe(true);
});

test('a lock refuses the landing as long as the program lives that has made it, whatever it is', async () => {
  await using it = await ready();
  const lock = join(it.repo.path, '.git/index.lock');
  const git = await it.repo.open();
  const before = await sight(it.repo);
  const other = execa('bash', ['-c', 'exec 3>"$1"; sleep 60', 'another program', lock], { reject: false });
  try {
    await waitFor('the lock', () => readFile(lock));
    expect([await git.land('main', it.from, it.to), await sight(it.repo)]).toEqual([
      { kind: 'refused', reason: expect.stringContaining('index.lock') },
      before,
    ]);
  } finally {
    await endTree(other.pid ?? 0, 0);
  }
  expect(await git.land('main', it.from, it.to)).toEqual({ kind: 'landed' });
});

/** A landing whose git is killed when it has written some of the files, but neither index nor branch. */
async function killedLanding(files: Readonly<Record<string, string>> = {}) {
  const repo = await tempRepo({ 'a.txt': 'one\n', 'b.txt': 'two\n', 'z.txt': 'last\n', ...files });
  await repo.write('.git/info/attributes', 'm.txt filter=deadly\n');
  await repo.git(['config', 'filter.deadly.clean', 'cat']);
  const from = await repo.git(['rev-parse', 'HEAD']);
  await repo.git(['checkout', '--quiet', '-b', 'work']);
  const to = await repo.commit({ 'a.txt': 'landed\n', 'c/new.txt': 'x\n', 'm.txt': 'm\n', 'z.txt': 'landed last\n' });
  await repo.git(['checkout', '--quiet', 'main']);
  await repo.git(['config', 'filter.deadly.smudge', 'sh -c "kill -9 $PPID"']);
  const git = await repo.open();
  const first = await codeOf(git.land('main', from, to));
  await repo.git(['config', 'filter.deadly.smudge', 'cat']);
  return { repo, git, from, to, first, [Symbol.asyncDispose]: () => repo[Symbol.asyncDispose]() };
}

test('a fast-forward whose git was killed half-way is completed the next time', async () => {
  await using it = await killedLanding();
  const half = await it.repo.git(['status', '--porcelain']).catch((error: Error) => error.message);
  await it.repo.write('b.txt', 'edited by the person\n');
  const landed = await it.git.land('main', it.from, it.to);
  expect({ first: it.first, half, landed, ...(await sight(it.repo)) }).toEqual({
    first: 'git_failed',
    half: ' M a.txt\n?? c/',
    landed: { kind: 'landed' },
    main: it.to,
    head: 'main',
    status: ' M b.txt',
  });
});

test('what the person has edited since is not taken for a half-done fast-forward', async () => {
  await using it = await killedLanding();
  await it.repo.write('z.txt', 'edited by the person\n');
  const answer = await it.git.land('main', it.from, it.to);
  expect({ answer, ...(await sight(it.repo)) }).toEqual({
    answer: { kind: 'refused', reason: expect.stringContaining('would be overwritten') },
    main: it.from,
    head: 'main',
    status: ' M a.txt\n M z.txt\n?? c/',
  });
});

test('a target that is being rebased is left alone', async () => {
  await using it = await ready();
  await it.repo.git(['checkout', '--quiet', '-b', 'upstream']);
  await it.repo.commit({ 'b.txt': 'theirs\n' });
  await it.repo.git(['checkout', '--quiet', 'main']);
  const mine = await it.repo.commit({ 'b.txt': 'mine\n' });
  await it.repo.git(['rebase', 'upstream']).catch(() => {});
  await it.repo.git(['worktree', 'add', '--quiet', '--detach', it.repo.beside('w 1'), mine]);
  const to = await it.repo.commit({ 'c.txt': 'x' }, it.repo.beside('w 1'));
  const git = await it.repo.open();
  expect([await git.land('main', mine, to), await it.repo.git(['rev-parse', 'main'])]).toEqual([
    { kind: 'refused', reason: `main is being rebased in ${it.repo.path}` },
    mine,
  ]);
});

test('a target that moved is told, and one that would lose commits is an error', async () => {
  await using it = await ready();
  const later = await it.repo.commit({ 'other.txt': 'x' });
  const git = await it.repo.open();
  expect([
    await git.land('main', it.from, it.to),
    await codeOf(git.land('main', later, it.to)),
    await git.land('none', it.from, it.to),
    (await sight(it.repo)).main,
  ]).toEqual([{ kind: 'moved' }, 'not_a_fast_forward', { kind: 'moved' }, later]);
});

/** What a person does at the very moment in which git is called with `words`. */
const interrupted = (repo: TempRepo, words: string, action: string) =>
  gitThatFirst(repo, words, `( cd '${repo.path}' && ${action} ) >/dev/null 2>&1`);

const ff = 'merge --ff-only';
const moments: readonly (readonly [
  string,
  string,
  string,
  { kind: string },
  (it: { from: string; to: string }) => object,
])[] = [
  [
    'switches to a new branch',
    ff,
    '"$real" switch -c feature',
    { kind: 'landed' },
    ({ to }) => ({ main: to, head: 'feature', status: ' M b.txt' }),
  ],
  [
    'switches to a branch elsewhere',
    ff,
    '"$real" switch side',
    { kind: 'landed' },
    ({ to }) => ({ main: to, head: 'side', status: ' M b.txt' }),
  ],
  [
    'detaches HEAD',
    ff,
    '"$real" checkout --detach',
    { kind: 'landed' },
    ({ to }) => ({ main: to, head: 'detached', status: ' M b.txt' }),
  ],
  [
    'commits',
    ff,
    '"$real" commit -am mine',
    { kind: 'moved' },
    () => ({ main: expect.any(String), head: 'main', status: '' }),
  ],
];

test.each(moments)(
  'a person who %s at the moment of landing keeps the edits, and no wrong branch moves',
  async (_, words, action, answer, after) => {
    await using it = await ready();
    await it.repo.git(['branch', 'side']);
    await it.repo.git(['checkout', '--quiet', 'side']);
    await it.repo.commit({ 'side.txt': 'x' });
    await it.repo.git(['checkout', '--quiet', 'main']);
    const side = await it.repo.git(['rev-parse', 'side']);
    await it.repo.write('b.txt', 'edited\n');
    const git = await openRepo(it.repo.path, { env: await interrupted(it.repo, words, action) });
    expect([await git.land('main', it.from, it.to), await sight(it.repo)]).toEqual([answer, after(it)]);
    expect([
      await it.repo.git(['rev-parse', 'side']),
      await it.repo.git(['rev-parse', '--verify', '--quiet', 'feature']).catch(() => it.from),
      await it.repo.git(['cat-file', '-e', 'HEAD:new.txt']).catch(() => 'not landed here'),
      await it.repo.read('b.txt'),
    ]).toEqual([side, it.from, 'not landed here', 'edited\n']);
  },
);

test('a person who switches to the very branch that lands keeps it', async () => {
  await using it = await ready();
  const git = await openRepo(it.repo.path, { env: await interrupted(it.repo, ff, '"$real" switch work') });
  expect([
    await git.land('main', it.from, it.to),
    await sight(it.repo),
    await it.repo.git(['rev-parse', 'work']),
  ]).toEqual([{ kind: 'landed' }, { main: it.to, head: 'work', status: '' }, it.to]);
});

test('a person who checks the target out at the moment of landing gets its files', async () => {
  await using it = await ready();
  await it.repo.git(['checkout', '--quiet', '--detach']);
  await it.repo.write('b.txt', 'edited\n');
  const git = await openRepo(it.repo.path, { env: await interrupted(it.repo, 'update-ref', '"$real" switch main') });
  expect([await git.land('main', it.from, it.to), await sight(it.repo), await it.repo.read('a.txt')]).toEqual([
    { kind: 'landed' },
    { main: it.to, head: 'main', status: ' M b.txt' },
    'landed\n',
  ]);
});

test('when that checkout has edits in the way the landing is taken back', async () => {
  await using it = await ready();
  await it.repo.git(['checkout', '--quiet', '--detach']);
  await it.repo.write('a.txt', 'edited\n');
  const git = await openRepo(it.repo.path, { env: await interrupted(it.repo, 'update-ref', '"$real" switch main') });
  expect([await git.land('main', it.from, it.to), await sight(it.repo), await it.repo.read('a.txt')]).toEqual([
    { kind: 'refused', reason: expect.stringContaining('a.txt') },
    { main: it.from, head: 'main', status: ' M a.txt' },
    'edited\n',
  ]);
});

test('of sixteen that land at once exactly one wins', async () => {
  await using it = await ready();
  await it.repo.git(['checkout', '--quiet', '--detach']);
  const git = await it.repo.open();
  const rivals = await Promise.all(
    Array.from({ length: 16 }, (_, i) =>
      it.repo.git(['commit-tree', `${it.to}^{tree}`, '-p', it.from, '-m', `rival ${i}`]),
    ),
  );
  const answers = await Promise.all(rivals.map((rival) => git.land('main', it.from, rival)));
  const winner = rivals[answers.findIndex(({ kind }) => kind === 'landed')];
  expect([
    answers.filter(({ kind }) => kind === 'landed').length,
    answers.filter(({ kind }) => kind === 'moved').length,
    await git.resolve('main'),
  ]).toEqual([1, 15, winner]);
});
