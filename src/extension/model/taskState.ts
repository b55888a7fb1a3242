import type { Task } from '../../core/model/task.ts';
import { hasEnded } from '../../core/model/task.ts';
import { isLive } from '../../core/model/worker.ts';
import type { Icon } from './row.ts';
import type { Seen } from './seen.ts';
import { whyQueued, workerOf } from './seen.ts';
import type { Words } from './words.ts';

/** The icon of a task, by what it is doing. */
export function taskIcon(seen: Seen, task: Task): Icon {
  switch (task.state) {
    case 'waiting':
      return { name: 'bell-dot', color: 'list.warningForeground' };
    case 'in_review':
      return { name: 'git-pull-request', color: 'charts.blue' };
    case 'leased':
    case 'running':
      return { name: 'loading~spin', color: 'charts.green' };
    case 'proposed':
      return { name: 'circle-large-outline' };
    case 'queued':
      return { name: whyQueued(seen, task) === undefined ? 'clock' : 'watch' };
    case 'approved':
      return seen.entries.get(task.id)?.state === 'refused'
        ? { name: 'warning', color: 'list.warningForeground' }
        : { name: 'check', color: 'charts.green' };
    case 'merging':
      return { name: 'git-merge', color: 'charts.green' };
    case 'merged':
      return { name: 'git-merge', color: 'charts.purple' };
    case 'failed':
    case 'dead':
      return { name: 'error', color: 'list.errorForeground' };
    case 'cancelled':
    case 'skipped':
      return { name: 'circle-slash', color: 'disabledForeground' };
  }
}

/** The state of a task in one word for people. */
export function stateWord({ t }: Words, task: Task): string {
  switch (task.state) {
    case 'proposed':
      return t('proposed');
    case 'queued':
      return t('queued');
    case 'leased':
      return t('starting');
    case 'running':
      return t('running');
    case 'waiting':
      return t('waits for you');
    case 'in_review':
      return t('in review');
    case 'approved':
      return t('approved');
    case 'merging':
      return t('merging');
    case 'merged':
      return t('merged');
    case 'failed':
      return t('failed');
    case 'dead':
      return t('given up');
    case 'cancelled':
      return t('cancelled');
    case 'skipped':
      return t('no changes');
  }
}

/** What is to be said of a task now, behind its title. */
export function taskDescription(seen: Seen, words: Words, task: Task, changes?: string): string {
  const { t } = words;
  switch (task.state) {
    case 'proposed':
      return t('proposed');
    case 'queued':
      return queuedDescription(seen, words, task);
    case 'leased':
      return workerOf(seen, task)?.phase ?? t('starting');
    case 'running':
      return workerOf(seen, task)?.name ?? '';
    case 'waiting':
      return task.waitingFor;
    case 'in_review':
      return [changes, task.attempts > 1 ? t('attempt {0}', task.attempts) : undefined].filter(Boolean).join(' · ');
    case 'approved':
      return approvedDescription(seen, words, task);
    case 'merging':
      return t('landing on {0}', task.target);
    case 'merged':
      return t('on {0} as {1}', task.target, task.landed.slice(0, 8));
    case 'failed':
    case 'dead':
    case 'cancelled':
    case 'skipped':
      return task.reason.split(/\r?\n/)[0] ?? '';
  }
}

function queuedDescription(seen: Seen, words: Words, task: Task): string {
  const { t } = words;
  const waits = whyQueued(seen, task);
  if (waits !== undefined) return waits;
  switch (task.feedback?.kind) {
    case undefined:
      return t('waits for a worker');
    case 'changes_asked':
      return t('goes back with your request');
    case 'conflict':
      return t('goes back with conflicts');
    case 'check_failed':
      return t('goes back with a red check');
    case 'files_free':
      return t('has the files it waited for, goes on');
    case 'interrupted':
      return t('was interrupted, goes on');
  }
}

function approvedDescription(seen: Seen, { t }: Words, task: Task): string {
  const entry = seen.entries.get(task.id);
  if (entry?.state === 'refused') return t('not landed: {0}', entry.reason ?? '');
  if (entry?.state !== 'queued') return t('ready to merge into {0}', task.target);
  const before = seen.overview.entries.filter(
    (other) =>
      other.target === entry.target &&
      (other.state === 'landing' || (other.state === 'queued' && other.position < entry.position)),
  );
  return before.length === 0
    ? t('lands on {0} next', task.target)
    : t('in the merge queue, {0} before it', before.length);
}

/** Words for the `viewItem` conditions of menus: its state, and what can be done with it. */
export function taskContext(seen: Seen, task: Task): string {
  const worker = workerOf(seen, task);
  const able = {
    reviewable: task.state === 'in_review' || task.state === 'approved' || task.state === 'merging',
    decidable: task.state === 'in_review',
    sendable: task.state === 'in_review' || task.state === 'approved',
    mergeable: task.state === 'approved' && !isQueuedToLand(seen, task),
    cancellable: !hasEnded(task.state) && task.state !== 'merging',
    retryable: hasEnded(task.state) && task.state !== 'merged',
    openTerminal: worker !== undefined && worker.mode === 'interactive' && isLive(worker),
    placed: task.worktree !== undefined,
    begun: task.attempts > 0,
  };
  const words = Object.entries(able).filter(([, holds]) => holds);
  return ['task', task.state, ...words.map(([word]) => word)].join(' ');
}

/** True while an approved task waits in a merge queue or is being landed. */
function isQueuedToLand(seen: Seen, task: Task): boolean {
  const state = seen.entries.get(task.id)?.state;
  return state === 'queued' || state === 'landing';
}
