import { expect, test } from 'vitest';
import { verdictOn } from '../../../src/cli/verdict.ts';
import type { Until } from '../../../src/core/flow/waiting.ts';
import type { BatchId, EntryId, TaskId } from '../../../src/core/model/ids.ts';
import type { EntryState, MergeEntry } from '../../../src/core/model/merge.ts';
import type { Task } from '../../../src/core/model/task.ts';
import { batch, overview, task } from '../core/builders.ts';

const rules = { 'tasks.startAfter': 'merged', 'tasks.maxRounds': 3 } as const;
const human = batch({ id: 'b1' as BatchId, review: 'human' });
const nobody = batch({ id: 'b2' as BatchId, review: 'none', land: true });

const entry = (of: Task, state: EntryState): MergeEntry => ({
  id: 'e1' as EntryId,
  task: of.id,
  target: 'main',
  head: 'h',
  state,
  position: 1,
  createdAt: 0,
});

function verdict(
  tasks: readonly Task[],
  until: Until,
  entries: readonly MergeEntry[] = [],
  others: readonly Task[] = [],
) {
  return verdictOn(tasks, overview({ tasks: [...tasks, ...others], batches: [human, nobody], entries }), rules, until);
}

const inState = (state: Task['state'], over: object = {}) =>
  task({ state, head: 'h', base: 'b', reason: 'because', ...over });
const unattended = { batch: nobody.id };

test.each([
  ['queued', undefined, undefined],
  ['running', undefined, undefined],
  ['waiting', undefined, undefined],
  ['in_review', 0, undefined],
  ['approved', 0, undefined],
  ['merging', 0, undefined],
  ['merged', 0, 0],
  ['skipped', 0, 0],
  ['cancelled', 0, 1],
  ['failed', 1, 1],
  ['dead', 4, 4],
] as const)('a task that is %s: done says %s, merged says %s', (state, done, merged) => {
  expect([verdict([inState(state)], 'done'), verdict([inState(state)], 'merged')]).toEqual([done, merged]);
});

test('one that goes on keeps all of them waiting; a failure outweighs a limit', () => {
  const other = { id: 't2' as TaskId };
  expect(verdict([inState('failed'), inState('running', other)], 'done')).toBeUndefined();
  expect(verdict([inState('dead'), inState('failed', other)], 'done')).toBe(1);
  expect(verdict([inState('dead'), inState('merged', other)], 'done')).toBe(4);
});

test('where nobody reviews, what came to a review will not land by itself', () => {
  expect(verdict([inState('in_review', unattended)], 'merged')).toBe(1);
  expect(verdict([inState('in_review', { ...unattended, rounds: 3 })], 'merged')).toBe(4);
  expect(verdict([inState('in_review', { ...unattended, rounds: 3 })], 'done')).toBe(0);
});

test('an approved task lands by its entry; a refused landing is an end', () => {
  const approved = inState('approved', unattended);
  expect(verdict([approved], 'merged', [entry(approved, 'queued')])).toBeUndefined();
  expect(verdict([approved], 'merged', [entry(approved, 'refused')])).toBe(1);
  const reviewed = inState('approved');
  expect(verdict([reviewed], 'merged', [entry(reviewed, 'refused')])).toBe(1);
});

test('a task behind one that a person must move: not done yet, or waited for', () => {
  const first = inState('in_review', { id: 't0' as TaskId });
  const second = task({ after: [first.id] });
  expect(verdict([second], 'done', [], [first])).toBe(3);
  expect(verdict([second, first], 'merged')).toBeUndefined();
});

test('a task behind one that has failed will never start', () => {
  const first = inState('failed', { id: 't0' as TaskId });
  const second = task({ after: [first.id] });
  const third = task({ id: 't3' as TaskId, after: [second.id] });
  expect([verdict([third], 'done', [], [first, second]), verdict([third], 'merged', [], [first, second])]).toEqual([
    1, 1,
  ]);
});
