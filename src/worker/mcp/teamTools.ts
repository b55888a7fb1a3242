import { z } from 'zod';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Report } from '../../core/flow/report.ts';
import { reportedStatuses } from '../../core/flow/report.ts';
import type { Teamwork } from '../../core/flow/teamwork.ts';
import { holderText, refusedText } from '../../core/flow/teamwork.ts';
import { agoText } from '../../core/model/ago.ts';
import type { ClaimAnswer, ClaimPath } from '../../core/model/claim.ts';
import { contextCategories, longestValue } from '../../core/model/context.ts';
import type { Message } from '../../core/model/message.ts';
import { longestBody } from '../../core/model/message.ts';
import { nameOf } from '../../core/model/party.ts';
import type { Refusal } from '../../core/model/review.ts';
import { contextPart, messagePart, telling } from '../../core/model/telling.ts';
import type { AddTool } from './tool.ts';

/** What the tools of one party stand on. */
export interface TeamDesk {
  /** The verbs of whoever calls; asked for at each call. Throws when nobody may speak (any more). */
  team(): Promise<Teamwork>;
  /** What somebody means who names paths; throws a UsageError for what cannot be claimed. */
  paths(texts: readonly string[]): readonly ClaimPath[];
  report(report: Report): Promise<'saved' | Refusal>;
  onDidChange(listener: () => void): Disposable;
  /** Wall clock, milliseconds since 1970. */
  now(): number;
}

/** Clients give up a call after a minute. */
const longestWaitSeconds = 50;
const unlimited = Number.POSITIVE_INFINITY;

const path = z.string().min(1).max(4096);
const paths = z
  .array(path)
  .min(1)
  .max(200)
  .describe('Files, folders (end with a slash) or globs such as src/api/**, relative to your working directory.');
const who = z
  .string()
  .min(1)
  .max(100)
  .describe('“worker 3” or “3”, a task’s id, a guest’s name, or “you” for the person.');
const body = z.string().min(1).max(longestBody).describe('Plain text.');

/** The verbs that a session has with the others, as tools. The same rules hold as for `swarm` on the command line. */
export function addTeamTools(add: AddTool, desk: TeamDesk): void {
  add(
    {
      name: 'sync',
      description:
        'Reads what is new for you, once: messages to you and facts that others have added to the shared context. Afterwards they count as read. Says so when nothing is new.',
      input: z.object({}),
    },
    async () => {
      const { messages, context, hasMore } = await (await desk.team()).sync();
      const told = telling({ facts: [], messages, context }, unlimited);
      return told === undefined ? 'Nothing is new.' : `${told.text}${hasMore ? '\n\nThere is more: sync again.' : ''}`;
    },
  );
  add(
    {
      name: 'claim',
      description:
        'Holds files so that no other session changes them: all of these paths, or none. Editing a file claims it by itself; claim before you begin where several files belong together. When it is refused you are told who holds what and until when; you get a message as soon as it is free. wait_seconds waits for that.',
      input: z.object({
        paths,
        wait_seconds: z.number().int().min(0).max(longestWaitSeconds).optional(),
      }),
    },
    async ({ paths: texts, wait_seconds: seconds = 0 }, signal) => {
      const team = await desk.team();
      const wanted = desk.paths(texts);
      const answer =
        seconds === 0
          ? await team.claim(wanted)
          : await team.claimWithin(wanted, seconds * 1000, (listener) => desk.onDidChange(listener), signal);
      return claimText(answer, wanted, desk.now());
    },
  );
  add(
    {
      name: 'unclaim',
      description:
        'Releases files that you hold, so that others can change them; whoever waits for them is told. What you were refused you then no longer wait for. With `to` they go to that one. Name the paths as they were claimed, or all: true for everything.',
      input: z.object({ paths: paths.optional(), all: z.boolean().optional(), to: who.optional() }),
    },
    async ({ paths: texts, all = false, to }) => {
      if ((texts === undefined) === !all) return { refused: 'Name the paths, or say all: true; not both.' };
      const team = await desk.team();
      const released = await team.unclaim(texts && desk.paths(texts), { to });
      if ('refused' in released) return released;
      const { claims, givenUp } = released;
      const said = [
        ...(claims.length === 0 ? [] : [`Released: ${claims.map(pathText).join(', ')}`]),
        ...(givenUp.length === 0 ? [] : [`No longer waited for: ${givenUp.map(pathText).join(', ')}`]),
      ];
      return said.length === 0 ? 'You held none of these.' : said.join('\n');
    },
  );
  add(
    {
      name: 'claims',
      description: 'Lists who holds which files and until when; with a path, who holds it or a part of it.',
      input: z.object({ path: path.optional(), mine: z.boolean().optional() }),
      isReadOnly: true,
    },
    async ({ path: text, mine = false }) => {
      const team = await desk.team();
      const [about] = text === undefined ? [] : desk.paths([text]);
      const found = await team.claims({ ...(about && { path: about }), ...(mine && { party: team.party }) });
      if (found.length === 0) return 'No claims.';
      return found.map((claim) => `${pathText(claim)} (${claim.mode}): ${holderText(claim, desk.now())}`).join('\n');
    },
  );
  add(
    {
      name: 'ask_for_claim',
      description:
        'Asks whoever holds a file to release it, with your reason. Use it after a claim or an edit was refused and you cannot go on with something else.',
      input: z.object({ path, why: z.string().max(longestBody).optional() }),
    },
    async ({ path: text, why = '' }) => {
      const [wanted] = desk.paths([text]);
      return wanted === undefined
        ? { refused: 'name a path' }
        : sentText(await (await desk.team()).askFor(wanted, why));
    },
  );
  add(
    {
      name: 'message',
      description: 'Writes to one session or to the person. It is read at the receiver’s next step, or when it starts.',
      input: z.object({ to: who, body }),
    },
    async ({ to, body: text }) => sentText(await (await desk.team()).message(to, text)),
  );
  add(
    {
      name: 'broadcast',
      description: 'Writes to every other session that is active and to the person. For what all must know now.',
      input: z.object({ body }),
    },
    async ({ body: text }) => sentText(await (await desk.team()).broadcast(text)),
  );
  add(
    {
      name: 'reply',
      description: 'Answers a message to you, by the id that it came with.',
      input: z.object({ id: z.string().min(1).max(100), body }),
    },
    async ({ id, body: text }) => sentText(await (await desk.team()).reply(id, text)),
  );
  add(
    {
      name: 'inbox',
      description: 'Reads messages to you and marks them as read. all: read ones, too; peek: leaves them unread.',
      input: z.object({ all: z.boolean().optional(), peek: z.boolean().optional() }),
    },
    async ({ all = false, peek = false }) => {
      const team = await desk.team();
      const messages = await team.inbox({ unreadOnly: !all });
      const unread = messages.flatMap(({ id, readAt }) => (readAt === undefined ? [id] : []));
      if (!peek && unread.length > 0) await team.markRead(unread);
      return messages.length === 0 ? 'Nothing is new.' : messages.map((each) => gotText(each, desk.now())).join('\n\n');
    },
  );
  add(
    {
      name: 'members',
      description: 'Lists everybody who can be written to, with what they work on.',
      input: z.object({}),
      isReadOnly: true,
    },
    async () => {
      const team = await desk.team();
      const members = await team.members();
      return members
        .map(({ party, title, worker, isActive }) => {
          const name =
            party === 'you' ? 'you: the person' : `${worker?.name ?? nameOf(party)}: “${title}” (${nameOf(party)})`;
          return `${name}${party === team.party ? ', yourself' : isActive ? '' : ', not active now'}`;
        })
        .join('\n');
    },
  );
  add(
    {
      name: 'context_add',
      description:
        'Shares a fact with all sessions, now and later: a decision, an interface others must keep to, a warning, a convention, a discovery. Short and complete in itself.',
      input: z.object({ category: z.enum(contextCategories), text: body }),
    },
    async ({ category, text }) => `Shared as ${(await (await desk.team()).addContext(category, text)).id}.`,
  );
  add(
    {
      name: 'context_show',
      description: 'Shows the facts and values that sessions share, oldest first.',
      input: z.object({}),
      isReadOnly: true,
    },
    async () => {
      const team = await desk.team();
      const [entries, values] = [await team.context(), await team.values()];
      const parts = [
        ...entries.map((entry) => contextPart(entry, unlimited)),
        ...values.map(({ key, value }) => `${key} = ${JSON.stringify(value)}`),
      ];
      return parts.length === 0 ? 'Nothing is shared yet.' : parts.join('\n\n');
    },
  );
  add(
    {
      name: 'context_set',
      description: 'Sets a value that every session is told from its start; without a value it is removed.',
      input: z.object({ key: z.string().min(1).max(64), value: z.string().max(longestValue).optional() }),
    },
    async ({ key, value }) => {
      await (await desk.team()).setValue(key, value);
      return value === undefined ? `${key} is removed.` : `${key} is set.`;
    },
  );
  add(
    {
      name: 'status_update',
      description:
        'Says how your task gets on, for the person to see. “blocked” calls the person: use it only when you cannot go on without an answer.',
      input: z.object({ status: z.enum(reportedStatuses), note: z.string().max(2000).optional() }),
    },
    async ({ status, note = '' }) => {
      const answer = await desk.report({ status, note });
      return answer === 'saved' ? 'Noted.' : answer;
    },
  );
}

const pathText = ({ kind, path: text }: ClaimPath): string => (kind === 'folder' ? `${text}/` : text);

function claimText(answer: ClaimAnswer, wanted: readonly ClaimPath[], now: number): string | Refusal {
  if (answer.kind === 'not_allowed') return answer;
  if (answer.kind === 'refused') {
    return {
      refused: `Nothing was claimed.\n${refusedText(answer.refused, now)}\nYou get a message when it is free; go on with something else meanwhile, or use ask_for_claim. If you can do without, use unclaim: a task that ends its turn waits for what it was refused.`,
    };
  }
  const beside = answer.beside.map((claim) => `\n${pathText(claim)} is also claimed by ${holderText(claim, now)}.`);
  return `You hold ${wanted.map(pathText).join(', ')}.${beside.join('')}`;
}

const sentText = (answer: readonly Message[] | Refusal): string | Refusal =>
  'refused' in answer ? answer : `Sent to ${answer.map(({ toTitle }) => toTitle).join(', ')}.`;

const gotText = (message: Message, now: number): string =>
  `${message.id}, ${agoText(message.sentAt, now)}. ${messagePart(message, unlimited)}`;
