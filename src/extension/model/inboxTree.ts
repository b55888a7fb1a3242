import type { Message } from '../../core/model/message.ts';
import { isGuest, isTask } from '../../core/model/party.ts';
import { holderName, holderOf, shortName } from './holders.ts';
import { plain, quoted } from './markdown.ts';
import type { Icon, Row } from './row.ts';
import type { Seen } from './seen.ts';
import type { Words } from './words.ts';

/** The tree of messages to you at `now`, unread ones first; repositories are a level of their own only if there are several. */
export function inboxTree(all: readonly Seen[], words: Words, now: number): readonly Row[] {
  const [only, ...others] = all;
  if (only && others.length === 0) return sectionRows(only, words, now);
  return all.flatMap((seen) => {
    const children = sectionRows(seen, words, now);
    const id = `inbox/${seen.repo}`;
    if (children.length === 0) return [];
    return { id, label: seen.name, icon: { name: 'repo' }, context: 'repository', expanded: true, children };
  });
}

function sectionRows(seen: Seen, words: Words, now: number): readonly Row[] {
  const { t } = words;
  const inbox = (seen.team?.inbox ?? []).toReversed();
  const section = (name: string, label: string, messages: readonly Message[], expanded: boolean): readonly Row[] =>
    messages.length === 0
      ? []
      : [
          {
            id: `inbox/${seen.repo}/${name}`,
            label,
            description: words.count(messages.length),
            context: `section ${name}`,
            expanded,
            children: messages.map((message) => messageRow(seen, words, message, now)),
          },
        ];
  const unread = inbox.filter(({ readAt }) => readAt === undefined);
  const earlier = inbox.filter(({ readAt }) => readAt !== undefined);
  return [
    ...section('unread', t('Unread'), unread, true),
    ...section('earlier', t('Earlier'), earlier, unread.length === 0),
  ];
}

/** The name of whoever has sent a message. */
export function senderName(seen: Seen, words: Words, { from, fromTitle }: Message): string {
  return from === 'swarm' ? 'Swarm' : holderName(words, holderOf(seen, words, from, fromTitle));
}

/** The same, short. */
export function senderShortName(seen: Seen, words: Words, { from, fromTitle }: Message): string {
  return from === 'swarm' ? 'Swarm' : shortName(holderOf(seen, words, from, fromTitle));
}

function messageRow(seen: Seen, words: Words, message: Message, now: number): Row {
  const { from, kind, readAt } = message;
  const line = firstLine(message);
  return {
    id: messageRowId(seen.repo, message),
    label: senderShortName(seen, words, message),
    description: `${age(words, now - message.sentAt)} · ${line}`,
    icon: messageIcon(message),
    context: [
      'message',
      readAt === undefined ? 'unread' : 'read',
      from === 'swarm' ? '' : 'answerable',
      kind === 'claim_request' ? 'request' : '',
      from !== 'swarm' && isTask(from) ? 'ofTask' : '',
    ]
      .filter(Boolean)
      .join(' '),
    spoken: `${senderName(seen, words, message)}, ${age(words, now - message.sentAt)}, ${line}`,
    opens: 'swarm.openMessage',
  };
}

function messageIcon({ kind, from, readAt }: Message): Icon {
  const name =
    kind === 'claim_request'
      ? 'lock'
      : kind === 'notification'
        ? 'info'
        : from !== 'swarm' && isGuest(from)
          ? 'plug'
          : readAt === undefined
            ? 'mail'
            : 'mail-read';
  return readAt === undefined ? { name, color: 'charts.blue' } : { name };
}

/** The first line with words, cut at 200 characters. */
export function firstLine({ body }: Message): string {
  const line = body.split('\n').find((text) => text.trim() !== '') ?? '';
  const characters = Array.from(line.trim());
  return characters.length <= 200 ? characters.join('') : `${characters.slice(0, 199).join('')}…`;
}

function age({ t }: Words, ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return t('now');
  if (minutes < 60) return t('{0} min', minutes);
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? t('{0} h', hours) : t('{0} days', Math.floor(hours / 24));
}

/** What the hover over a message says, as Markdown. */
export function messageHover(seen: Seen, words: Words, message: Message): string {
  return [
    `**${plain(senderName(seen, words, message))}** ${plain(words.time(message.sentAt))}`,
    quoted(message.body, 20),
  ].join('\n\n');
}

/** The id of a message's row. */
export const messageRowId = (repo: string, { id }: Message): string => `message/${repo}/${id}`;

/** What the id of a message's row names; undefined for other rows. */
export function messageOfRow(id: string): { readonly repo: string; readonly message: string } | undefined {
  const [, repo, message] = /^message\/([^/]+)\/([^/]+)$/.exec(id) ?? [];
  return repo === undefined || message === undefined ? undefined : { repo, message };
}
