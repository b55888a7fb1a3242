import { type QuickPickItem, ThemeIcon, window } from 'vscode';
import type { Face } from '../face.ts';
import type { FoundTask, FoundWorker } from '../find.ts';
import { allTasks, allWorkers, findTask, findWorker } from '../find.ts';
import { stateWord, taskContext, taskDescription, taskIcon } from '../model/taskState.ts';
import { workerDescription } from '../model/workersTree.ts';
import { words } from '../words.ts';

/** Which tasks a command is for: a word of their context, and what to say when there is none. */
export interface Eligible {
  readonly word: string;
  /** The title of the choice. */
  readonly title: string;
  /** There is nothing to choose from. */
  readonly none: string;
}

const has = (context: string, word: string): boolean => context.split(' ').includes(word);

/**
 * The task that a command is about: the one it was called on, else the one whose review is in front, else one that the
 * person chooses. Undefined: nothing chosen, or told why nothing can be.
 */
export async function taskFor(face: Face, id: string | undefined, eligible: Eligible): Promise<FoundTask | undefined> {
  const { repositories, reviews, tell } = face;
  const named = findTask(repositories, id ?? reviews.active?.task);
  if (named && (id !== undefined || has(taskContext(named.seen, named.task), eligible.word))) return named;
  if (id !== undefined) {
    tell.refusal(words.t('there is no such task in this window'));
    return undefined;
  }
  const found = allTasks(repositories).filter(({ seen, task }) => has(taskContext(seen, task), eligible.word));
  if (found.length === 0) {
    tell.refusal(eligible.none);
    return undefined;
  }
  const items = found.map(taskItem);
  const chosen = await window.showQuickPick(items, { title: eligible.title, matchOnDescription: true });
  return chosen?.found;
}

/** A task as a choice. */
const taskItem = (found: FoundTask): QuickPickItem & { readonly found: FoundTask } => ({
  label: found.task.title,
  description: [stateWord(words, found.task), taskDescription(found.seen, words, found.task)]
    .filter(Boolean)
    .join(' · '),
  iconPath: new ThemeIcon(taskIcon(found.seen, found.task).name.replace('~spin', '')),
  found,
});

/** The worker that a command is about: the one it was called on, else one that the person chooses. */
export async function workerFor(face: Face, id: string | undefined, title: string): Promise<FoundWorker | undefined> {
  const named = findWorker(face.repositories, id);
  if (named) return named;
  const items = allWorkers(face.repositories)
    .filter(({ worker }) => worker.state !== 'stopped' && worker.state !== 'lost')
    .map((found) => ({
      label: found.worker.name,
      description: workerDescription(found.seen, words, found.worker),
      found,
    }));
  if (items.length === 0) {
    face.tell.refusal(words.t('there is no worker now'));
    return undefined;
  }
  return (await window.showQuickPick(items, { title }))?.found;
}
