import { UsageError } from '../../base/errors.ts';
import { agoText } from '../../core/model/ago.ts';
import type { MessageId } from '../../core/model/ids.ts';
import type { Message } from '../../core/model/message.ts';
import { messagePart, quoted, telling } from '../../core/model/telling.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Output } from '../output.ts';
import { unlessRefused, verb } from './verb.ts';
import { contextView, messageView } from './views.ts';

/** `swarm sync`. */
export const sync = verb({
  description: 'Read what is new, once: messages to you and what others have added to the shared context.',
  arguments: [],
  options: {},
  async run({ team, output }) {
    const { messages, context, hasMore } = await team.sync();
    if (output.json) {
      output.document({ messages: messages.map(messageView), context: context.map(contextView), hasMore });
      return exitCodes.done;
    }
    const told = telling({ facts: [], messages, context }, Number.POSITIVE_INFINITY);
    if (told !== undefined) output.verbatim(`${told.text}\n`);
    if (hasMore) output.note('there is more: `swarm sync` again');
    return exitCodes.done;
  },
});

const body = { name: '<text...>', text: 'what to say; `-` reads it from stdin', stdin: true } as const;

/** `swarm message`. */
export const message = verb({
  description: 'Write to somebody.',
  arguments: [{ name: '<to>', text: '`worker 3`, `3`, a task’s id, a guest’s name, or `you`: the person' }, body],
  options: {},
  async run({ team, output }, [to = '', ...words]) {
    return told(output, unlessRefused(await team.message(to, words.join(' '))));
  },
});

/** `swarm broadcast`. */
export const broadcast = verb({
  description: 'Write to everyone else who is active.',
  arguments: [body],
  options: {},
  async run({ team, output }, words) {
    return told(output, unlessRefused(await team.broadcast(words.join(' '))));
  },
});

/** `swarm reply`. */
export const reply = verb({
  description: 'Answer a message to you.',
  arguments: [{ name: '<id>', text: 'the message’s' }, body],
  options: {},
  async run({ team, output }, [id = '', ...words]) {
    return told(output, unlessRefused(await team.reply(id, words.join(' '))));
  },
});

function told(output: Output, sent: readonly Message[]) {
  if (output.json) output.document({ sent: sent.map(messageView) });
  else for (const { id, toTitle } of sent) output.line({ text: id, style: 'dim' }, `  to ${toTitle}`);
  return exitCodes.done;
}

/** `swarm inbox`. */
export const inbox = verb({
  description: 'Read messages to you; reading marks them as read.',
  arguments: [],
  options: {
    all: { flags: '--all', text: 'read ones, too' },
    peek: { flags: '--peek', text: 'leave them unread' },
    count: { flags: '--count', text: 'only say how many are unread' },
    sent: { flags: '--sent', text: 'what you have written instead, and whether it was read' },
  },
  async run({ team, output, now }, _, { all, peek, count, sent }) {
    if (count !== undefined) {
      const unread = await team.unread();
      if (output.json) output.document({ unread });
      else output.line(String(unread));
      return exitCodes.done;
    }
    if (sent !== undefined && all !== undefined) throw new UsageError('--sent has all of them already');
    const messages = sent === undefined ? await team.inbox({ unreadOnly: all === undefined }) : await team.sent();
    if (output.json) output.document({ messages: messages.map(messageView) });
    else if (messages.length === 0) output.note(sent === undefined ? 'nothing new' : 'nothing sent');
    else {
      for (const each of messages)
        output.verbatim(`${sent === undefined ? gotText(each, now()) : sentText(each, now())}\n`);
    }
    const unread: readonly MessageId[] = messages.flatMap(({ id, readAt }) => (readAt === undefined ? [id] : []));
    if (sent === undefined && peek === undefined && unread.length > 0) await team.markRead(unread);
    return exitCodes.done;
  },
});

const gotText = (message: Message, now: number): string =>
  `${message.id}, ${agoText(message.sentAt, now)}. ${messagePart(message, Number.POSITIVE_INFINITY)}`;

function sentText({ id, toTitle, body: text, sentAt, readAt }: Message, now: number): string {
  const read = readAt === undefined ? 'not read yet' : `read ${agoText(readAt, now)}`;
  return quoted(`${id}, ${agoText(sentAt, now)}, ${read}. To ${toTitle}:`, text, Number.POSITIVE_INFINITY);
}
