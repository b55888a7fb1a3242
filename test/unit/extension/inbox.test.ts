import { expect, test } from 'vitest';
import type { FaceId, TaskId } from '../../../src/core/model/ids.ts';
import { requestedPath, requestText } from '../../../src/core/model/message.ts';
import {
  firstLine,
  inboxTree,
  messageHover,
  messageOfRow,
  messageRowId,
} from '../../../src/extension/model/inboxTree.ts';
import { contextPage, messagePage } from '../../../src/extension/model/messagePage.ts';
import { joinNews, newsBetween, nextNotice, noNews, settledMeanwhile } from '../../../src/extension/model/notices.ts';
import type { Seen } from '../../../src/extension/model/seen.ts';
import { unlinked } from '../../../src/extension/model/unlinked.ts';
import { worker } from '../core/builders.ts';
import { drawn, message, running, see, withTeam, words } from './seeing.ts';

const shop = see({ tasks: [running('t1', 'Runs')], workers: [worker({ state: 'busy', task: 't1' as TaskId })] });
const minute = 60_000;

test('messages are unread or earlier, newest first, each with who sent it, how old it is and how it begins', () => {
  const inbox = [
    message(1, { readAt: 5, sentAt: 0 }),
    message(2, { body: '\n  Which price?\nOld or new?', sentAt: 70 * minute }),
    message(3, { from: '@ada', fromTitle: 'ada', kind: 'claim_request', sentAt: 71 * minute }),
    message(4, { from: 'swarm', fromTitle: 'Swarm', kind: 'notification', sentAt: 72 * minute }),
  ];
  const tree = inboxTree([withTeam(shop, [], inbox)], words, 72 * minute);
  expect(drawn(tree)).toEqual([
    'Unread | 3',
    '  Swarm | now · Message 4',
    '  ada | 1 min · Message 3',
    '  worker 1 | 2 min · Which price?',
    'Earlier | 1',
    '  worker 1 | 1 h · Message 1',
  ]);
  expect(tree.map(({ expanded }) => expanded)).toEqual([true, false]);
  expect(tree[0]?.children?.map((row) => [row.context, row.icon?.name, row.opens])).toEqual([
    ['message unread', 'info', 'swarm.openMessage'],
    ['message unread answerable request', 'lock', 'swarm.openMessage'],
    ['message unread answerable ofTask', 'mail', 'swarm.openMessage'],
  ]);
});

test('repositories are a level of their own only when there are several with messages', () => {
  const other = withTeam(see({}, 'other'), [], [message(1)]);
  expect(
    drawn(inboxTree([withTeam(shop, [], [message(1)]), other, see({}, 'empty')], words, 0)).filter((line) =>
      /^\S/.test(line),
    ),
  ).toEqual(['tea shop', 'other']);
});

test('a row finds its way back to its message, and a long first line is cut', () => {
  expect(messageOfRow(messageRowId('r1', message(7)))).toEqual({ repo: 'r1', message: 'm7' });
  expect(['inbox/r1/unread', 't1', 'message/r1'].map(messageOfRow)).toEqual([undefined, undefined, undefined]);
  expect(Array.from(firstLine(message(1, { body: '🫖'.repeat(300) }))).length).toBe(200);
});

test('a message is shown line by line, and nothing in it becomes a format, a link or a heading', () => {
  const body = 'Look:\n===\n    if (a) {\n\n[x](command:y) <img src=x> # no\nwww.x.example';
  const page = messagePage(shop, words, message(1, { body }));
  expect(page.split('\n\n').slice(0, 4).join('\n\n')).toBe(
    [
      '# worker 1',
      'Runs · at 0',
      'Look\\:  \n\\=\\=\\=  \n\u00a0\u00a0\u00a0\u00a0if \\(a\\) \\{  ',
      '\\[x\\]\\(command\\:y\\) \\<img src\\=x\\> \\# no  \nwww\\.x\\.example  ',
    ].join('\n\n'),
  );
  expect(messageHover(shop, words, message(1, { body }))).not.toMatch(/(?<!\\)\]\(/);
});

test('the shared context is a page of values and entries, newest first, and says so when there is nothing', () => {
  const entry = {
    id: 'x1',
    seq: 1,
    author: 't1',
    authorTitle: 'Runs',
    category: 'decision',
    text: 'Prices are cents.',
    at: 1,
  };
  const entries = [
    entry,
    { ...entry, id: 'x2', seq: 2, author: 'you', category: 'warning', text: '*No* floats', at: 2 },
  ] as never;
  const values = [{ key: 'branch', value: '[main](x)', author: 'you', at: 1 }] as never;
  expect(contextPage(shop, words, { entries, values })).toBe(
    [
      '# Shared Context',
      'What every session is told: values from its start, entries when they are new.',
      '## Values',
      '- `branch`: \\[main\\]\\(x\\)',
      '## Entries',
      '### Warning',
      '\\*No\\* floats  ',
      'you · at 2',
      '### Decision',
      'Prices are cents\\.  ',
      'worker 1 \\(“Runs”\\) · at 1',
    ].join('\n\n'),
  );
  expect(contextPage(shop, words, { entries: [], values: [] })).toMatch(/Nothing yet\.$/);
});

test('who asks for a claim is understood again, and what only looks so is not', () => {
  const asked = (body: string, kind: 'claim_request' | 'message' = 'claim_request') => requestedPath({ kind, body });
  const text = requestText({ kind: 'file', path: 'src/my file.js' }, ' I need it. ');
  expect([
    text,
    asked(text),
    asked(requestText({ kind: 'glob', path: 'docs/*.md' }, '')),
    asked(text, 'message'),
    asked('Please release it!'),
  ]).toEqual([
    'Please release src/my file.js as soon as you can. I need it.',
    { kind: 'folder', path: 'src/my file.js' },
    { kind: 'glob', path: 'docs/*.md' },
    undefined,
    undefined,
  ]);
});

const notice = (before: Seen, after: Seen) => {
  const news = joinNews(noNews, newsBetween(before, after, 'f1' as FaceId), [after]);
  return nextNotice(news, [after], words)?.message;
};

test('a message is told once when it comes, several as one, and none that were there before or were read meanwhile', () => {
  const none = withTeam(shop, [], []);
  const one = withTeam(shop, [], [message(1, { body: 'Which price?\nOld or new?' })]);
  const three = withTeam(shop, [], [...(one.team?.inbox ?? []), message(2), message(3)]);
  const read = withTeam(shop, [], [message(1, { readAt: 1 }), message(2, { readAt: 1 })]);
  expect({
    first: notice(none, one),
    again: notice(one, one),
    several: notice(one, three),
    atTheStart: notice(shop, three),
    unread: notice(read, withTeam(shop, [], [message(1, { readAt: 1 }), message(2)])),
  }).toEqual({
    first: 'worker 1 (“Runs”): Which price?',
    again: undefined,
    several: '2 messages have come for you.',
    atTheStart: undefined,
    unread: undefined,
  });
  const pending = newsBetween(none, one, 'f1' as FaceId);
  expect([joinNews(pending, noNews, [one]).message.length, joinNews(pending, noNews, [read]).message.length]).toEqual([
    1, 0,
  ]);
  const told = nextNotice(pending, [one], words);
  expect(told && settledMeanwhile(told, [read], words)).toBeUndefined();
});

test('a session cannot put a link into a notification', () => {
  expect(unlinked('see [this](command:workbench.action.quit)')).toBe('see [this] (command:workbench.action.quit)');
});
