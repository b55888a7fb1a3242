import type { MessageId } from '../../core/model/ids.ts';
import { newId } from '../../core/model/ids.ts';
import type { Message, MessageKind } from '../../core/model/message.ts';
import type { Party } from '../../core/model/party.ts';
import { isTask } from '../../core/model/party.ts';
import type { Refusal } from '../../core/model/review.ts';
import { chance } from '../chance.ts';
import { messageOf } from '../rows.ts';
import type { MessageRow } from '../tables.ts';
import { plain, type Tx } from '../transaction.ts';
import { append } from './events.ts';
import { absent, titleOf } from './parties.ts';
import { next, type RepoScope } from './scope.ts';

interface Letter {
  readonly id: MessageId;
  readonly from: Party | 'swarm';
  readonly to: Party;
  readonly kind: MessageKind;
  readonly body: string;
  readonly replyTo?: MessageId | undefined;
  readonly now: number;
}

function* post(scope: RepoScope, letter: Letter): Tx<Message> {
  const { from, to, now } = letter;
  const seq = yield* next(scope, 'message');
  const fromTitle = yield* titleOf(scope, from);
  const toTitle = yield* titleOf(scope, to);
  const [stored] = yield* plain<MessageRow>(
    `insert into messages (repo, id, seq, sender, sender_title, receiver, receiver_title, kind, body, reply_to, sent_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`,
    scope.repo,
    letter.id,
    seq,
    from,
    fromTitle,
    to,
    toTitle,
    letter.kind,
    letter.body,
    letter.replyTo ?? null,
    now,
  );
  if (stored === undefined) throw new Error(`${letter.id} was not stored`);
  const about = from !== 'swarm' && isTask(from) ? from : isTask(to) ? to : undefined;
  yield* append(scope, {
    kind: 'message.sent',
    at: now,
    task: about,
    text: `${fromTitle} to ${toTitle}: ${letter.body}`,
  });
  return messageOf(stored);
}

/** Swarm itself tells a party something. */
export function* notify(scope: RepoScope, to: Party, body: string, now: number): Tx<void> {
  yield* post(scope, { id: newId('message', chance), from: 'swarm', to, kind: 'notification', body, now });
}

/** See `TeamStore.send`. */
export function* send(
  scope: RepoScope,
  args: {
    from: Party;
    to: readonly Party[];
    kind: MessageKind;
    body: string;
    replyTo?: MessageId;
    ids: readonly MessageId[];
    now: number;
  },
): Tx<readonly Message[] | Refusal> {
  const { from, to, kind, body, replyTo, ids, now } = args;
  for (const party of to) {
    const refusal = yield* absent(scope, party, now);
    if (refusal !== undefined) return refusal;
  }
  const sent: Message[] = [];
  for (const [index, party] of to.entries()) {
    const id = ids[index];
    if (id === undefined) throw new Error(`${to.length} messages need as many ids`);
    sent.push(yield* post(scope, { id, from, to: party, kind, body, replyTo, now }));
  }
  return sent;
}

/** See `TeamStore.message`. */
export function* readMessage({ repo }: RepoScope, id: MessageId): Tx<Message | undefined> {
  const [found] = yield* plain<MessageRow>('select * from messages where repo = ? and id = ?', repo, id);
  return found && messageOf(found);
}

/** See `TeamStore.mailbox`. */
export function* mailbox(
  { repo }: RepoScope,
  { party, box, unreadOnly, most }: { party: Party; box: 'in' | 'out'; unreadOnly: boolean; most: number },
): Tx<readonly Message[]> {
  const found = yield* plain<MessageRow>(
    `select * from messages where repo = ? and ${box === 'in' ? 'receiver' : 'sender'} = ?
     ${unreadOnly ? 'and read_at is null' : ''} order by seq desc limit ?`,
    repo,
    party,
    most,
  );
  return found.map(messageOf).reverse();
}

/** See `TeamStore.unread`. */
export function* unread({ repo }: RepoScope, party: Party): Tx<number> {
  const [found] = yield* plain<{ count: number }>(
    'select count(*) as count from messages where repo = ? and receiver = ? and read_at is null',
    repo,
    party,
  );
  return Number(found?.count);
}

/** See `TeamStore.markRead`. */
export function* markRead(
  scope: RepoScope,
  { party, messages, now }: { party: Party; messages: readonly MessageId[]; now: number },
): Tx<void> {
  let read = 0;
  for (const id of messages) {
    const marked = yield* plain(
      'update messages set read_at = ? where repo = ? and id = ? and receiver = ? and read_at is null returning id',
      now,
      scope.repo,
      id,
      party,
    );
    read += marked.length;
  }
  // Who looks at messages sees who has read them.
  if (read > 0) yield* next(scope, 'message');
}
