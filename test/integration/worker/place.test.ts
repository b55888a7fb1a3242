import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { placeTask } from '../../../src/core/flow/place.ts';
import type { TaskId } from '../../../src/core/model/ids.ts';
import type { Task } from '../../../src/core/model/task.ts';
import { defaultSettings } from '../../../src/core/settings.ts';
import { task } from '../../unit/core/builders.ts';
import { tempRepo } from '../git/tempRepo.ts';

test('a task whose dependencies conflict can be retried once they are merged, and starts from what they made', async () => {
  await using repo = await tempRepo({ 'a.txt': 'one\n' });
  const git = await repo.open();
  const handedOver = async (id: string, content: string) => {
    await repo.git(['switch', '--quiet', '-c', id, 'main']);
    const head = await repo.commit({ 'a.txt': content, [`${id}.txt`]: 'new\n' });
    await repo.git(['switch', '--quiet', 'main']);
    return task({ id: id as TaskId, branch: id, state: 'in_review', base: 'main', head });
  };
  const before = [await handedOver('t1', 'left\n'), await handedOver('t2', 'right\n')];
  const stacked = task({ id: 't3' as TaskId, branch: 'stacked', after: before.map(({ id }) => id) });
  let kept: Task = stacked;
  const place = () =>
    placeTask(
      {
        git,
        settings: defaultSettings,
        worktrees: repo.beside('my worktrees'),
        begun: false,
        task: async (id) => before.find((each) => each.id === id),
      },
      kept,
      async (worktree, base) => {
        kept = { ...kept, worktree, base };
      },
    );

  await expect(place()).rejects.toMatchObject({ code: 'dependencies_conflict' });
  expect([await git.resolve('refs/heads/stacked'), existsSync(repo.beside('my worktrees'))]).toEqual([
    undefined,
    false,
  ]);

  await repo.git(['merge', '--quiet', 't1']);
  await repo.git(['merge', '--quiet', '-X', 'theirs', 't2']);
  const { worktree, base } = await place();
  expect({
    base,
    head: await git.head(worktree),
    changes: await git.changes(worktree),
    content: await repo.read('a.txt', worktree),
  }).toEqual({ base: await git.resolve('main'), head: await git.resolve('main'), changes: [], content: 'right\n' });
});

test('a task that comes after several unmerged ones starts from all of them and the newest state of its target', async () => {
  await using repo = await tempRepo({ 'a.txt': 'one\n' });
  const git = await repo.open();
  const before: Task[] = [];
  for (const id of ['t1', 't2'] as TaskId[]) {
    await repo.git(['switch', '--quiet', '-c', id, 'main']);
    const head = await repo.commit({ [`${id}.txt`]: 'new\n' });
    await repo.git(['switch', '--quiet', 'main']);
    before.push(task({ id, branch: id, state: 'in_review', base: 'main', head }));
  }
  await repo.commit({ 'later.txt': 'on main\n' });
  const { worktree, base } = await placeTask(
    {
      git,
      settings: defaultSettings,
      worktrees: repo.beside('my worktrees'),
      begun: false,
      task: async (id) => before.find((each) => each.id === id),
    },
    task({ id: 't3' as TaskId, branch: 'stacked', after: before.map(({ id }) => id) }),
    async () => {},
  );
  expect([base === (await git.head(worktree)), await repo.git(['ls-files'], worktree)]).toEqual([
    true,
    'a.txt\nlater.txt\nt1.txt\nt2.txt',
  ]);
});
