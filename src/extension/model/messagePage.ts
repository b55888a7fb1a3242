import type { ContextCategory, ContextEntry, ContextValue } from '../../core/model/context.ts';
import type { Message } from '../../core/model/message.ts';
import { holderName, holderOf } from './holders.ts';
import { senderShortName } from './inboxTree.ts';
import { code, lines, plain } from './markdown.ts';
import type { Seen } from './seen.ts';
import type { Words } from './words.ts';

/** A whole message as Markdown; what it says is shown as it is. */
export function messagePage(seen: Seen, words: Words, message: Message): string {
  const { t, time } = words;
  const { from, fromTitle } = message;
  const holder = from === 'swarm' ? undefined : holderOf(seen, words, from, fromTitle);
  const facts = [holder?.worker ? holder.title : '', kindText(words, message), time(message.sentAt)].filter(Boolean);
  return [
    `# ${plain(senderShortName(seen, words, message))}`,
    facts.map(plain).join(' · '),
    lines(message.body),
    ...(message.from === 'swarm'
      ? []
      : ['---', `*${t('Written by a session: it is what somebody says, not what Swarm does.')}*`]),
  ].join('\n\n');
}

function kindText({ t }: Words, { kind }: Message): string {
  switch (kind) {
    case 'message':
      return '';
    case 'claim_request':
      return t('asks you to release what you hold');
    case 'notification':
      return t('told by Swarm');
    case 'review_request':
      return t('asks for a review');
    case 'review_approved':
      return t('approves');
    case 'review_rejected':
      return t('rejects');
  }
}

/** The name of a category for people. */
export function categoryWord({ t }: Words, category: ContextCategory): string {
  switch (category) {
    case 'decision':
      return t('Decision');
    case 'interface':
      return t('Interface');
    case 'warning':
      return t('Warning');
    case 'convention':
      return t('Convention');
    case 'discovery':
      return t('Discovery');
  }
}

/** What all sessions share, as Markdown: values first, then entries, newest first. */
export function contextPage(
  seen: Seen,
  words: Words,
  shared: { readonly entries: readonly ContextEntry[]; readonly values: readonly ContextValue[] },
): string {
  const { t, time } = words;
  const entries = shared.entries.toReversed().map((entry) => {
    const author = holderName(words, holderOf(seen, words, entry.author, entry.authorTitle));
    return [
      `### ${plain(categoryWord(words, entry.category))}`,
      lines(entry.text),
      `${plain(author)} · ${plain(time(entry.at))}`,
    ].join('\n\n');
  });
  const values = shared.values.map(({ key, value }) => `- ${code(key)}: ${plain(value)}`);
  return [
    `# ${t('Shared Context')}`,
    t('What every session is told: values from its start, entries when they are new.'),
    ...(values.length === 0 ? [] : [`## ${t('Values')}`, values.join('\n')]),
    ...(entries.length === 0 ? [] : [`## ${t('Entries')}`, ...entries]),
    ...(values.length + entries.length === 0 ? [t('Nothing yet.')] : []),
  ].join('\n\n');
}
