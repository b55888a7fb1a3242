import { Uri } from 'vscode';
import type { Claim } from '../core/model/claim.ts';
import type { Message } from '../core/model/message.ts';
import type { Task } from '../core/model/task.ts';
import type { Worker } from '../core/model/worker.ts';
import { fileOfRow } from './model/changes.ts';
import { claimsOfRow } from './model/claimsTree.ts';
import { messageOfRow } from './model/inboxTree.ts';
import type { Root } from './model/places.ts';
import { Places } from './model/places.ts';
import type { Seen } from './model/seen.ts';
import type { Holding } from './model/team.ts';
import type { Repositories } from './repositories.ts';
import type { Repository } from './repository.ts';

/** A task as it was last read, with where it was read. */
export interface FoundTask {
  readonly repository: Repository;
  readonly seen: Seen;
  readonly task: Task;
}

/** A worker as it was last read, with where it was read. */
export interface FoundWorker {
  readonly repository: Repository;
  readonly seen: Seen;
  readonly worker: Worker;
}

/** Every task of the window. */
export const allTasks = (repositories: Repositories): readonly FoundTask[] =>
  repositories.all.flatMap((repository) => {
    const seen = repository.feed.latest;
    return seen ? seen.overview.tasks.map((task) => ({ repository, seen, task })) : [];
  });

/** Every worker of the window. */
export const allWorkers = (repositories: Repositories): readonly FoundWorker[] =>
  repositories.all.flatMap((repository) => {
    const seen = repository.feed.latest;
    return seen ? seen.overview.workers.map((worker) => ({ repository, seen, worker })) : [];
  });

/** The task of that id, or the one that a changed file's row belongs to. */
export function findTask(repositories: Repositories, id: string | undefined): FoundTask | undefined {
  if (id === undefined) return undefined;
  const wanted = (fileOfRow(id)?.task ?? id) as Task['id'];
  for (const repository of repositories.all) {
    const seen = repository.feed.latest;
    const task = seen?.tasks.get(wanted);
    if (seen && task) return { repository, seen, task };
  }
  return undefined;
}

/** The worker of that id. */
export const findWorker = (repositories: Repositories, id: string | undefined): FoundWorker | undefined =>
  allWorkers(repositories).find(({ worker }) => worker.id === id);

/** What one row of the view of claims stands for, as it was last read. */
export interface FoundClaims {
  readonly repository: Repository;
  readonly seen: Seen;
  readonly holding: Holding;
  /** One of them; absent where all are meant. */
  readonly claim?: Claim;
  /** From which of them on. */
  readonly from: number;
}

/** The claims that a row names. */
export function findClaims(repositories: Repositories, id: string | undefined): FoundClaims | undefined {
  const named = id === undefined ? undefined : claimsOfRow(id);
  const repository = repositories.all.find((each) => each.id === named?.repo);
  const seen = repository?.feed.latest;
  const holding = named && seen?.team?.holdings.byHolder.get(named.holder);
  if (!named || !repository || !seen || !holding) return undefined;
  const claim = holding.claims.find((each) => each.id === named.claim);
  if (named.claim !== undefined && !claim) return undefined;
  return { repository, seen, holding, from: named.from, ...(claim ? { claim } : {}) };
}

/** A message as it was last read, with where it was read. */
export interface FoundMessage {
  readonly repository: Repository;
  readonly seen: Seen;
  readonly message: Message;
}

/** The message to you that a row names. */
export function findMessage(repositories: Repositories, id: string | undefined): FoundMessage | undefined {
  const named = id === undefined ? undefined : messageOfRow(id);
  const repository = repositories.all.find((each) => each.id === named?.repo);
  const seen = repository?.feed.latest;
  const message = seen?.team?.inbox.find((each) => each.id === named?.message);
  return repository && seen && message ? { repository, seen, message } : undefined;
}

/** Where the files of the window's repositories lie: their checkouts, the worktrees of tasks, and the ways that lead there. */
export function placesIn(repositories: Repositories): Places {
  return new Places(
    repositories.all.flatMap(({ id, open, way, feed }): readonly Root[] => {
      const root = (folder: string, prefix = ''): Root => ({ folder: Uri.file(folder).path, repo: id, prefix });
      const worktrees = (feed.latest?.overview.tasks ?? []).flatMap(({ worktree }) =>
        worktree === undefined ? [] : root(worktree),
      );
      const ways = way.inside.startsWith('..') ? [] : [root(way.folder, way.inside)];
      return [...ways, root(open.repo.root), ...worktrees];
    }),
  );
}
