import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { codeOf, task, tempRepo } from './tempRepo.ts';

test('a scratch worktree has the commit’s files and carried ones, and is gone afterwards', async () => {
  await using repo = await tempRepo({ '.gitignore': '.env\n', 'a.txt': 'one\n' });
  await repo.write('.env', 'SECRET');
  const git = await repo.open();
  const seen = await git.inScratch('main', ['.env'], async (folder) => {
    await repo.write('built.txt', 'x', folder);
    return [await repo.read('a.txt', folder), await repo.read('.env', folder)];
  });
  expect([seen, await readdir(join(repo.path, '.git/swarm/scratch')), (await git.listWorktrees()).length]).toEqual([
    ['one\n', 'SECRET'],
    [],
    1,
  ]);
});

test('it is gone also when the body fails or removes it itself', async () => {
  await using repo = await tempRepo();
  const git = await repo.open();
  const failing = git.inScratch('main', [], () => Promise.reject(new Error('red')));
  await expect(failing).rejects.toThrow('red');
  await git.inScratch('main', [], (folder) => execa('rm', ['-rf', join(folder, '.git')]));
  expect([await readdir(join(repo.path, '.git/swarm/scratch')), (await git.listWorktrees()).length]).toEqual([[], 1]);
});

test('what a killed process left is swept, and what a living one has is kept', async () => {
  await using repo = await tempRepo();
  const script = `
    import { openRepo } from ${JSON.stringify(new URL('../../../src/git/open.ts', import.meta.url).href)};
    const git = await openRepo(process.argv[1]);
    await git.inScratch('main', [], async (folder) => { process.stdout.write(folder); await new Promise((done) => setTimeout(done, 60_000)); });`;
  const start = async () => {
    const child = execa(process.execPath, ['--input-type=module', '-e', script, repo.path], {
      env: repo.env,
      extendEnv: false,
      reject: false,
    });
    const folder = String(await new Promise((resolve) => child.stdout.once('data', resolve)));
    return { child, folder };
  };
  const dead = await start();
  dead.child.kill('SIGKILL');
  await dead.child;
  const git = await repo.open();
  // Something may still run in it, so nothing else removes it.
  await repo.write('a.txt', 'edited\n');
  await git.snapshot(task, repo.path, 'edited');
  const alive = await start();
  const paths = async () => (await git.listWorktrees()).map(({ path }) => path);
  const before = await git.inScratch('main', [], paths);
  const swept: unknown[] = [];
  await git.sweepScratch(async (folder) => swept.push(folder, (await paths()).length));
  const after = await paths();
  alive.child.kill('SIGKILL');
  await alive.child;
  expect({ before: before.includes(dead.folder), swept, after: after.slice(1) }).toEqual({
    before: true,
    swept: [dirname(dead.folder), 3],
    after: [alive.folder],
  });
  await git.sweepScratch(async () => {});
  expect(await paths()).toEqual([repo.path]);
});

test('the folder for scratch worktrees can be chosen', async () => {
  await using repo = await tempRepo();
  const git = await repo.open({ scratchFolder: () => repo.beside('my scratch') });
  expect(await git.inScratch('main', [], async (folder) => folder.startsWith(repo.beside('my scratch')))).toBe(true);
});

test('a commit that does not exist is refused', async () => {
  await using repo = await tempRepo();
  expect(await codeOf((await repo.open()).inScratch('nowhere', [], async () => {}))).toBe('unknown_commit');
});
