import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type OpenOptions, openSwarm } from '../../../src/bridge/open.ts';
import { tempRepo } from '../git/tempRepo.ts';

/** The swarm of a repository, let go with `stack`. */
async function open(stack: DisposableStack, folder: string, own: NonNullable<OpenOptions['own']> = () => ({})) {
  return stack.adopt(await openSwarm({ folder, trusted: () => true, own }), (opened) => opened.dispose());
}

test('the scratch worktree of a landing lies beside the task worktrees, outside the git folder', async () => {
  await using repo = await tempRepo();
  using stack = new DisposableStack();
  const opened = await open(stack, repo.path);
  const seen = await opened.git.inScratch('main', [], async (folder) => folder);
  expect([
    seen.startsWith(`${repo.path}.worktrees/.scratch/`),
    await readdir(`${repo.path}.worktrees/.scratch`),
  ]).toEqual([true, []]);
});

test('it moves with the setting at once, also where that leads through a link', async () => {
  await using repo = await tempRepo();
  await mkdir(repo.beside('disk'));
  await symlink(repo.beside('disk'), repo.beside('link'));
  let place = repo.beside('here');
  using stack = new DisposableStack();
  const opened = await open(stack, repo.path, () => ({ 'worktrees.folder': place }));
  const look = () => opened.git.inScratch('main', [], async (folder) => dirname(dirname(dirname(folder))));
  const first = await look();
  place = repo.beside('link/trees');
  expect([first, await look(), (await opened.git.listWorktrees()).length]).toEqual([
    repo.beside('here'),
    repo.beside('disk/trees'),
    1,
  ]);
});

test('what a killed process left there is removed before the next check', async () => {
  await using repo = await tempRepo();
  const script = `
    import { openSwarm } from ${JSON.stringify(new URL('../../../src/bridge/open.ts', import.meta.url).href)};
    const { git } = await openSwarm({ folder: process.argv[1], trusted: () => true });
    await git.inScratch('main', [], async (folder) => { process.stdout.write(folder); await new Promise((done) => setTimeout(done, 60_000)); });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, repo.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [folder] = await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
  using stack = new DisposableStack();
  const opened = await open(stack, repo.path);
  const paths = async () => (await opened.git.listWorktrees()).map(({ path }) => path);
  const before = await paths();
  await opened.git.sweepScratch(async () => {});
  expect([before, await paths(), await readdir(join(`${repo.path}.worktrees`, '.scratch'))]).toEqual([
    [repo.path, String(folder)],
    [repo.path],
    [],
  ]);
});
