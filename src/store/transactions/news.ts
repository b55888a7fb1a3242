import type { Party } from '../../core/model/party.ts';
import type { News } from '../../core/team.ts';
import { contextEntryOf, messageOf } from '../rows.ts';
import type { ContextEntryRow, MessageRow } from '../tables.ts';
import { plain, type Tx } from '../transaction.ts';
import { markRead } from './messages.ts';
import type { RepoScope } from './scope.ts';

/** See `TeamStore.news`. */
export function* news({ repo }: RepoScope, { party, most }: { party: Party; most: number }): Tx<News> {
  const messages = yield* plain<MessageRow>(
    'select * from messages where repo = ? and receiver = ? and read_at is null order by seq limit ?',
    repo,
    party,
    most + 1,
  );
  const entries = yield* plain<ContextEntryRow>(
    `select * from context_entries where repo = ? and author <> ? and seq >
       coalesce((select seq from context_seen where repo = ? and party = ?), 0) order by seq limit ?`,
    repo,
    party,
    repo,
    party,
    most + 1,
  );
  return {
    messages: messages.slice(0, most).map(messageOf),
    context: entries.slice(0, most).map(contextEntryOf),
    hasMore: messages.length > most || entries.length > most,
  };
}

/** See `TeamStore.told`. */
export function* told(
  scope: RepoScope,
  { party, news: { messages, context }, now }: { party: Party; news: Pick<News, 'messages' | 'context'>; now: number },
): Tx<void> {
  yield* markRead(scope, { party, messages: messages.map(({ id }) => id), now });
  const last = context.at(-1);
  if (last === undefined) return;
  yield* plain(
    `insert into context_seen (repo, party, seq) values (?, ?, ?)
     on conflict (repo, party) do update set seq = excluded.seq where context_seen.seq < excluded.seq`,
    scope.repo,
    party,
    last.seq,
  );
}

/** See `TeamStore.sync`. */
export function* sync(scope: RepoScope, { party, most, now }: { party: Party; most: number; now: number }): Tx<News> {
  const found = yield* news(scope, { party, most });
  yield* told(scope, { party, news: found, now });
  return found;
}
