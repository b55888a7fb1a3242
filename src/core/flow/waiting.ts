import { assertNever } from '../../base/errors.ts';
import type { Claim } from '../model/claim.ts';
import type { TaskId } from '../model/ids.ts';
import type { Overview } from '../model/snapshot.ts';
import type { Task } from '../model/task.ts';

/** When a dependency counts as met. */
export type StartAfter = 'merged' | 'in_review';

/** True when a task that comes after `task` may start as far as this one is concerned. The store's query says the same. */
export function isMet(task: Pick<Task, 'state'>, startAfter: StartAfter): boolean {
  if (task.state === 'merged' || task.state === 'skipped') return true;
  return (
    startAfter === 'in_review' && (task.state === 'in_review' || task.state === 'approved' || task.state === 'merging')
  );
}

/** Why a queued task does not start, in words; undefined when only a free worker is missing or it is not queued. */
export function waitsFor(
  task: Task,
  tasks: ReadonlyMap<TaskId, Task>,
  startAfter: StartAfter,
  blocked: Overview['blocked'],
): string | undefined {
  if (task.state === 'waiting') return task.waitingFor;
  if (task.state !== 'queued') return undefined;
  const open = task.after
    .map((id) => tasks.get(id))
    .filter((before) => before !== undefined && !isMet(before, startAfter));
  const first = open[0];
  if (first !== undefined) return `waits for “${first.title}” (${first.state.replace('_', ' ')})`;
  const held = blocked
    .filter((each) => each.task === task.id)
    .map(({ wanted, by }) => `${wanted.path}, claimed by ${claimant(by)}`);
  return held.length === 0 ? undefined : `waits for ${held.join('; ')}`;
}

const claimant = ({ holder, title, worker }: Claim): string =>
  holder === 'you' ? 'you' : worker === undefined ? `“${title}”` : `${worker.name} (“${title}”)`;

/** What one has to wait for. */
export type Until = 'done' | 'merged';

/** All tasks, and what decides whether they go on by themselves. */
export interface Board {
  readonly tasks: ReadonlyMap<TaskId, Task>;
  /** Tasks with an entry that waits in a merge queue or is being landed. */
  readonly queued: ReadonlySet<TaskId>;
  readonly startAfter: StartAfter;
  /** Who holds files that queued tasks have declared. */
  readonly blocked: Overview['blocked'];
}

/** The board of what a face has read. */
export function boardOf(overview: Pick<Overview, 'tasks' | 'entries' | 'blocked'>, startAfter: StartAfter): Board {
  const waiting = overview.entries.filter((entry) => entry.state === 'queued' || entry.state === 'landing');
  return {
    tasks: new Map(overview.tasks.map((task) => [task.id, task])),
    queued: new Set(waiting.map((entry) => entry.task)),
    startAfter,
    blocked: overview.blocked,
  };
}

/**
 * How a task stands for somebody who waits: `busy` goes on by itself, `settled` is what was waited for, `blocked` can only
 * be moved by a person (a review to decide, a landing that was refused, a dependency that failed, work that failed, files that
 * you or somebody who waits for you has claimed).
 */
export function standing(task: Task, board: Board, until: Until): 'busy' | 'settled' | 'blocked' {
  switch (task.state) {
    case 'merged':
    case 'skipped':
      return 'settled';
    case 'failed':
    case 'cancelled':
    case 'dead':
    case 'proposed':
      return 'blocked';
    case 'in_review':
      return until === 'done' ? 'settled' : 'blocked';
    case 'approved':
      if (until === 'done') return 'settled';
      return board.queued.has(task.id) ? 'busy' : 'blocked';
    case 'merging':
      return until === 'done' ? 'settled' : 'busy';
    case 'queued': {
      const before = task.after.map((id) => board.tasks.get(id)).filter((each) => each !== undefined);
      const stuck = before.some(
        (each) => !isMet(each, board.startAfter) && standing(each, board, 'merged') === 'blocked',
      );
      return stuck || isHeldUp(task, board, new Set()) ? 'blocked' : 'busy';
    }
    case 'leased':
    case 'running':
    case 'waiting':
      return 'busy';
    default:
      return assertNever(task, 'task');
  }
}

/** True when files that this task needs are held by somebody who will not let go of them without a person. */
function isHeldUp(task: Task, board: Board, above: ReadonlySet<TaskId>): boolean {
  return board.blocked.some(({ task: waiting, by }) => {
    if (waiting !== task.id) return false;
    if (by.holder === 'you') return true;
    const holder = by.task && board.tasks.get(by.task);
    if (holder === undefined) return false;
    if (holder.state !== 'queued') return standing(holder, board, 'merged') === 'blocked';
    // Of those that wait for each other one is let through.
    return !above.has(holder.id) && isHeldUp(holder, board, new Set([...above, task.id]));
  });
}
