import type { EventKind, SwarmEvent } from '../../core/model/event.ts';
import type { BatchId, TaskId, WorkerId } from '../../core/model/ids.ts';
import { line } from '../line.ts';
import { eventOf } from '../rows.ts';
import type { EventRow } from '../tables.ts';
import { plain, type Tx } from '../transaction.ts';
import { next, type RepoScope } from './scope.ts';

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
export function* append(scope: RepoScope, ...happened: readonly Happened[]): Tx<void> {
  if (happened.length === 0) return;
  const first = yield* next(scope, 'event', happened.length);
  for (const [index, event] of happened.entries()) {
    yield* plain(
      'insert into events (repo, seq, at, kind, batch, task, worker, text) values (?, ?, ?, ?, ?, ?, ?, ?)',
      scope.repo,
      first + index,
      event.at,
      event.kind,
      event.batch ?? null,
      event.task ?? null,
      event.worker ?? null,
      line(event.text),
    );
  }
}

/** See `Store.eventsAfter`. */
export function* eventsAfter(
  { repo }: RepoScope,
  { seq, limit, task }: { seq: number; limit: number; task?: TaskId | undefined },
): Tx<readonly SwarmEvent[]> {
  const found =
    task === undefined
      ? yield* plain<EventRow>('select * from events where repo = ? and seq > ? order by seq limit ?', repo, seq, limit)
      : yield* plain<EventRow>(
          'select * from events where repo = ? and seq > ? and task = ? order by seq limit ?',
          repo,
          seq,
          task,
          limit,
        );
  return found.map(eventOf);
}
