import type { ContextCategory, ContextEntry, ContextValue } from '../../core/model/context.ts';
import type { ContextId } from '../../core/model/ids.ts';
import type { Party } from '../../core/model/party.ts';
import { isTask } from '../../core/model/party.ts';
import { contextEntryOf } from '../rows.ts';
import type { ContextEntryRow } from '../tables.ts';
import { plain, type Tx } from '../transaction.ts';
import { append } from './events.ts';
import { titleOf } from './parties.ts';
import { next, type RepoScope } from './scope.ts';

/** See `TeamStore.addContext`. */
export function* addContext(
  scope: RepoScope,
  args: { id: ContextId; author: Party; category: ContextCategory; text: string; now: number },
): Tx<ContextEntry> {
  const { id, author, category, text, now } = args;
  const seq = yield* next(scope, 'context');
  const title = yield* titleOf(scope, author);
  const [added] = yield* plain<ContextEntryRow>(
    `insert into context_entries (repo, id, seq, author, author_title, category, body, added_at)
     values (?, ?, ?, ?, ?, ?, ?, ?) returning *`,
    scope.repo,
    id,
    seq,
    author,
    title,
    category,
    text,
    now,
  );
  if (added === undefined) throw new Error(`${id} was not stored`);
  // Who knew everything of the others knows it still, and need not look through all that it wrote itself.
  yield* plain(
    `update context_seen set seq = ? where repo = ? and party = ? and not exists (select 1 from context_entries e
       where e.repo = context_seen.repo and e.seq > context_seen.seq and e.author <> context_seen.party)`,
    seq,
    scope.repo,
    author,
  );
  yield* append(scope, {
    kind: 'context.added',
    at: now,
    task: isTask(author) ? author : undefined,
    text: `${category}, by ${title}: ${text}`,
  });
  return contextEntryOf(added);
}

/** See `TeamStore.context`. */
export function* context({ repo }: RepoScope, { most }: { most: number }): Tx<readonly ContextEntry[]> {
  const found = yield* plain<ContextEntryRow>(
    'select * from context_entries where repo = ? order by seq desc limit ?',
    repo,
    most,
  );
  return found.map(contextEntryOf).reverse();
}

/** See `TeamStore.values`. */
export function* values({ repo }: RepoScope): Tx<readonly ContextValue[]> {
  return yield* plain<ContextValue>(
    'select name as key, value, author, set_at as at from context_values where repo = ? order by name',
    repo,
  );
}

/** See `TeamStore.setValue`. */
export function* setValue(
  scope: RepoScope,
  { key, value, author, now }: { key: string; value: string | undefined; author: Party; now: number },
): Tx<void> {
  const { repo } = scope;
  if (value === undefined) {
    const gone = yield* plain('delete from context_values where repo = ? and name = ? returning name', repo, key);
    if (gone.length === 0) return;
  } else {
    yield* plain(
      `insert into context_values (repo, name, value, author, set_at) values (?, ?, ?, ?, ?)
       on conflict (repo, name) do update set value = excluded.value, author = excluded.author, set_at = excluded.set_at`,
      repo,
      key,
      value,
      author,
      now,
    );
  }
  yield* next(scope, 'context');
  const title = yield* titleOf(scope, author);
  const task = isTask(author) ? author : undefined;
  const text = value === undefined ? `${title} removed ${key}` : `${title} set ${key}: ${value}`;
  yield* append(scope, { kind: 'context.changed', at: now, task, text });
}
