import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Desk, desk } from '../../support/commandLine.ts';
import { filesOf, said } from '../../support/untouched.ts';

/** A place where no work can begin, made at a desk; returns the folder to stand in. */
type Place = (place: Desk) => Promise<string>;

const outside: Place = async ({ repo }) => {
  await mkdir(repo.beside('no repository'));
  return repo.beside('no repository');
};

async function clone({ repo }: Desk, name: string, ...options: readonly string[]): Promise<string> {
  await repo.git(['clone', '--quiet', ...options, `file://${repo.path}`, repo.beside(name)]);
  return repo.beside(name);
}

/** Two branches that changed the same line, and `how` they are brought together. */
async function diverged({ repo }: Desk, ...how: readonly string[]): Promise<string> {
  await repo.git(['checkout', '--quiet', '-b', 'other']);
  await repo.commit({ 'a.txt': 'theirs\n' });
  await repo.git(['checkout', '--quiet', 'main']);
  await repo.commit({ 'a.txt': 'ours\n' });
  await repo.git(how).catch(() => {});
  return repo.path;
}

const finishIt = 'Finish it or give it up, then try again.';
const refused: readonly (readonly [string, Place, code: number, message: readonly string[]])[] = [
  [
    'a folder in no repository',
    outside,
    1,
    [
      'swarm: …/no repository is not inside a git repository',
      'Open a folder inside a git repository, or run `git init` and make a first commit.',
    ],
  ],
  [
    'a bare repository',
    (place) => clone(place, 'bare one', '--bare'),
    1,
    [
      'swarm: …/bare one belongs to a bare repository, which has no files checked out',
      'Open a clone that has its files checked out.',
    ],
  ],
  [
    'a worktree of a bare repository',
    async (place) => {
      const bare = await clone(place, 'bare one', '--bare');
      await place.repo.git(['worktree', 'add', '--quiet', place.repo.beside('of bare'), 'main'], bare);
      return place.repo.beside('of bare');
    },
    1,
    [
      'swarm: …/of bare belongs to a bare repository, which has no files checked out',
      'Open a clone that has its files checked out.',
    ],
  ],
  [
    'the git folder itself',
    async ({ repo }) => join(repo.path, '.git'),
    1,
    [
      'swarm: …/my répo/.git is inside a git folder, where no files are checked out',
      'Go to the folder that has the files checked out.',
    ],
  ],
  [
    'a repository without a commit',
    async ({ repo }) => {
      await repo.git(['init', '--quiet', '-b', 'main', repo.beside('un born')]);
      return repo.beside('un born');
    },
    1,
    ['swarm: the repository has no commit yet', 'Make a first commit, then try again.'],
  ],
  [
    'a worktree whose repository is gone',
    async (place) => {
      const other = await clone(place, 'gone');
      await place.repo.git(['worktree', 'add', '--quiet', '-b', 'x', place.repo.beside('left over')], other);
      await rm(other, { recursive: true });
      return place.repo.beside('left over');
    },
    1,
    [
      'swarm: git rev-parse: not a git repository: …/gone/.git/worktrees/left-over',
      'Open a folder inside a git repository, or run `git init` and make a first commit.',
    ],
  ],
  [
    'a checkout with conflicts',
    (place) => diverged(place, 'merge', 'other'),
    1,
    ['swarm: …/my répo is in the middle of a merge', finishIt],
  ],
  [
    'a rebase that stopped',
    (place) => diverged(place, 'rebase', 'other'),
    1,
    ['swarm: …/my répo is in the middle of a rebase', finishIt],
  ],
  [
    'a cherry-pick that stopped',
    (place) => diverged(place, 'cherry-pick', 'other'),
    1,
    ['swarm: …/my répo is in the middle of a cherry-pick', finishIt],
  ],
  [
    'a detached HEAD',
    async ({ repo }) => {
      await repo.git(['checkout', '--quiet', '--detach']);
      return repo.path;
    },
    2,
    [
      'swarm: no branch is checked out in …/my répo (HEAD is detached)',
      'Name the branch to land on with --target, or check one out.',
    ],
  ],
];

test.each(refused)('%s is refused in words, and nothing changes', async (_, arrange, code, message) => {
  await using place = await desk();
  const folder = await arrange(place);
  const before = await filesOf(place);
  const answers = await Promise.all([
    place.swarm(['run', 'Write tea.txt'], { folder }),
    place.swarm(['task', 'add', 'Write tea.txt'], { folder }),
  ]);
  expect(answers.map((answer) => [answer.code, answer.stdout, said(place, answer.stderr)])).toEqual([
    [code, '', message],
    [code, '', message],
  ]);
  expect(await filesOf(place)).toEqual(before);
  // Where there is a repository, one may still look.
  if (!message[0]?.includes('repository')) {
    expect((await place.json(['task', 'list'], { folder })).json).toEqual({ tasks: [] });
  }
});

const allowed: readonly (readonly [string, Place, args: readonly string[], notes: readonly string[]])[] = [
  [
    'an unclean checkout',
    async ({ repo }) => {
      await repo.write('a.txt', 'changed\n');
      await repo.write('new one.txt', 'new\n');
      return repo.path;
    },
    [],
    ['There are uncommitted changes: new worktrees start from the last commit and do not have them.'],
  ],
  [
    'a shallow clone',
    async (place) => {
      await place.repo.commit({ 'b.txt': 'two\n' });
      return clone(place, 'shallow one', '--depth', '1');
    },
    [],
    ['The clone is shallow: branches that part before its oldest commit cannot be merged (`git fetch --unshallow`).'],
  ],
  [
    'a detached HEAD with a target',
    async ({ repo }) => {
      await repo.git(['checkout', '--quiet', '--detach']);
      return repo.path;
    },
    ['--target', 'main'],
    [],
  ],
  [
    'a subfolder',
    async ({ repo }) => {
      await repo.write('deep er/ünder/b.txt', 'two\n');
      await repo.commit({});
      return join(repo.path, 'deep er', 'ünder');
    },
    [],
    [],
  ],
  [
    'a worktree of the person’s own',
    async ({ repo }) => {
      await repo.git(['worktree', 'add', '--quiet', '-b', 'mine', repo.beside('my own')]);
      return repo.beside('my own');
    },
    [],
    [],
  ],
];

test.each(allowed)('%s is allowed, and what matters is said', async (name, arrange, args, notes) => {
  await using place = await desk();
  const folder = await arrange(place);
  const before = await filesOf(place);
  const added = await place.swarm(['task', 'add', 'Write tea.txt', ...args], { folder });
  expect([added.code, said(place, added.stderr)]).toEqual([0, notes]);
  expect(await filesOf(place)).toEqual(before);
  expect(await place.json(['task', 'list'], { folder })).toMatchObject({
    code: 0,
    json: { tasks: [{ title: 'Write tea.txt', state: 'queued', target: name.includes('own') ? 'mine' : 'main' }] },
  });
});

test('what is uncommitted stays where it is, and is not in the task’s worktree', async () => {
  const session = { prompt: 'Write tea.txt', files: { 'tea.txt': 'assam\n' }, commit: 'Add tea' };
  await using place = await desk({ sessions: [session] });
  await place.repo.write('a.txt', 'changed\n');
  await place.repo.write('new one.txt', 'new\n');
  const { json } = await place.json(['run', 'Write tea.txt']);
  const [task] = (json as { tasks: { worktree: string; branch: string }[] }).tasks;
  expect([
    await place.repo.git(['status', '--porcelain']),
    await readFile(join(task?.worktree ?? '', 'a.txt'), 'utf8'),
    await place.repo.git(['diff', '--stat', '--name-only', 'main', task?.branch ?? '']),
  ]).toEqual([' M a.txt\n?? "new one.txt"', 'one\n', 'tea.txt']);
});

test('two repositories side by side do not see each other, nor does one inside the other', async () => {
  await using place = await desk();
  const other = await clone(place, 'other one');
  const inner = join(place.repo.path, 'inner');
  await place.repo.git(['clone', '--quiet', place.repo.path, inner]);
  const titles: Record<string, string> = { [place.repo.path]: 'first', [other]: 'second', [inner]: 'third' };
  for (const [folder, title] of Object.entries(titles)) await place.swarm(['task', 'add', title], { folder });
  const seen = await Promise.all(
    Object.keys(titles).map(async (folder) => {
      const { json } = await place.json(['task', 'list'], { folder });
      return (json as { tasks: { title: string }[] }).tasks.map(({ title }) => title);
    }),
  );
  const stranger = await place.swarm(['task', 'show', 'first'], { folder: other });
  expect([seen, stranger.code, said(place, stranger.stderr)]).toEqual([
    [['first'], ['second'], ['third']],
    2,
    ['swarm: there is no task “first”', '`swarm task list` shows them all.'],
  ]);
});

test('inside a task’s worktree one may look, and what only the person may do is refused', async () => {
  const session = { prompt: 'Write tea.txt', files: { 'tea.txt': 'assam\n' }, commit: 'Add tea' };
  await using place = await desk({ sessions: [session] });
  const ran = await place.json(['run', 'Write tea.txt']);
  const [task] = (ran.json as { tasks: { worktree: string }[] }).tasks;
  const folder = task?.worktree ?? '';
  const before = await filesOf(place);
  const message = [
    'swarm: only the person may do this, and this folder is the worktree of “Write tea.txt”',
    'Run it in a terminal of your own, in …/my répo.',
  ];
  for (const args of [['run', 'x'], ['task', 'add', 'x'], ['up'], ['review', 'approve', 'tea'], ['merge'], ['setup']]) {
    const answer = await place.swarm(args, { folder });
    expect([args, answer.code, said(place, answer.stderr)]).toEqual([args, 1, message]);
  }
  const seen = await place.json(['status'], { folder });
  expect([await filesOf(place), seen.code, seen.json]).toEqual([
    before,
    0,
    expect.objectContaining({ tasks: [expect.objectContaining({ title: 'Write tea.txt', state: 'in_review' })] }),
  ]);
});

const names = ['it\'s "two"  words', 'ünï 東京 👩‍💻', '-dash', '{repo} $HOME `id`; [a] back\\slash'];

test.each(names)('a repository in a folder named %s works from the prompt to the merge', async (name) => {
  const session = { prompt: 'Write tea.txt', files: { 'tea.txt': 'assam\n' }, commit: 'Add tea' };
  await using place = await desk({ sessions: [session] });
  const folder = await clone(place, name);
  await writeFile(join(folder, 'swarm.yaml'), 'check:\n  command: test -f tea.txt\n');
  await place.repo.git(['config', 'user.name', 'Ada'], folder);
  await place.repo.git(['config', 'user.email', 'ada@example.com'], folder);
  await place.swarm(['setup', '--trust'], { folder });
  const ran = await place.json(['run', 'Write tea.txt', '--review', 'none', '--until', 'merged'], { folder });
  expect([ran.code, ran.json, await readFile(join(folder, 'tea.txt'), 'utf8')]).toEqual([
    0,
    expect.objectContaining({ tasks: [expect.objectContaining({ state: 'merged' })] }),
    'assam\n',
  ]);
});
