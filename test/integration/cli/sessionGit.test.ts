import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRepo } from '../../../src/git/open.ts';
import { openStore } from '../../../src/store/open.ts';
import { type Desk, desk } from '../../support/commandLine.ts';
import { Stage } from '../store/stage.ts';

/** A task at work in a worktree of the repository, as a worker would have made it. */
async function atWork({ repo }: Desk) {
  const commonDir = join(repo.path, '.git');
  await mkdir(join(commonDir, 'swarm'), { recursive: true });
  const store = await openStore({ path: join(commonDir, 'swarm/store.db'), repo: { root: repo.path, commonDir } });
  const stage = new Stage(store);
  const task = await stage.one();
  // A number that no process has: whoever clears up after a failed test ends what is recorded.
  const process = { machine: 'here', pid: 2 ** 30, startTime: 'never' };
  stage.process = () => process;
  const worker = await stage.worker();
  const { lease } = await stage.run(worker);
  const { branch } = await stage.task(task);
  const worktree = repo.beside(`work on ${task}`);
  const git = await openRepo(repo.path, { env: repo.env });
  await git.addWorktree({ path: worktree, branch, base: 'main', mine: false, include: [] });
  const base = await repo.git(['rev-parse', 'main']);
  await store.placed({ lease, worktree, base, now: stage.at() });
  return {
    store,
    stage,
    task,
    branch,
    worktree,
    async [Symbol.asyncDispose]() {
      await store.workerStopped({ worker, reason: 'done', now: stage.at() });
      store.dispose();
    },
  };
}

test('in its worktree a session commits, takes in what landed, and is refused to push', async () => {
  await using place = await desk({ files: { 'a.txt': 'one\n', 'deep/b.txt': 'b\n' } });
  const { repo } = place;
  await using at = await atWork(place);
  const { worktree, branch, task } = at;
  const folder = join(worktree, 'deep');
  await repo.write('deep/b.txt', 'changed\n', worktree);
  await repo.write('a.txt', 'ours\n', worktree);
  const head = () => repo.git(['rev-parse', branch]);
  const first = await place.json(['commit', '-', 'b.txt'], { folder, input: 'Change b\n\nBecause.\n' });
  expect(first).toEqual({
    code: 0,
    json: { task, commit: await head(), subject: 'Change b', files: ['deep/b.txt'], outside: [] },
  });
  expect((await place.swarm(['commit', 'Change a'], { folder })).stdout).toBe(
    `${(await head()).slice(0, 10)} Change a\n`,
  );
  expect(await place.json(['commit', 'Elsewhere', '../../x'], { folder })).toMatchObject({
    code: 2,
    json: { error: { code: 'usage', message: expect.stringContaining('../../x is not inside') } },
  });

  await repo.commit({ 'c.txt': 'c\n' });
  expect(await place.json(['pull'], { folder })).toEqual({
    code: 0,
    json: { task, result: 'merged', head: await head(), warnings: [] },
  });
  await repo.commit({ 'a.txt': 'theirs\n' });
  const before = await head();
  const conflict = await place.swarm(['pull'], { folder });
  expect(conflict).toMatchObject({ code: 1, stderr: 'in conflict, nothing was merged: a.txt\n' });
  expect(conflict.stdout).toMatch(/a\.txt:1\n<<<<<<< .*\nours\n=======\ntheirs\n/s);
  expect(await head()).toBe(before);

  expect(await place.json(['push'], { folder })).toMatchObject({
    code: 1,
    json: { error: { code: 'push_not_allowed' } },
  });
  const remote = repo.beside('remote.git');
  await repo.git(['init', '--quiet', '--bare', remote]);
  await repo.git(['remote', 'add', 'origin', remote]);
  await place.swarm(['config', '--global', 'git.allowPush', 'true']);
  expect(await place.json(['push'], { folder })).toEqual({
    code: 0,
    json: { task, result: 'pushed', remote: 'origin', branch, commit: before },
  });
  expect(await repo.git(['for-each-ref', '--format=%(refname)'], remote)).toBe(`refs/heads/${branch}`);
});

test('the person and guests have git itself', async () => {
  await using place = await desk();
  await using _at = await atWork(place);
  const calls = [['commit', 'x'], ['pull'], ['push'], ['push', '--worker', 'Mona']];
  expect(await Promise.all(calls.map((args) => place.json(args)))).toMatchObject(
    calls.map(([verb]) => ({
      code: 2,
      json: { error: { code: 'usage', message: `\`swarm ${verb}\` is for the session of a task, in its worktree` } },
    })),
  );
});

test('what a task may change is said when it is queued, kept with it and shown', async () => {
  await using place = await desk({ files: { 'src/a.ts': 'a\n' } });
  const args = ['task', 'add', 'Do it', '--path', 'src', '--path', 'docs/*.md', '--forbid', 'src/b.ts'];
  const { json } = await place.json(args);
  const [{ id } = { id: '' }] = (json as { tasks: { id: string }[] }).tasks;
  expect((await place.json(['task', 'show', id])).json).toMatchObject({
    task: { options: { paths: ['src/', 'docs/*.md'], forbidden: ['src/b.ts'] } },
  });
  expect((await place.swarm(['task', 'show', id])).stdout).toMatch(
    /^paths +src\/, docs\/\*\.md\nforbidden +src\/b\.ts$/m,
  );
  expect(await place.json(['task', 'add', 'Do it', '--path', '../x'])).toMatchObject({
    code: 2,
    json: { error: { message: 'task 1: "../x" is not inside the repository' } },
  });
});

test('a reviewer sees what somebody else holds, and so does who looks before landing', async () => {
  await using place = await desk({ files: { 'a.txt': 'one\n' } });
  const { repo } = place;
  await using at = await atWork(place);
  const { stage, task, worktree } = at;
  const head = await repo.commit({ 'a.txt': 'ours\n' }, worktree);
  await place.swarm(['claim', 'a.txt']);
  const { lease, base = '' } = (await stage.task(task)) as { lease: Parameters<Stage['finish']>[0]; base?: string };
  await stage.finish(lease, { kind: 'in_review', base, head });
  expect((await place.json(['review', 'show', task])).json).toMatchObject({
    warnings: ['changes a.txt, claimed by the person, until it is released'],
  });
  await stage.decide(task, { kind: 'approve' }, { head });
  const reason = 'a.txt is claimed by the person, until it is released. Release it: `swarm unclaim a.txt`.';
  expect(await place.json(['merge', '--dry-run'])).toEqual({
    code: 1,
    json: { merges: [{ task, target: 'main', result: 'held_back', files: null, reason }] },
  });
  expect(await place.json(['merge'])).toMatchObject({
    code: 1,
    json: { merges: [{ task, state: 'refused', reason }] },
  });
});
