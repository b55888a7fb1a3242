import type { EventKind, SwarmEvent } from '../../core/model/event.ts';
import type { BatchId, TaskId, WorkerId } from '../../core/model/ids.ts';
import { line } from '../line.ts';
import { eventOf } from '../rows.ts';
import { insertAll, rows, type Tx } from '../transaction.ts';
import type { Scope } from './scope.ts';
import { next } from './scope.ts';

/** A fact to append, before it has its number. */
export interface Happened {
  readonly kind: EventKind;
  readonly at: number;
  readonly batch?: BatchId | undefined;
  readonly task?: TaskId | undefined;
  readonly worker?: WorkerId | undefined;
  readonly text: string;
}

/** Appends facts, numbered in this order, to the history of the repository. */
export function* append(scope: Scope, ...happened: readonly Happened[]): Tx<void> {
  if (happened.length === 0) return;
  const first = yield* next(scope, 'event', happened.length);
  yield* insertAll(
    (values) => scope.q.insertInto('events').values(values),
    happened.map((event, index) => ({
      repo: scope.repo,
      seq: first + index,
      at: event.at,
      kind: event.kind,
      batch: event.batch ?? null,
      task: event.task ?? null,
      worker: event.worker ?? null,
      text: line(event.text),
    })),
  );
}

/** See `Store.eventsAfter`. */
export function* eventsAfter(
  { q, repo }: Scope,
  args: { seq: number; limit: number; task?: TaskId | undefined },
): Tx<readonly SwarmEvent[]> {
  let query = q.selectFrom('events').selectAll().where('repo', '=', repo).where('seq', '>', args.seq);
  if (args.task !== undefined) query = query.where('task', '=', args.task);
  return (yield* rows(query.orderBy('seq').limit(args.limit))).map(eventOf);
}
