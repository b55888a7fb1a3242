import { assertNever } from '../../base/errors.ts';
import type { EntryId, ReviewId, TaskId } from '../../core/model/ids.ts';
import { targetLeaseName } from '../../core/model/lease.ts';
import type { EntryState, MergeEntry } from '../../core/model/merge.ts';
import type { Refusal } from '../../core/model/review.ts';
import type { Task } from '../../core/model/task.ts';
import type { Landing } from '../../core/store.ts';
import { line } from '../line.ts';
import { entryOf } from '../rows.ts';
import type { EntryRow } from '../tables.ts';
import { none, row, type Tx } from '../transaction.ts';
import { append } from './events.ts';
import { filesLanded } from './landings.ts';
import { moveTask, noTask, notNow, readTask } from './move.ts';
import { openReview } from './reviews.ts';
import { next, type Scope } from './scope.ts';

const live: readonly EntryState[] = ['queued', 'landing'];

/** See `Store.entry`. */
export function* readEntry({ q, repo }: Scope, id: EntryId): Tx<MergeEntry | undefined> {
  const found = yield* row(q.selectFrom('entries').selectAll().where('repo', '=', repo).where('id', '=', id));
  return found && entryOf(found);
}

/** See `Store.enqueue`. */
export function* enqueue(
  scope: Scope,
  { entries, now }: { entries: readonly { id: EntryId; task: TaskId }[]; now: number },
): Tx<readonly (MergeEntry | Refusal)[]> {
  const answers: (MergeEntry | Refusal)[] = [];
  for (const { id, task: taskId } of entries) {
    const task = yield* readTask(scope, taskId);
    if (task === undefined) answers.push(noTask(taskId));
    else if (task.state !== 'approved') answers.push(notNow(task, 'merged: only approved work is'));
    else answers.push(yield* enqueueTask(scope, task, id, now));
  }
  return answers;
}

/** Puts an approved task into the queue of its target, unless it is there already; answers with its entry. */
export function* enqueueTask(
  scope: Scope,
  task: Extract<Task, { state: 'in_review' | 'approved' }>,
  id: EntryId,
  now: number,
): Tx<MergeEntry> {
  const there = yield* row(
    scope.q.selectFrom('entries').selectAll().where('task', '=', task.id).where('state', 'in', live),
  );
  if (there !== undefined) return entryOf(there);
  const added = yield* row(
    scope.q
      .insertInto('entries')
      .values({
        id,
        repo: scope.repo,
        task: task.id,
        target: task.target,
        head: task.head,
        state: 'queued',
        position: yield* next(scope, 'position'),
        created_at: now,
      })
      .returningAll(),
  );
  if (added === undefined) throw new Error(`${id} was not stored`);
  yield* tell(scope, 'entry.queued', task, `waits to land on ${task.target}`, now);
  return entryOf(added);
}

/** Takes a task's waiting entry out of the queue, because its approval does not hold any more. */
export function* withdraw(scope: Scope, task: Task, reason: string, now: number): Tx<void> {
  const gone = yield* row(
    scope.q
      .updateTable('entries')
      .set({ state: 'withdrawn', reason: line(reason), ended_at: now })
      .where('task', '=', task.id)
      .where('state', '=', 'queued')
      .returning('id'),
  );
  if (gone !== undefined) yield* tell(scope, 'entry.withdrawn', task, reason, now);
}

interface Fence {
  readonly entry: EntryId;
  readonly target: string;
  readonly token: number;
  readonly now: number;
}

/** The entry and its task, while the target's lease that is shown still stands. */
function* fenced(
  scope: Scope,
  fence: Fence,
  states: readonly EntryState[],
): Tx<{ entry: EntryRow; task: Task } | undefined> {
  const { q, repo } = scope;
  const entry = yield* row(
    q
      .selectFrom('entries')
      .selectAll('entries')
      .where('entries.repo', '=', repo)
      .where('entries.id', '=', fence.entry)
      .where('entries.target', '=', fence.target)
      .where('entries.state', 'in', states)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('leases')
            .select('leases.token')
            .where('leases.repo', '=', repo)
            .where('leases.name', '=', targetLeaseName(fence.target))
            .where('leases.token', '=', fence.token),
        ),
      ),
  );
  if (entry === undefined || (entry.lease_token !== null && entry.lease_token !== fence.token)) return undefined;
  const task = yield* readTask(scope, entry.task);
  return task && { entry, task };
}

/** See `Store.landingStarted`. */
export function* landingStarted(scope: Scope, fence: Fence): Tx<'saved' | 'lost'> {
  const found = yield* fenced(scope, fence, live);
  if (found === undefined) return 'lost';
  const { entry, task } = found;
  if (entry.state === 'landing') return 'saved';
  if (task.state !== 'approved') return 'lost';
  const { base, head } = task;
  const to = { state: 'merging', base, head, entry: entry.id } as const;
  yield* moveTask(scope, task, { to, text: `landing on ${entry.target}`, now: fence.now });
  yield* none(
    scope.q.updateTable('entries').set({ state: 'landing', lease_token: fence.token }).where('id', '=', entry.id),
  );
  yield* tell(scope, 'entry.landing', task, `landing on ${entry.target}`, fence.now);
  return 'saved';
}

/** See `Store.landed`. */
export function* landed(scope: Scope, args: Fence & { landing: Landing; review: ReviewId }): Tx<'saved' | 'lost'> {
  const { landing, now } = args;
  const found = yield* fenced(scope, args, ['landing']);
  if (found === undefined || found.task.state !== 'merging') return 'lost';
  const { entry, task } = found;
  const { base, head } = task;
  const end = (state: EntryState, fields: { landed?: string; reason?: string; log?: string } = {}) =>
    endEntry(scope, entry, state, { ...fields, ended_at: now });
  switch (landing.kind) {
    case 'merged': {
      const { landed: commit } = landing;
      const text = `merged into ${entry.target} as ${commit.slice(0, 10)}`;
      yield* end('merged', { landed: commit });
      yield* moveTask(scope, task, { to: { state: 'merged', head, landed: commit }, feedback: null, text, now });
      yield* tell(scope, 'entry.merged', task, text, now);
      yield* filesLanded(scope, { task, commit, files: landing.files, now });
      return 'saved';
    }
    case 'refused': {
      const reason = line(landing.reason);
      yield* end('refused', { reason });
      yield* moveTask(scope, task, { to: { state: 'approved', base, head }, text: reason, now });
      yield* tell(scope, 'entry.refused', task, reason, now);
      return 'saved';
    }
    case 'moved': {
      const reason = line(landing.reason);
      yield* end('withdrawn', { reason });
      yield* tell(scope, 'entry.withdrawn', task, reason, now);
      yield* review(scope, task, args.review, { base: landing.base, head: landing.head }, reason, now);
      return 'saved';
    }
    case 'conflict':
    case 'check_failed': {
      const reason = line(landing.reason);
      yield* end(landing.kind, {
        reason,
        ...(landing.kind === 'check_failed' && landing.log !== undefined ? { log: landing.log } : {}),
      });
      yield* tell(scope, `entry.${landing.kind}`, task, reason, now);
      if (task.rounds < landing.maxRounds) {
        const { feedback } = landing;
        const rounds = task.rounds + 1;
        yield* moveTask(scope, task, { to: { state: 'queued' }, feedback, rounds, text: reason, now });
      } else {
        yield* review(scope, task, args.review, { base, head }, reason, now);
      }
      return 'saved';
    }
    default:
      return assertNever(landing, 'landing');
  }
}

function* endEntry(
  { q }: Scope,
  entry: EntryRow,
  state: EntryState,
  fields: { landed?: string; reason?: string; log?: string; ended_at: number },
): Tx<void> {
  yield* none(
    q
      .updateTable('entries')
      .set({ state, lease_token: null, ...fields })
      .where('id', '=', entry.id),
  );
}

/** Back to a person: a new review of a commit that could not land. */
function* review(
  scope: Scope,
  task: Task,
  id: ReviewId,
  commits: { base: string; head: string },
  text: string,
  now: number,
): Tx<void> {
  yield* moveTask(scope, task, { to: { state: 'in_review', ...commits }, text, now });
  yield* openReview(scope, { id, task: task.id, batch: task.batch, ...commits, text, now });
}

/** Entries that were being landed under a lease that is gone wait again. Must run before the lease's row goes. */
export function* releaseLanding(scope: Scope, token: number, now: number): Tx<void> {
  const entry = yield* row(
    scope.q
      .updateTable('entries')
      .set({ state: 'queued', lease_token: null })
      .where('repo', '=', scope.repo)
      .where('lease_token', '=', token)
      .returningAll(),
  );
  if (entry === undefined) return;
  const task = yield* readTask(scope, entry.task);
  if (task?.state !== 'merging') throw new Error(`${entry.id} was landing, but its task was not merging`);
  const text = 'its landing was interrupted';
  yield* moveTask(scope, task, { to: { state: 'approved', base: task.base, head: task.head }, text, now });
  yield* tell(scope, 'entry.queued', task, text, now);
}

function* tell(
  scope: Scope,
  kind: `entry.${'queued' | 'landing' | 'merged' | 'conflict' | 'check_failed' | 'refused' | 'withdrawn'}`,
  task: Task,
  text: string,
  now: number,
): Tx<void> {
  yield* append(scope, { kind, at: now, task: task.id, batch: task.batch, text });
}
