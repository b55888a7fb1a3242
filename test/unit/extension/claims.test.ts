import { expect, test } from 'vitest';
import type { Claim } from '../../../src/core/model/claim.ts';
import type { TaskId, WorkerId } from '../../../src/core/model/ids.ts';
import { ClaimIndex } from '../../../src/extension/model/claimIndex.ts';
import {
  claimHover,
  claimRows,
  claimsOfRow,
  claimsTree,
  holderHover,
} from '../../../src/extension/model/claimsTree.ts';
import { markOf } from '../../../src/extension/model/holders.ts';
import { Marks } from '../../../src/extension/model/marks.ts';
import { Places } from '../../../src/extension/model/places.ts';
import type { Seen } from '../../../src/extension/model/seen.ts';
import { holdingsOf } from '../../../src/extension/model/team.ts';
import { terminalColor, workerColor } from '../../../src/extension/model/workerColor.ts';
import { task, worker } from '../core/builders.ts';
import { claim, drawn, running, see, withTeam, words } from './seeing.ts';

const inReview = task({ id: 't2' as TaskId, title: 'Came back', state: 'in_review', base: 'b', head: 'h' });
const workers = [worker({ state: 'busy', task: 't1' as TaskId })];
const ofT2 = { holder: 't2', task: 't2', title: 'Came back' } as Partial<Claim>;
const ofYou = { holder: 'you', title: 'you' } as const;
const everybody = [
  claim('src/price.js'),
  claim('src/tea.js', { mode: 'warn' }),
  claim('docs', { ...ofT2, kind: 'folder', origin: 'declared' }),
  claim('**/*.test.js', { ...ofT2, kind: 'glob', mode: 'shared-append' }),
  claim('README.md', ofYou),
  claim('notes.md', { holder: '@ada', title: 'ada' }),
].map(
  ({ task: of, ...each }): Claim =>
    each.holder === 'you' || each.holder === '@ada' ? each : { ...each, ...(of ? { task: of } : {}) },
);
const seen = withTeam(see({ tasks: [running('t1', 'Runs'), inReview], workers }), everybody);

const below = (one: Seen, holder: string, from = 0) => {
  const holding = one.team?.holdings.byHolder.get(holder as TaskId);
  return holding ? claimRows(words, one.repo, holding, from) : [];
};

test('claims are grouped by who holds them: tasks with their workers, guests, and you', () => {
  expect(drawn(claimsTree([seen], words))).toEqual([
    'worker 1 | Runs · 2',
    'Came back | in review · 2',
    'You | 1',
    'ada | 1',
  ]);
  expect(['t1', 't2', 'you'].map((holder) => drawn(below(seen, holder)))).toEqual([
    ['price.js | src', 'tea.js | others are only warned · src'],
    ['docs | folder', '**/*.test.js | pattern · others may append'],
    ['README.md'],
  ]);
});

test('repositories are a level of their own only when there are several with claims', () => {
  const other = withTeam(see({}, 'other'), [claim('a', ofYou)]);
  expect(drawn(claimsTree([seen, other, see({}, 'empty')], words)).filter((line) => !/\|/.test(line))).toEqual([
    'tea shop',
    'other',
  ]);
});

test('of very many claims a page is shown, and the others a page at a time', () => {
  const many = withTeam(
    see({}),
    Array.from({ length: 250 }, (_, index) => claim(`f${index}`, ofYou)),
  );
  const pages = [0, 100, 200].map((from) => below(many, 'you', from));
  expect(pages.map((rows) => [rows.length, rows[0]?.label, rows.at(-1)?.label, rows.at(-1)?.context])).toEqual([
    [101, 'f0', '… and 150 more', 'more'],
    [101, 'f100', '… and 50 more', 'more'],
    [50, 'f200', 'f249', 'claim file yours'],
  ]);
  expect(claimsOfRow(pages[0]?.at(-1)?.id ?? '')).toEqual({ repo: many.repo, holder: 'you', from: 100 });
});

test('a row names its claim, what can be done with it, and where a click leads', () => {
  const [file] = below(seen, 't1');
  const [folder] = below(seen, 't2');
  expect([file?.context, file?.opens, folder?.context, folder?.opens]).toEqual([
    'claim file ofTask others',
    'swarm.openClaimedFile',
    'claim folder ofTask others',
    undefined,
  ]);
  expect(['claims/r1/t1/cx1', 'claims/r1/@ada', 'claims/r1', 't1'].map(claimsOfRow)).toEqual([
    { repo: 'r1', holder: 't1', claim: 'cx1', from: 0 },
    { repo: 'r1', holder: '@ada', from: 0 },
    undefined,
    undefined,
  ]);
});

test('a holder’s row changes with its claims, and with theirs alone', () => {
  const versions = (one: Seen) => claimsTree([one], words).map((row) => row.version);
  const more = withTeam(seen, [...everybody, claim('new.js', ofYou)]);
  const [before, same, after] = [versions(seen), versions(withTeam(seen, [...everybody])), versions(more)];
  expect([same, after.map((version, at) => version === before[at])]).toEqual([before, [true, true, false, true]]);
});

test('hovers say who holds it, since when, why and for how long, and nothing in them is a link', () => {
  const hovers = everybody.map((each) => claimHover(seen, words, each).split('\n\n')[1]?.split('  \n'));
  expect([hovers[0], hovers[2], hovers[4]]).toEqual([
    [
      'Held by: worker 1 \\(“Runs”\\)',
      'Mode: exclusive',
      'Since: at 0, taken with the first write',
      'Lasts: while worker 1 works on it  ',
    ],
    [
      'Held by: “Came back”',
      'Mode: exclusive',
      'Since: at 0, declared when the task was queued',
      'Lasts: until its work is merged or given up  ',
    ],
    ['Held by: you', 'Mode: exclusive', 'Since: at 0, taken with the first write', 'Lasts: until you release it  '],
  ]);
  expect(claimHover(seen, words, claim('a', { expiresAt: 9 }))).toContain('without a sign of life it ends at 9');
  const evil = withTeam(see({}), [claim('[a](command:b)', { ...ofYou, kind: 'glob' })]);
  const [holding] = evil.team?.holdings.byHolder.values() ?? [];
  const texts = holding
    ? [claimHover(evil, words, holding.claims[0] ?? claim('')), holderHover(evil, words, holding)]
    : [];
  expect(texts.filter((text) => /(?<!\\)\]\(/.test(text) || text === '')).toEqual([]);
});

test('a file is found by its own claim, by those of the folders above it, and by globs, whatever its case', () => {
  const index = new ClaimIndex(everybody);
  const on = (path: string) => index.on(path).map((each) => each.path);
  expect({
    exact: on('SRC/Price.js'),
    below: on('docs/deep/hours.md'),
    folder: on('docs'),
    glob: on('src/price.test.js'),
    both: on('docs/a.test.js'),
    top: on('x.test.js'),
    beside: [...on('docs2/a.md'), ...on('README.md/x'), ...on('src'), ...on('price.js'), ...on('')],
  }).toEqual({
    exact: ['src/price.js'],
    below: ['docs'],
    folder: ['docs'],
    glob: ['**/*.test.js'],
    both: ['docs', '**/*.test.js'],
    top: ['**/*.test.js'],
    beside: [],
  });
});

test('a mark is the worker’s number in its color, with the holder, the task and how long in words', () => {
  expect(
    ['src/price.js', 'docs/a.md', 'README.md', 'notes.md', 'free.js'].map((path) => markOf(seen, words, path)),
  ).toEqual([
    { badge: '1', color: 'swarm.worker1', tooltip: 'Claimed by worker 1 (“Runs”), while worker 1 works on it' },
    { badge: '?', tooltip: 'The folder docs is claimed by “Came back”, until its work is merged or given up' },
    { badge: 'Y', tooltip: 'Claimed by you, until you release it' },
    { badge: '?', tooltip: 'Claimed by ada, until ada releases it or has left' },
    undefined,
  ]);
});

test('of several holders the first marks the file, and the others are named', () => {
  const shared = ['t1', 'you', '@a', '@b', '@c'].map((holder, at) =>
    claim('log.md', {
      holder: holder as Claim['holder'],
      title: holder,
      id: `c${at}` as Claim['id'],
      mode: 'shared-append',
    }),
  );
  const mark = markOf(withTeam(see({ tasks: [running('t1', 'Runs')], workers }), shared), words, 'log.md');
  expect([mark?.badge, mark?.tooltip.split('\n').map((line) => line.split(',')[0])]).toEqual([
    '1',
    ['Claimed by worker 1 (“Runs”)', 'Claimed by you', 'Claimed by a', 'and by 2 more'].map((line) =>
      line.replace('by a', 'by @a'),
    ),
  ]);
});

test('numbers of workers are cut to two characters, and their colors begin again after eight', () => {
  const badge = (name: string) => {
    const one = see({
      tasks: [running('t1', 'Runs')],
      workers: [worker({ name, state: 'busy', task: 't1' as TaskId })],
    });
    return markOf(withTeam(one, [claim('a')]), words, 'a')?.badge;
  };
  expect(['worker 7', 'worker 42', 'worker 105'].map(badge)).toEqual(['7', '42', '05']);
  const names = [1, 8, 9, 16].map((number) => `worker ${number}`);
  expect(names.map(workerColor)).toEqual(['swarm.worker1', 'swarm.worker8', 'swarm.worker1', 'swarm.worker8']);
  expect(new Set([1, 2, 3, 4, 5, 6, 7, 8].map((number) => terminalColor(`worker ${number}`))).size).toBe(8);
});

test('VS Code is told of those files only whose marks have changed, of each once, and of all at once when they are many', () => {
  const all = Array.from({ length: 10_000 }, (_, index) => claim(`src/f${index}.js`, ofYou));
  let now = withTeam(see({}), all);
  let looked = 0;
  const marks = new Marks((file) => {
    looked += 1;
    return markOf(now, words, file);
  });
  for (let index = 0; index < 300; index += 1) marks.tell(`src/f${index}.js`);
  marks.tell('free.js');
  expect([marks.changed(), looked]).toEqual([[], 602]);
  now = withTeam(now, [...all.slice(2), claim('free.js', ofYou)]);
  expect([marks.changed(), marks.changed()]).toEqual([['src/f0.js', 'src/f1.js', 'free.js'], []]);
  now = withTeam(now, []);
  expect([marks.changed(), marks.changed()]).toEqual(['all', []]);
});

test('a path is of the innermost checkout or worktree that it lies in, also over another way there', () => {
  const places = new Places([
    { folder: '/home/ada/tea shop', repo: 'r1', prefix: '' },
    { folder: '/home/ada/tea shop/.trees/one', repo: 'r1', prefix: '' },
    { folder: '/link to docs', repo: 'r1', prefix: 'docs' },
    { folder: '/C:/tea', repo: 'r2', prefix: '' },
  ]);
  const at = (path: string) => places.of(path);
  expect({
    checkout: at('/home/ada/tea shop/src/price.js')?.path,
    worktree: at('/home/ada/tea shop/.trees/one/src/price.js'),
    link: at('/link to docs/hours.md')?.path,
    windows: at('/c:/tea/src/Price.js'),
    top: at('/home/ada/tea shop')?.path,
    outside: [at('/home/ada/tea shop 2/a.js'), at('/etc/passwd'), at('/')],
  }).toEqual({
    checkout: 'src/price.js',
    worktree: { repo: 'r1', path: 'src/price.js', root: '/home/ada/tea shop/.trees/one' },
    link: 'docs/hours.md',
    windows: { repo: 'r2', path: 'src/Price.js', root: '/C:/tea' },
    top: '',
    outside: [undefined, undefined, undefined],
  });
});

test('what is as it was keeps its version, and a holder that is gone is gone', () => {
  const first = holdingsOf([claim('a'), claim('b', ofYou)]);
  const second = holdingsOf([claim('a'), claim('c', ofYou)], first);
  const third = holdingsOf([claim('c', ofYou)], second);
  const versions = [first, second, third].map(({ byHolder }) =>
    Object.fromEntries([...byHolder].map(([who, { version }]) => [who, version])),
  );
  expect(versions).toEqual([{ t1: 1, you: 1 }, { t1: 1, you: 2 }, { you: 2 }]);
});

test('a worker keeps its mark while the session of a task in review is open', () => {
  const sessions = [
    { id: 's2', task: 't2', worker: 'w2', state: 'open', usage: {} },
  ] as unknown as Seen['overview']['sessions'];
  const second = worker({ id: 'w2' as WorkerId, name: 'worker 2' });
  const open = withTeam(see({ tasks: [inReview], workers: [second], sessions }), everybody);
  expect(markOf(open, words, 'docs/a.md')).toEqual({
    badge: '2',
    color: 'swarm.worker2',
    tooltip: 'The folder docs is claimed by worker 2 (“Came back”), until its work is merged or given up',
  });
});
