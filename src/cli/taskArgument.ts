import { UsageError } from '../base/errors.ts';
import type { Task } from '../core/model/task.ts';

type Named = Pick<Task, 'id' | 'title'>;
const mostShown = 5;

/**
 * Finds the task that a person means: by its id, a beginning of it, or a part of its title that no other task has.
 * Throws a UsageError with the candidates when several fit.
 */
export function findTask<T extends Named>(tasks: readonly T[], text: string): T {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') throw new UsageError('the name of a task is empty');
  const exact = tasks.find((task) => task.id === wanted);
  if (exact) return exact;
  for (const fits of [
    (task: T) => task.id.startsWith(wanted),
    (task: T) => task.title.toLowerCase() === wanted,
    (task: T) => task.title.toLowerCase().includes(wanted),
  ]) {
    const found = tasks.filter(fits);
    const [only] = found;
    if (found.length === 1 && only) return only;
    if (found.length > 1) throw ambiguous(text, found);
  }
  throw new UsageError(`there is no task “${text}”`, { hint: '`swarm task list` shows them all.' });
}

/** Finds several tasks; naming one twice is the same as once. */
export function findTasks<T extends Named>(tasks: readonly T[], texts: readonly string[]): readonly T[] {
  return [...new Set(texts.map((text) => findTask(tasks, text)))];
}

function ambiguous(text: string, found: readonly Named[]): UsageError {
  const shown = found.slice(0, mostShown).map(({ id, title }) => `${id}  ${title}`);
  const more = found.length > mostShown ? [`… and ${found.length - mostShown} more`] : [];
  return new UsageError([`“${text}” could be any of these tasks:`, ...shown, ...more].join('\n'), {
    hint: 'Give more of its id or title.',
  });
}
