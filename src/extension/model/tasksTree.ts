import type { Task, TaskState } from '../../core/model/task.ts';
import type { ChangedFile } from '../../core/ports.ts';
import { changesInShort } from './changes.ts';
import type { Row } from './row.ts';
import type { Seen } from './seen.ts';
import { workerOf } from './seen.ts';
import { stateWord, taskContext, taskDescription, taskIcon } from './taskState.ts';
import type { Words } from './words.ts';

/** The files of a reviewed task, as far as they are known already. */
export type KnownFiles = (seen: Seen, task: Task) => readonly ChangedFile[] | undefined;

interface Section {
  readonly id: string;
  readonly states: readonly TaskState[];
  readonly expanded: boolean;
  /** Newest change first instead of oldest task first. */
  readonly newestFirst?: true;
  title(words: Words): string;
}

/** What needs a person stands on top, what is over at the bottom. */
const sections: readonly Section[] = [
  { id: 'waiting', states: ['waiting'], expanded: true, title: ({ t }) => t('Asks You') },
  { id: 'review', states: ['in_review'], expanded: true, title: ({ t }) => t('Needs Review') },
  { id: 'running', states: ['leased', 'running'], expanded: true, title: ({ t }) => t('Running') },
  { id: 'queued', states: ['proposed', 'queued'], expanded: true, title: ({ t }) => t('Queued') },
  { id: 'approved', states: ['approved', 'merging'], expanded: true, title: ({ t }) => t('Approved') },
  { id: 'failed', states: ['failed', 'dead'], expanded: true, newestFirst: true, title: ({ t }) => t('Failed') },
  { id: 'merged', states: ['merged'], expanded: false, newestFirst: true, title: ({ t }) => t('Merged') },
  {
    id: 'closed',
    states: ['cancelled', 'skipped'],
    expanded: false,
    newestFirst: true,
    title: ({ t }) => t('Cancelled or Without Changes'),
  },
];

/** Longest section that is shown in full; what is older is named by a last row. */
const mostShown = 200;

/** The tree of tasks; repositories are a level of their own only if there are several. */
export function tasksTree(all: readonly Seen[], words: Words, files: KnownFiles): readonly Row[] {
  const [only, ...others] = all;
  if (only && others.length === 0) return sectionRows(only, words, files);
  return all
    .filter((seen) => seen.overview.tasks.length > 0)
    .map((seen) => ({
      id: `tasks/${seen.repo}`,
      label: seen.name,
      icon: { name: 'repo' },
      context: 'repository',
      expanded: true,
      children: sectionRows(seen, words, files),
    }));
}

function sectionRows(seen: Seen, words: Words, files: KnownFiles): readonly Row[] {
  return sections.flatMap((section) => {
    const tasks = seen.overview.tasks.filter((task) => section.states.includes(task.state));
    if (tasks.length === 0) return [];
    tasks.sort((a, b) => (section.newestFirst ? b.updatedAt - a.updatedAt : a.createdAt - b.createdAt));
    const id = `tasks/${seen.repo}/${section.id}`;
    const rows = tasks.slice(0, mostShown).map((task) => taskRow(seen, words, task, files));
    if (tasks.length > mostShown) {
      const label = words.t('{0} more: `swarm task list` shows them', words.count(tasks.length - mostShown));
      rows.push({ id: `${id}/more`, label, context: 'more' });
    }
    return {
      id,
      label: section.title(words),
      description: words.count(tasks.length),
      context: `section ${section.id}`,
      expanded: section.expanded,
      children: rows,
    };
  });
}

function taskRow(seen: Seen, words: Words, task: Task, files: KnownFiles): Row {
  const context = taskContext(seen, task);
  const reviewable = /\breviewable\b/.test(context);
  const known = reviewable ? files(seen, task) : undefined;
  const description = taskDescription(seen, words, task, known && changesInShort(words, known));
  return {
    id: task.id,
    label: task.title,
    description,
    icon: taskIcon(seen, task),
    context,
    spoken: [task.title, stateWord(words, task), description].filter(Boolean).join(', '),
    opens: reviewable
      ? 'swarm.reviewChanges'
      : /\bopenTerminal\b/.test(context)
        ? 'swarm.revealTerminal'
        : 'swarm.showTask',
    version: [
      task.updatedAt,
      task.costUsd,
      workerOf(seen, task)?.id,
      seen.sessions.get(task.id)?.usage.costUsd,
      seen.team?.holdings.byHolder.get(task.id)?.version,
      ...Object.values(seen.sayings.get(task.id) ?? {}),
    ].join(),
    ...(reviewable ? { expanded: false } : {}),
  };
}
