import type { Party } from '../model/party.ts';
import { isTask } from '../model/party.ts';
import type { Refusal } from '../model/review.ts';
import type { SessionEvent } from '../model/session.ts';
import type { Store } from '../store.ts';

/** What a session may say of how it gets on. */
export const reportedStatuses = ['running', 'blocked', 'done'] as const;
export type ReportedStatus = (typeof reportedStatuses)[number];

/** A session's word on how it gets on. */
export interface Report {
  readonly status: ReportedStatus;
  readonly note: string;
}

/** Keeps a session's word on its task: blocked, the task waits for the person; else it is a line for people to read. */
export async function report(
  store: Pick<Store, 'task' | 'sessions' | 'sessionDid'>,
  party: Party,
  { status, note }: Report,
  now: number,
): Promise<'saved' | Refusal> {
  if (!isTask(party)) return { refused: 'only the session of a task has a status; write to whoever should know' };
  const [task, sessions] = [await store.task(party), await store.sessions(party)];
  const session = sessions.findLast(({ state }) => state === 'open');
  if (task === undefined || session === undefined) return { refused: `${party} has no open session` };
  const text = note.trim();
  const event: SessionEvent =
    status === 'blocked'
      ? { kind: 'stuck', text: text || 'blocked' }
      : { kind: 'status', text: text ? `${status}: ${text}` : status };
  const lease = 'lease' in task ? { lease: task.lease } : {};
  const answer = await store.sessionDid({ session: session.id, events: [event], now, ...lease });
  return answer === 'saved' ? answer : { refused: `${party} is with another worker now` };
}
