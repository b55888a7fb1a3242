import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/bridge/open.ts';
import type { TaskId } from '../../../src/core/model/ids.ts';
import type { Settings } from '../../../src/core/settings.ts';
import { defaultSettings } from '../../../src/core/settings.ts';
import type { NewTask } from '../../../src/core/store.ts';
import { linkedGitFolder } from '../../../src/git/gitFolder.ts';
import type { Repo } from '../../../src/git/open.ts';
import { openProcesses } from '../../../src/process/identity.ts';
import { openStore } from '../../../src/store/open.ts';
import type { OpenStore } from '../../../src/store/store.ts';
import { type Running, Stage } from '../store/stage.ts';
import { type TempRepo, tempRepo } from './tempRepo.ts';

/** A session at work on its task, in a worktree of a real repository. */
interface Place extends Running {
  readonly worktree: string;
  readonly branch: string;
}

/** A repository with a store, in which sessions may begin. */
export interface SessionGround extends AsyncDisposable {
  readonly repo: TempRepo;
  readonly git: Repo;
  readonly store: OpenStore;
  readonly stage: Stage;
  begin(over?: Partial<NewTask>, from?: string): Promise<Place>;
  /** What the flows of a session's git need of the world. */
  world(settings?: Partial<Settings>): {
    readonly store: OpenStore;
    readonly git: Repo;
    readonly clock: typeof systemClock;
    readonly random: typeof systemRandom;
    readonly processes: Awaited<ReturnType<typeof openProcesses>>;
    readonly settings: Settings;
  };
  /** Everything that a command which must change nothing could have changed in a worktree. */
  everything(worktree: string, files: readonly string[]): Promise<unknown>;
  /** The files between a task's base and its branch, as its review shows them. */
  review(task: TaskId): Promise<readonly string[]>;
}

export async function sessionGround(files?: Readonly<Record<string, string>>): Promise<SessionGround> {
  const repo = await tempRepo(files);
  const git = await repo.open();
  const store = await openStore({
    path: repo.beside('the store.db'),
    repo: { root: git.root, commonDir: git.commonDir },
  });
  const stage = new Stage(store);
  const processes = await openProcesses();
  return {
    repo,
    git,
    store,
    stage,
    async begin(over, from = 'main') {
      const id = await stage.one(over);
      const running = await stage.run(await stage.worker());
      const task = await stage.task(id);
      const base = (await git.resolve(from)) ?? '';
      const worktree = repo.beside(`work on ${id}`);
      await git.addWorktree({ path: worktree, branch: task.branch, base, mine: false, include: [] });
      await store.placed({ lease: running.lease, worktree, base, now: stage.at() });
      return { ...running, worktree, branch: task.branch };
    },
    world: (settings = {}) => ({
      store,
      git,
      clock: systemClock,
      random: systemRandom,
      processes,
      settings: { ...defaultSettings, ...settings },
    }),
    async everything(worktree, paths) {
      const gitDir = (await linkedGitFolder(worktree)) ?? '';
      const contents = paths.map((path) => readFile(join(worktree, path), 'latin1').catch(() => 'gone'));
      return [
        await repo.git(['for-each-ref', 'refs/heads']),
        await repo.git(['status', '--porcelain=v2', '--branch'], worktree),
        (await readFile(join(gitDir, 'index'))).toString('base64'),
        await Promise.all(contents),
      ];
    },
    async review(id) {
      const { base = '', branch } = await stage.task(id);
      return (await git.diff(base, branch)).map(({ path }) => path);
    },
    async [Symbol.asyncDispose]() {
      store.dispose();
      await repo[Symbol.asyncDispose]();
    },
  };
}
