import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Task } from '../../../src/core/model/task.ts';
import type { CrashWorld } from './world.ts';
import { locksIn } from './world.ts';

/** What a worktree held at some moment: nothing of it may ever be lost. */
export interface Work {
  readonly head: string | undefined;
  /** Uncommitted and untracked files, with their content. */
  readonly files: Readonly<Record<string, string>>;
}

/** Looks at a task's worktree, in which a session may still be writing. */
export async function workOf({ repo }: CrashWorld, task: Task): Promise<Work> {
  const head = await repo.git(['rev-parse', '--verify', '--quiet', `refs/heads/${task.branch}`]).catch(() => undefined);
  const files: Record<string, string> = {};
  const names = task.worktree === undefined ? [] : await readdir(task.worktree).catch(() => []);
  for (const name of names) {
    if (name === '.git' || task.worktree === undefined) continue;
    files[name] = await readFile(join(task.worktree, name), 'utf8').catch(() => '');
  }
  return { head, files };
}

/** What is missing of `work` in the head of a task, in words. */
export async function lostOf({ repo }: CrashWorld, { head, files }: Work, task: Task): Promise<readonly string[]> {
  const lost: string[] = [];
  if (task.head === undefined) return [`${task.title} has no head`];
  if (head !== undefined) {
    const kept = await repo.git(['merge-base', '--is-ancestor', head, task.head]).then(
      () => true,
      () => false,
    );
    if (!kept) lost.push(`the commit ${head}`);
  }
  for (const [name, content] of Object.entries(files)) {
    const kept = await repo.git(['show', `${task.head}:${name}`]).catch(() => '');
    // Everything is only ever added to.
    if (!kept.startsWith(content.trimEnd())) lost.push(`${name}: ${JSON.stringify(content)} → ${JSON.stringify(kept)}`);
  }
  return lost;
}

/** What is wrong with the repository, the store and the machine once all is quiet, in words. */
export async function troubleIn(world: CrashWorld): Promise<readonly string[]> {
  const { repo, opened } = world;
  const trouble: string[] = [];
  const say = (what: string, found: readonly unknown[]) => {
    if (found.length > 0) trouble.push(`${what}: ${found.join(', ')}`);
  };
  const fsck = await repo
    .git(['fsck', '--strict', '--no-dangling', '--no-progress'])
    .catch((error: Error) => error.message);
  say('git fsck', fsck === '' ? [] : [fsck]);
  say('the store', await opened.store.check());
  say('locks', await locksIn(opened.repo.commonDir));
  say('still running', await world.living());
  const { tasks, workers } = await opened.store.overview();
  const worktrees = (await opened.git.listWorktrees()).slice(1).map(({ path }) => path);
  say(
    'worktrees that are no task’s',
    worktrees.filter((path) => !tasks.some((task) => task.worktree === path)),
  );
  for (const { worktree } of tasks) {
    if (worktree !== undefined && !worktrees.includes(worktree)) trouble.push(`the worktree ${worktree} is gone`);
  }
  say(
    'workers',
    // One whose start was cut off has no process; whoever leads for a while gives it up.
    workers
      .filter(({ state, process }) => !['stopped', 'lost'].includes(state) && (state !== 'starting' || process))
      .map(({ name, state }) => `${name} ${state}`),
  );
  for (const one of await world.witness()) {
    if (one.what === 'session' && one.others.length > 0) {
      trouble.push(`${one.pid} began in ${one.worktree} beside ${one.others.join(', ')}`);
    }
  }
  const mine = [await repo.read('mine.txt'), await repo.read('draft.txt')];
  if (mine.join('') !== 'edited by the person\nnot added by the person\n') trouble.push(`the person’s files: ${mine}`);
  const status = await repo.git(['status', '--porcelain']);
  if (status !== ' M mine.txt\n?? draft.txt') trouble.push(`the person’s checkout: ${status}`);
  return trouble;
}
