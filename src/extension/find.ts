import type { Task } from '../core/model/task.ts';
import type { Worker } from '../core/model/worker.ts';
import { fileOfRow } from './model/changes.ts';
import type { Seen } from './model/seen.ts';
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
