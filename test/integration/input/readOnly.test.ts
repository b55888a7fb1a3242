import { chmod, lchown, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type CallOptions, type Desk, type DeskOptions, desk } from '../../support/commandLine.ts';
import { filesOf, said } from '../../support/untouched.ts';

const tea = { prompt: 'Write tea.txt', files: { 'tea.txt': 'assam\n' }, commit: 'Add tea' };

/** To root nothing is read-only. */
const user = process.getuid?.() === 0 ? 65_534 : undefined;
const asUser: CallOptions = { user };

const within = async (folder: string): Promise<readonly string[]> => [
  folder,
  ...(await readdir(folder, { recursive: true })).map((entry) => join(folder, entry)),
];

/** A desk with all that belongs to it in the hands of a user who is not root. */
async function plainDesk(options?: DeskOptions): Promise<Desk> {
  const place = await desk(options);
  if (user !== undefined) for (const path of await within(dirname(place.repo.path))) await lchown(path, user, user);
  return place;
}

/** Takes the right to write away from these paths and gives it back afterwards. */
async function readOnly<T>(paths: readonly string[], body: () => Promise<T>): Promise<T> {
  const modes = await Promise.all(paths.map(async (path) => [path, (await stat(path)).mode] as const));
  for (const [path, mode] of modes) await chmod(path, mode & ~0o222);
  try {
    return await body();
  } finally {
    for (const [path, mode] of modes) await chmod(path, mode);
  }
}

test('in a repository that cannot be written nothing begins, and one may still look', async () => {
  await using place = await plainDesk();
  const before = await filesOf(place);
  await readOnly(await within(place.repo.path), async () => {
    for (const args of [
      ['run', 'Write tea.txt'],
      ['task', 'add', 'x'],
      ['up'],
      ['init'],
      ['config', 'workers.max', '3'],
    ]) {
      const answer = await place.swarm(args, asUser);
      expect([args, answer.code, said(place, answer.stderr)]).toEqual([
        args,
        1,
        [
          "swarm: …/my répo/.git/swarm/store.db cannot be written: EACCES: permission denied, mkdir '…/my répo/.git/swarm'",
          'Give yourself write permission on its folder, or work in a copy of the repository that you can write to.',
        ],
      ]);
    }
    expect(await place.swarm(['status'], asUser)).toEqual({ code: 0, stdout: '', stderr: 'no tasks\n' });
  });
  expect(await filesOf(place)).toEqual(before);
});

test('a store that cannot be written any more is said, and holds what it held', async () => {
  await using place = await plainDesk();
  await place.swarm(['task', 'add', 'Write tea.txt'], asUser);
  await readOnly(await within(join(place.repo.path, '.git/swarm')), async () => {
    const answer = await place.swarm(['task', 'add', 'x'], asUser);
    expect([answer.code, said(place, answer.stderr)]).toEqual([
      1,
      [
        expect.stringMatching(/^swarm: …\/my répo\/\.git\/swarm\/store\.db cannot be written: /),
        'Give yourself write permission on its folder, or work in a copy of the repository that you can write to.',
      ],
    ]);
  });
  expect(await place.json(['task', 'list'], asUser)).toMatchObject({ json: { tasks: [{ title: 'Write tea.txt' }] } });
});

const places: readonly (readonly [string, (place: Desk) => Promise<readonly string[]>, reason: string])[] = [
  [
    'where worktrees are made',
    async ({ repo }) => [dirname(repo.path)],
    "git worktree add: could not create leading directories of '…/my répo.worktrees/write-tea-txt-ID/.git': Permission denied. Check who may write to that folder.",
  ],
  [
    'where git keeps its branches',
    async ({ repo }) => within(join(repo.path, '.git/refs')),
    "git worktree add: cannot lock ref 'refs/heads/swarm/write-tea-txt-ID': unable to create directory for .git/refs/heads/swarm/write-tea-txt-ID. Check who may write to that folder.",
  ],
];

test.each(places)(
  'a folder that cannot be written %s makes the task fail in words and leaves nothing; a retry goes on',
  async (_, paths, reason) => {
    await using place = await plainDesk({ sessions: [tea] });
    const { json } = await place.json(['task', 'add', 'Write tea.txt'], asUser);
    const [{ id }] = (json as { tasks: [{ id: string }] }).tasks;
    const before = await filesOf(place);
    const worked = async () => {
      await place.swarm(['up', '--until', 'idle'], asUser);
      const { json: list } = await place.json(['task', 'list'], asUser);
      return (list as { tasks: { state: string; reason: string | null }[] }).tasks[0];
    };
    const failed = await readOnly(await paths(place), worked);
    expect([failed?.state, said(place, (failed?.reason ?? '').replaceAll(id, 'ID')), await filesOf(place)]).toEqual([
      'failed',
      [reason],
      before,
    ]);
    await place.swarm(['task', 'retry', id], asUser);
    expect(await worked()).toMatchObject({ id, state: 'in_review' });
  },
);

test('a person’s own folder that cannot be written is said', async () => {
  await using place = await plainDesk({ trusted: false });
  const own = join(place.home, 'swarm');
  await mkdir(own, { recursive: true });
  const before = await filesOf(place);
  const answers = await readOnly([own, place.home], async () => [
    await place.swarm(['setup', '--trust'], asUser),
    await place.swarm(['config', '--global', 'workers.max', '3'], asUser),
  ]);
  expect([answers.map(({ code, stderr }) => [code, said(place, stderr)[0]]), await filesOf(place)]).toEqual([
    [
      [1, 'swarm: …/my home/swarm/trusted.json cannot be written'],
      [1, 'swarm: …/my home/swarm/config.yaml cannot be written'],
    ],
    before,
  ]);
});
