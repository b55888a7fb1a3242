import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Desk, desk } from '../../support/commandLine.ts';
import { said } from '../../support/untouched.ts';

const tea = { prompt: 'Write tea.txt', files: { 'tea.txt': 'assam\n' }, commit: 'Add tea' };

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempt: number;
}

async function added(place: Desk, ...args: readonly string[]): Promise<string> {
  const { json } = await place.json(['task', 'add', 'Write tea.txt', ...args]);
  return (json as { tasks: { id: string }[] }).tasks[0]?.id ?? '';
}

async function worked(place: Desk): Promise<Shown | undefined> {
  await place.json(['up', '--until', 'idle']);
  const { json } = await place.json(['task', 'list']);
  return (json as { tasks: Shown[] }).tasks[0];
}

/** Refs and worktrees, as git tells them. */
const refs = async ({ repo }: Desk) => [await repo.git(['for-each-ref']), await repo.git(['worktree', 'list'])];

/** What stands in the way of a task, made before it starts; returns how it is taken away again. */
type Obstacle = (place: Desk, id: string) => Promise<() => Promise<unknown>>;

const pathOf = ({ repo }: Desk, id: string) => `${repo.path}.worktrees/write-tea-txt-${id}`;

const obstacles: readonly (readonly [string, Obstacle, reason: string])[] = [
  [
    'a branch of that name',
    async ({ repo }, id) => {
      await repo.git(['branch', `swarm/write-tea-txt-${id}`]);
      return () => repo.git(['branch', '-D', `swarm/write-tea-txt-${id}`]);
    },
    'there is a branch swarm/write-tea-txt-ID already, and it is not this task’s. Rename it, or name it in the task (`branch: …`) to go on with it.',
  ],
  [
    'a branch whose name is the beginning of it',
    async ({ repo }) => {
      await repo.git(['branch', 'swarm']);
      return () => repo.git(['branch', '-D', 'swarm']);
    },
    "git worktree add: cannot lock ref 'refs/heads/swarm/write-tea-txt-ID': 'refs/heads/swarm' exists; cannot create 'refs/heads/swarm/write-tea-txt-ID'. No branch can be named like the beginning of another one: rename that branch, or set branches.template.",
  ],
  [
    'a folder with files',
    async (place, id) => {
      await mkdir(pathOf(place, id), { recursive: true });
      await writeFile(join(pathOf(place, id), 'mine.txt'), 'mine\n');
      return async () => {
        // It was left alone.
        expect(await readFile(join(pathOf(place, id), 'mine.txt'), 'utf8')).toBe('mine\n');
        await rename(pathOf(place, id), place.repo.beside('moved'));
      };
    },
    '…/my répo.worktrees/write-tea-txt-ID exists already and is not the worktree of this task. Move it away or change worktrees.folder.',
  ],
  [
    'a worktree of somebody else',
    async (place, id) => {
      await place.repo.git(['worktree', 'add', '--quiet', '-b', 'theirs', pathOf(place, id)]);
      return () => place.repo.git(['worktree', 'remove', pathOf(place, id)]);
    },
    '…/my répo.worktrees/write-tea-txt-ID exists already and is not the worktree of this task. Move it away or change worktrees.folder.',
  ],
  [
    'a file where the worktrees belong',
    async ({ repo }) => {
      await writeFile(`${repo.path}.worktrees`, 'mine\n');
      return () => rm(`${repo.path}.worktrees`);
    },
    '…/my répo.worktrees exists already and is no folder. Move it away or change worktrees.folder.',
  ],
];

test.each(obstacles)(
  '%s makes the task fail in words and is left alone; once it is away, a retry goes on',
  async (_, obstacle, reason) => {
    await using place = await desk({ sessions: [tea] });
    const id = await added(place);
    const takeAway = await obstacle(place, id);
    const before = await refs(place);
    const failed = await worked(place);
    expect([failed?.state, said(place, (failed?.reason ?? '').replaceAll(id, 'ID')), await refs(place)]).toEqual([
      'failed',
      [reason],
      before,
    ]);
    // Without a place of its own no session begins, least of all in the checkout.
    expect([await place.claude.hasBegun(tea.prompt), await place.repo.git(['status', '--porcelain'])]).toEqual([
      false,
      '',
    ]);
    await takeAway();
    await place.swarm(['task', 'retry', id]);
    expect(await worked(place)).toMatchObject({ id, state: 'in_review', attempt: 2 });
  },
);

test('a named branch is gone on with, but not while somebody has it checked out', async () => {
  await using place = await desk({ sessions: [tea] });
  await place.repo.git(['worktree', 'add', '--quiet', '-b', 'mine', place.repo.beside('my own')]);
  const id = await added(place, '--branch', 'mine');
  const before = await refs(place);
  const failed = await worked(place);
  expect([failed?.state, said(place, failed?.reason ?? ''), await refs(place)]).toEqual([
    'failed',
    [
      'mine is checked out in …/my own. Switch that worktree to another branch, or run `git worktree prune` when its folder is gone.',
    ],
    before,
  ]);
  await place.repo.git(['worktree', 'remove', place.repo.beside('my own')]);
  await place.swarm(['task', 'retry', id]);
  expect(await worked(place)).toMatchObject({ id, state: 'in_review' });
});

test.each([
  ['the target itself', ['--branch', 'main'], 'task 1 cannot work on main itself, where it is to land'],
  ['no name for a branch', ['--branch', 'a..b'], 'task 1: “a..b” is no name for a branch'],
  ['an option', ['--branch', '-D'], 'task 1: “-D” is no name for a branch'],
  ['a target that is not there', ['--target', 'HEAD'], 'task 1: there is no branch “HEAD”'],
  ['a base that is not there', ['--base', 'v0'], 'task 1: there is no commit or branch “v0”'],
])('%s is refused before anything is queued', async (_, args, message) => {
  await using place = await desk();
  const before = await refs(place);
  const answer = await place.swarm(['task', 'add', 'Write tea.txt', ...args]);
  expect([
    answer.code,
    said(place, answer.stderr)[0],
    await refs(place),
    (await place.json(['task', 'list'])).json,
  ]).toEqual([2, `swarm: ${message}`, before, { tasks: [] }]);
});
