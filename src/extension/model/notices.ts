import type { FaceId } from '../../core/model/ids.ts';
import type { Message } from '../../core/model/message.ts';
import type { Task } from '../../core/model/task.ts';
import { attentionIn } from './attention.ts';
import { firstLine, senderName } from './inboxTree.ts';
import type { Seen } from './seen.ts';
import { sentences } from './sentence.ts';
import { stateWord } from './taskState.ts';
import type { Words } from './words.ts';

/** Why the person is told. Each kind can be switched off by itself. */
type TaskKind = 'asking' | 'review' | 'failed' | 'refused';

/** A message with the id of its repository. */
export interface Mail {
  readonly repo: string;
  readonly message: Message;
}

/** Tasks that newly need the person, by kind, and messages that have come. */
export type News = Readonly<Record<TaskKind, readonly Task[]>> & { readonly message: readonly Mail[] };

export const noNews: News = { asking: [], review: [], failed: [], refused: [], message: [] };

/** What has come up since `before` among the tasks that `face` has asked for. */
export function newsBetween(before: Seen, after: Seen, face: FaceId): News {
  const mine = new Set(after.overview.batches.filter((batch) => batch.face === face).map((batch) => batch.id));
  const known = attentionIn(before);
  const found = attentionIn(after);
  const failed = (seen: Seen) => seen.overview.tasks.filter((task) => task.state === 'failed' || task.state === 'dead');
  const fresh = (now: readonly Task[], then: readonly Task[]) => {
    const old = new Set(then.map((task) => `${task.id}/${task.attempts}`));
    return now.filter((task) => mine.has(task.batch) && !old.has(`${task.id}/${task.attempts}`));
  };
  return {
    asking: fresh(found.asking, known.asking),
    review: fresh(found.toReview, known.toReview),
    failed: fresh(failed(after), failed(before)),
    refused: fresh(found.refused, known.refused),
    message: mailBetween(before, after),
  };
}

/** Unread messages that were not there; none the first time that messages are read. */
function mailBetween({ team: before }: Seen, { repo, team: after }: Seen): readonly Mail[] {
  if (!before || !after || before.inbox === after.inbox) return [];
  const newest = Math.max(0, ...before.inbox.map(({ seq }) => seq));
  const fresh = after.inbox.filter(({ seq, readAt }) => seq > newest && readAt === undefined);
  return fresh.map((message) => ({ repo, message }));
}

/** Lays news together; a task that no longer needs the person, and a message that was read, have left it. */
export function joinNews(older: News, newer: News, after: readonly Seen[]): News {
  const still = (kind: TaskKind, states: readonly Task['state'][]) => {
    const tasks = new Map([...older[kind], ...newer[kind]].map((task) => [task.id, task]));
    return [...tasks.values()].flatMap((task) => {
      const now = after.map((seen) => seen.tasks.get(task.id)).find((found) => found !== undefined);
      return now && states.includes(now.state) ? [now] : [];
    });
  };
  return {
    asking: still('asking', ['waiting']),
    review: still('review', ['in_review']),
    failed: still('failed', ['failed', 'dead']),
    refused: still('refused', ['approved']),
    message: stillUnread([...older.message, ...newer.message], after),
  };
}

function stillUnread(mail: readonly Mail[], after: readonly Seen[]): readonly Mail[] {
  const unread = after.flatMap(({ team }) => team?.inbox ?? []).filter(({ readAt }) => readAt === undefined);
  const ids = new Set(unread.map(({ id }) => id));
  return mail.filter(({ message }) => ids.has(message.id));
}

/** What the person is told. */
export type Notice = { readonly message: string } & (
  | { readonly kind: TaskKind; readonly tasks: readonly Task[] }
  | { readonly kind: 'message'; readonly mail: readonly Mail[] }
);

/** What to say to whoever acts on a message whose tasks no longer need anyone; undefined: one of them still does. What was written can always be answered. */
export function settledMeanwhile(notice: Notice, seen: readonly Seen[], words: Words): string | undefined {
  if (notice.kind === 'message') return undefined;
  const { kind, tasks } = notice;
  if (joinNews({ ...noNews, [kind]: tasks }, noNews, seen)[kind].length > 0) return undefined;
  const now = tasks.flatMap(({ id }) => seen.flatMap((each) => each.tasks.get(id) ?? []));
  const each = now.map((task) => words.t('“{0}”: {1}', task.title, stateWord(words, task)));
  return sentences(words.t('This was settled meanwhile.'), each.join(', '));
}

/** The most urgent message of the news, about all tasks of its kind at once; undefined when there is none. */
export function nextNotice(news: News, seen: readonly Seen[], words: Words): Notice | undefined {
  const { t } = words;
  const notice = (kind: TaskKind, one: (task: Task) => string, many: (count: number) => string): Notice | undefined => {
    const [first, ...others] = news[kind];
    if (!first) return undefined;
    return { kind, message: others.length === 0 ? one(first) : many(news[kind].length), tasks: news[kind] };
  };
  const refusal = (task: Task) =>
    seen.map((each) => each.entries.get(task.id)?.reason).find((text) => text !== undefined);
  return (
    notice(
      'asking',
      (task) => t('“{0}” waits for you: {1}', task.title, task.state === 'waiting' ? task.waitingFor : ''),
      (count) => t('{0} sessions wait for you.', count),
    ) ??
    mailNotice(news.message, seen, words) ??
    notice(
      'failed',
      (task) => t('“{0}” failed: {1}', task.title, 'reason' in task ? (task.reason.split(/\r?\n/)[0] ?? '') : ''),
      (count) => t('{0} tasks failed.', count),
    ) ??
    notice(
      'refused',
      (task) => t('“{0}” could not land: {1}', task.title, refusal(task) ?? ''),
      (count) => t('{0} tasks could not land.', count),
    ) ??
    notice(
      'review',
      (task) => t('“{0}” is ready for review.', task.title),
      (count) => t('{0} tasks are ready for review.', count),
    )
  );
}

function mailNotice(mail: readonly Mail[], all: readonly Seen[], words: Words): Notice | undefined {
  const [first, ...others] = mail;
  const seen = all.find(({ repo }) => repo === first?.repo);
  if (!first || !seen) return undefined;
  const message =
    others.length === 0
      ? words.t('{0}: {1}', senderName(seen, words, first.message), firstLine(first.message))
      : words.t('{0} messages have come for you.', mail.length);
  return { kind: 'message', message, mail };
}
