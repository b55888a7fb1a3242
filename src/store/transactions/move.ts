import type { TaskId, WorkerId } from '../../core/model/ids.ts';
import type { Refusal } from '../../core/model/review.ts';
import type { Feedback, Task, TaskCommon, TaskState } from '../../core/model/task.ts';
import { hasEnded, isLeased, transitions } from '../../core/model/task.ts';
import { taskOf } from '../rows.ts';
import type { TaskRow } from '../tables.ts';
import { row, rows, type Tx } from '../transaction.ts';
import { append } from './events.ts';
import { endClaimsOf, handedOver } from './release.ts';
import type { Scope } from './scope.ts';

type PlaceOf<T> = T extends Task ? Omit<T, Exclude<keyof TaskCommon, 'base' | 'head'>> : never;

/** A state with the fields that exist only in it; `base` and `head` stay as they are where they are not given. */
type Place = PlaceOf<Task>;

export interface Move {
  readonly to: Place;
  /** Why, for people. */
  readonly text: string;
  readonly now: number;
  readonly worker?: WorkerId | undefined;
  /** What the next attempt must know; `null` when there is nothing any more; absent: as it is. */
  readonly feedback?: Feedback | null | undefined;
  readonly rounds?: number;
  readonly attempts?: number;
}

/** True when the table of transitions lets a task go there. */
export const mayMove = (task: Task, to: TaskState): boolean => transitions[task.state].includes(to);

/** The words for a person who asked for what the task's state does not allow. */
export const notNow = (task: Task, wanted: string): Refusal => ({
  refused: `“${task.title}” is ${task.state.replace('_', ' ')}, it cannot be ${wanted}`,
});

export const noTask = (id: TaskId): Refusal => ({ refused: `there is no task ${id}` });

/**
 * Moves a task to another state, or refreshes the fields of the one it is in: the only place that writes a state. Fields of
 * the state it leaves are emptied, and the event is appended. A move that the table of transitions does not know is a bug.
 */
export function* moveTask(scope: Scope, task: Task, move: Move): Tx<Task> {
  const { to, now } = move;
  const moves = to.state !== task.state;
  if (moves && !mayMove(task, to.state)) throw new Error(`${task.id} cannot go from ${task.state} to ${to.state}`);
  const changed = yield* row(
    scope.q
      .updateTable('tasks')
      .set({
        state: to.state,
        lease_token: 'lease' in to ? to.lease.token : null,
        worker: 'lease' in to ? to.lease.worker : null,
        attempt: 'lease' in to ? to.attempt : null,
        session: 'session' in to ? to.session : null,
        waiting_for: 'waitingFor' in to ? to.waitingFor : null,
        entry: 'entry' in to ? to.entry : null,
        landed: 'landed' in to ? to.landed : null,
        reason: 'reason' in to ? to.reason : null,
        ...('base' in to && to.base !== undefined ? { base: to.base } : {}),
        ...('head' in to && to.head !== undefined ? { head: to.head } : {}),
        ...(move.feedback === undefined
          ? {}
          : { feedback: move.feedback === null ? null : JSON.stringify(move.feedback) }),
        ...(move.rounds === undefined ? {} : { rounds: move.rounds }),
        ...(move.attempts === undefined ? {} : { attempts: move.attempts }),
        updated_at: now,
      })
      .where('id', '=', task.id)
      .where('state', '=', task.state)
      .returningAll(),
  );
  if (changed === undefined) throw new Error(`${task.id} is not ${task.state}`);
  if (moves && to.state !== 'proposed') {
    const { id, batch } = task;
    yield* append(scope, { kind: `task.${to.state}`, at: now, task: id, batch, worker: move.worker, text: move.text });
  }
  if (moves) yield* settleClaims(scope, task, to.state, now);
  return taskOf(changed, task.after);
}

/** Claims end with their task; what it hands over stays claimed, but not for those who build on it. */
function* settleClaims(scope: Scope, task: Task, to: TaskState, now: number): Tx<void> {
  if (hasEnded(to)) yield* endClaimsOf(scope, task.id, `its task is ${to}`, now);
  else if (isLeased(task.state) && to !== 'queued' && !isLeased(to)) yield* handedOver(scope, task.id, now);
}

/** Reads one task. */
export function* readTask({ q, repo }: Scope, id: TaskId): Tx<Task | undefined> {
  const found = yield* row(q.selectFrom('tasks').selectAll().where('repo', '=', repo).where('id', '=', id));
  return found && (yield* withDependencies(q, found));
}

/** The task of a row, with what it comes after. */
export function* withDependencies(q: Scope['q'], found: TaskRow): Tx<Task> {
  const after = yield* rows(
    q.selectFrom('dependencies').select('waits_for').where('task', '=', found.id).orderBy('position'),
  );
  return taskOf(
    found,
    after.map((each) => each.waits_for),
  );
}
