import { Uri } from 'vscode';
import { UsageError } from '../../base/errors.ts';
import type { FoundTask } from '../find.ts';
import { findTask } from '../find.ts';
import { taskPage } from '../model/taskPage.ts';
import type { Repositories } from '../repositories.ts';
import { lastEvents } from '../views/lastEvents.ts';
import { words } from '../words.ts';
import type { LiveTexts } from './liveTexts.ts';

/** Everything that is known of a task, as Markdown. */
const pageScheme = 'swarm-task';

export const taskPageUri = ({ task }: FoundTask): Uri =>
  Uri.from({ scheme: pageScheme, path: `/${task.title.replaceAll('/', '∕')}.md`, query: task.id });

/** The pages of tasks. */
export const taskPages = (repositories: Repositories): LiveTexts => ({
  scheme: pageScheme,
  follows: false,
  onDidChange: (listener) => repositories.onDidSee(listener),
  read: async (uri) => {
    const found = findTask(repositories, uri.query);
    if (!found) throw new UsageError(words.t('There is no task {0} in this window.', uri.query));
    const { repository, seen, task } = found;
    const { store } = repository.open;
    return taskPage(seen, words, {
      task,
      attempts: await store.attempts(task.id),
      reviews: await store.reviews(task.id),
      entry: seen.entries.get(task.id),
      files:
        task.base !== undefined && task.head !== undefined ? await repository.files.between(task.base, task.head) : [],
      events: await lastEvents(repository, task.id, 50),
    });
  },
});
