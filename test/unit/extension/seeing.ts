import type { Claim } from '../../../src/core/model/claim.ts';
import type { AttemptId, ClaimId, MessageId, SessionId, TaskId, WorkerId } from '../../../src/core/model/ids.ts';
import type { Message } from '../../../src/core/model/message.ts';
import type { Overview } from '../../../src/core/model/snapshot.ts';
import type { Row } from '../../../src/extension/model/row.ts';
import type { Seen } from '../../../src/extension/model/seen.ts';
import { seenOf } from '../../../src/extension/model/seen.ts';
import { holdingsOf } from '../../../src/extension/model/team.ts';
import type { Words } from '../../../src/extension/model/words.ts';
import { overview, task } from '../core/builders.ts';

/** Words that need no clock and no language. */
export const words: Words = {
  t: (message, ...values) => message.replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)])),
  time: (at) => `at ${at}`,
  money: (usd) => `$${usd.toFixed(2)}`,
  count: (value) => String(value),
};

/** A repository of which this was read. */
export const see = (over: Partial<Overview>, name = 'tea shop'): Seen =>
  seenOf(`r ${name}`, name, overview(over), 'merged');

export const attempt1 = 'a1' as AttemptId;
export const session1 = 's1' as SessionId;

export const lease = (id: string) => ({ task: id as TaskId, worker: 'w1' as WorkerId, token: 1 });
/** A task that the first worker drives. */
export const running = (id: string, title: string) =>
  task({
    id: id as TaskId,
    title,
    state: 'running',
    lease: lease(id),
    attempt: attempt1,
    session: session1,
    attempts: 1,
  });

/** The same with claims and messages. */
export const withTeam = (seen: Seen, claims: readonly Claim[], inbox: readonly Message[] = []): Seen => ({
  ...seen,
  team: { holdings: holdingsOf(claims, seen.team?.holdings), inbox },
});

/** A claim of the task `t1` on a file. */
export const claim = (path: string, over: Partial<Claim> = {}): Claim => ({
  id: `c${path}` as ClaimId,
  kind: 'file',
  path,
  mode: 'exclusive',
  holder: 't1' as TaskId,
  task: 't1' as TaskId,
  origin: 'written',
  claimedAt: 0,
  title: 'Runs',
  ...over,
});

/** An unread message of the task `t1` to you. */
export const message = (seq: number, over: Partial<Message> = {}): Message => ({
  id: `m${seq}` as MessageId,
  seq,
  from: 't1' as TaskId,
  to: 'you',
  kind: 'message',
  body: `Message ${seq}`,
  fromTitle: 'Runs',
  toTitle: 'you',
  sentAt: 0,
  ...over,
});

/** A tree as a person reads it. */
export const drawn = (rows: readonly Row[], depth = 0): readonly string[] =>
  rows.flatMap((row) => [
    `${'  '.repeat(depth)}${row.label}${row.description ? ` | ${row.description}` : ''}`,
    ...drawn(row.children ?? [], depth + 1),
  ]);
