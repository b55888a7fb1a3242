import { expect, test } from 'vitest';
import { Backoff } from '../../../src/core/flow/backoff.ts';
import { boardOf, standing, waitsFor } from '../../../src/core/flow/waiting.ts';
import { workforce } from '../../../src/core/flow/workforce.ts';
import type { Claim } from '../../../src/core/model/claim.ts';
import type { BatchId, ClaimId, EntryId, TaskId, WorkerId } from '../../../src/core/model/ids.ts';
import type { Session, SessionMode } from '../../../src/core/model/session.ts';
import type { Task } from '../../../src/core/model/task.ts';
import { batch, situation, task, worker } from './builders.ts';

const review = (id: string): Task => task({ id: id as TaskId, state: 'in_review', base: 'b', head: 'h', title: id });
const queued = (id: string, ...after: string[]): Task =>
  task({ id: id as TaskId, title: id, after: after as TaskId[] });
const ended = (id: string, state: 'failed' | 'merged' | 'skipped'): Task =>
  task({ id: id as TaskId, title: id, state, reason: 'r', head: 'h', landed: 'l' });
const tasksOf = (...list: Task[]) => new Map(list.map((each) => [each.id, each]));

test('why a task waits is told in words', () => {
  const tasks = tasksOf(review('a'), ended('m', 'merged'));
  expect([
    waitsFor(queued('b', 'a'), tasks, 'merged', []),
    waitsFor(queued('b', 'a'), tasks, 'in_review', []),
    waitsFor(queued('b', 'm'), tasks, 'merged', []),
  ]).toEqual(['waits for “a” (in review)', undefined, undefined]);
});

test('somebody who waits is told when only a person can go on', () => {
  const a = review('a');
  const approved = task({ id: 'p' as TaskId, state: 'approved', base: 'b', head: 'h' });
  const all = [
    a,
    queued('b', 'a'),
    queued('c', 'b'),
    ended('f', 'failed'),
    queued('g', 'f'),
    queued('q'),
    ended('s', 'skipped'),
    queued('t', 's'),
    approved,
  ];
  const board = boardOf({ tasks: all, entries: [], blocked: [] }, 'merged');
  const stands = (until: 'done' | 'merged') => all.map((each) => `${each.id} ${standing(each, board, until)}`);
  expect(stands('done')).toEqual([
    'a settled',
    'b blocked',
    'c blocked',
    'f blocked',
    'g blocked',
    'q busy',
    's settled',
    't busy',
    'p settled',
  ]);
  expect(stands('merged')).toEqual([
    'a blocked',
    'b blocked',
    'c blocked',
    'f blocked',
    'g blocked',
    'q busy',
    's settled',
    't busy',
    'p blocked',
  ]);
});

test('an approved task that stands in the merge queue goes on by itself, and so does what comes after it', () => {
  const approved = task({ id: 'p' as TaskId, state: 'approved', base: 'b', head: 'h' });
  const next = queued('n', 'p');
  const entry = {
    id: 'e1' as EntryId,
    task: approved.id,
    target: 'main',
    head: 'h',
    state: 'queued',
    position: 1,
    createdAt: 0,
  } as const;
  const board = boardOf({ tasks: [approved, next], entries: [entry], blocked: [] }, 'merged');
  expect([standing(approved, board, 'merged'), standing(next, board, 'merged')]).toEqual(['busy', 'busy']);
});

test('a task whose files are held says by whom, and goes on by itself unless only a person lets go of them', () => {
  const claim = (holder: Claim['holder'], path: string): Claim => ({
    id: 'c1' as ClaimId,
    kind: 'file',
    path,
    mode: 'exclusive',
    origin: 'asked',
    claimedAt: 0,
    holder,
    title: holder,
    ...(holder.startsWith('t') ? { task: holder as TaskId } : {}),
  });
  const names = ['tq', 'tqueued', 'treview', 'tx', 'ty', 'tz', 'tdeep'];
  const waits = (of: string, by: Claim['holder']) =>
    ({ task: of as TaskId, wanted: { kind: 'file', path: 'a' }, by: claim(by, 'a') }) as const;
  const blocked = [
    waits('tq', '@ann'),
    waits('tqueued', 'tq' as TaskId),
    waits('tx', 'treview' as TaskId),
    waits('ty', 'you'),
    waits('tz', 'tdeep' as TaskId),
    waits('tdeep', 'tz' as TaskId),
  ];
  const tasks = names.map((name) =>
    name === 'treview' ? task({ id: name as TaskId, state: 'in_review', base: 'b', head: 'h' }) : queued(name),
  );
  const board = boardOf({ tasks, entries: [], blocked }, 'merged');
  expect(tasks.map((each) => `${each.id} ${standing(each, board, 'merged')}`)).toEqual([
    'tq busy',
    'tqueued busy',
    'treview blocked',
    'tx blocked',
    'ty blocked',
    'tz busy',
    'tdeep busy',
  ]);
  const why = (id: string) => waitsFor(queued(id), board.tasks, 'merged', blocked);
  expect([why('tq'), why('ty'), why('tnone')]).toEqual([
    'waits for a, claimed by “@ann”',
    'waits for a, claimed by you',
    undefined,
  ]);
  const driven = { ...claim('tx' as TaskId, 'b'), title: 'X', worker: { id: 'w1' as WorkerId, name: 'worker 1' } };
  const both = [
    waits('tq', 'you'),
    { ...waits('tq', 'you'), wanted: { kind: 'file', path: 'b' }, by: driven } as const,
  ];
  expect(waitsFor(queued('tq'), board.tasks, 'merged', both)).toBe(
    'waits for a, claimed by you; b, claimed by worker 1 (“X”)',
  );
});

const started = (...args: Parameters<typeof workforce>) => workforce(...args).start;
const settings = { 'workers.max': 5, 'tasks.startAfter': 'merged' } as const;
const many = (count: number, batchId = 'b1') =>
  Array.from({ length: count }, (_, index) => task({ id: `t${batchId}${index}` as TaskId, batch: batchId as BatchId }));

test('as many workers are wanted as have work, within the batch’s number and the repository’s cap', () => {
  const wanted = (tasks: number, batchWorkers: number, max: number) =>
    started(situation({ batches: [batch({ workers: batchWorkers })], tasks: many(tasks) }), {
      ...settings,
      'workers.max': max,
    }).length;
  expect([wanted(2, 3, 5), wanted(9, 3, 5), wanted(9, 9, 5), wanted(0, 3, 5)]).toEqual([2, 3, 5, 0]);
});

test('idle and starting workers are used before new ones are wanted, of the same mode only', () => {
  const workers = [worker(), worker({ state: 'starting' }), worker({ mode: 'interactive' })];
  expect(started(situation({ workers, batches: [batch({ workers: 4 })], tasks: many(4) }), settings).length).toBe(2);
});

test('two batches share the cap in the order they were asked for', () => {
  const other = batch({ id: 'b2' as BatchId, mode: 'interactive' });
  const wanted = started(situation({ batches: [batch(), other], tasks: [...many(3), ...many(3, 'b2')] }), settings);
  expect(wanted.map((each) => each.id)).toEqual(['b1', 'b1', 'b1', 'b2', 'b2']);
});

test('no worker is wanted for a task that waits for another one', () => {
  const first = task({ state: 'in_review', base: 'b', head: 'h' });
  expect(started(situation({ batches: [batch()], tasks: [first, queued('b', 't1')] }), settings)).toEqual([]);
});

test('idle workers of a mode that nothing waits for make room for those that are needed, no more of them than needed', () => {
  const idle = ['w1', 'w2', 'w3'].map((id) => worker({ id: id as WorkerId, mode: 'interactive' }));
  const settled = { 'workers.max': 3, 'tasks.startAfter': 'merged' } as const;
  const full = situation({ workers: idle, batches: [batch()], tasks: many(2) });
  expect(workforce(full, settled)).toEqual({ start: [], release: ['w1', 'w2'] });
  const leaving = [worker({ id: 'w0' as WorkerId, mode: 'interactive', state: 'stopping' }), ...idle.slice(1)];
  expect(workforce({ ...full, workers: leaving }, settled)).toEqual({ start: [], release: ['w2'] });
});

test('an idle worker whose session keeps a task that has changed its mode is let go, and not counted on', () => {
  const tying = worker({ mode: 'interactive' });
  const other = worker({ id: 'w2' as WorkerId, mode: 'interactive' });
  const session = { id: 's1', worker: 'w1', task: 't1', state: 'open' } as unknown as Session;
  const scene = (mode: SessionMode) =>
    workforce(
      situation({ workers: [tying, other], sessions: [session], batches: [batch({ mode })], tasks: [queued('t1')] }),
      settings,
    );
  expect([scene('print'), scene('interactive')]).toEqual([
    { start: [batch({ mode: 'print' })], release: ['w1'] },
    { start: [], release: [] },
  ]);
  const needed = batch({ id: 'b2' as BatchId, mode: 'interactive' });
  const batches = [batch({ mode: 'print' }), needed];
  const tasks = [queued('t1'), ...many(1, 'b2')];
  expect(workforce(situation({ workers: [tying], sessions: [session], batches, tasks }), settings)).toEqual({
    start: batches,
    release: ['w1'],
  });
});

test('what fails is left alone for longer each time, and at once tried again after a success', () => {
  const backoff = new Backoff<string>({ firstMs: 100, mostMs: 300 });
  const tries = (now: number) => backoff.mayTry('x', now);
  const fresh = tries(0);
  backoff.failed('x', 0);
  const once = [tries(99), tries(100)];
  backoff.failed('x', 100);
  const twice = [tries(299), tries(300)];
  for (let time = 0; time < 9; time++) backoff.failed('x', 1000);
  const often = [tries(1299), tries(1300), backoff.mayTry('y', 1000)];
  backoff.succeeded('x');
  expect([fresh, once, twice, often, tries(1000)]).toEqual([
    true,
    [false, true],
    [false, true],
    [false, true, true],
    true,
  ]);
});
