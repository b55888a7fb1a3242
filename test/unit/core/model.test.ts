import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BatchId, TaskId } from '../../../src/core/model/ids.ts';
import { isId, newId } from '../../../src/core/model/ids.ts';
import type { Lease } from '../../../src/core/model/lease.ts';
import { judgeLeases } from '../../../src/core/model/lease.ts';
import { judge } from '../../../src/core/model/review.ts';
import { branchName, slugOf, taskStates, titleOf, transitions } from '../../../src/core/model/task.ts';
import { task } from './builders.ts';

test('an id has its kind’s letter and nine characters that are safe everywhere', () => {
  const id = newId('task', () => Uint8Array.from([0, 31, 32, 63, 255, 10, 11, 12, 13]));
  expect(id).toBe('t0z0zzabcd');
  expect([isId('task', id), isId('worker', id), isId('task', 't0z0zzabci'), isId('task', `${id}0`)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test('a title is the first line with words, in one line, cut at 80 characters', () => {
  expect([
    titleOf('\n\n  Fix the login\nand more'),
    titleOf('a\tb\u0007c\u202ed'),
    titleOf('x'.repeat(100)).length,
    titleOf('🦊'.repeat(81)),
    titleOf('   '),
  ]).toEqual(['Fix the login', 'a b c d', 80, `${'🦊'.repeat(79)}…`, '']);
});

test('a slug is safe in branches, paths and arguments, whatever the title', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (title) => /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(slugOf(title))),
  );
  expect([slugOf('Über $(rm -rf) “x”'), slugOf('---'), slugOf('日本')]).toEqual(['uber-rm-rf-x', 'task', 'task']);
});

test('a branch is named by the template', () => {
  const named = { id: 't1' as TaskId, batch: 'b1' as BatchId, title: 'Fix it' };
  expect(branchName('x/{batch}/{slug}-{id}-{id}', named)).toBe('x/b1/fix-it-t1-t1');
});

test('every state is reachable from queued or proposed, and merged is the end', () => {
  const reached = new Set<string>(['proposed', 'queued']);
  for (let size = 0; size !== reached.size; ) {
    size = reached.size;
    for (const state of taskStates) if (reached.has(state)) for (const next of transitions[state]) reached.add(next);
  }
  expect([...reached].sort()).toEqual([...taskStates].sort());
  expect(transitions.merged).toEqual([]);
});

const lease = (over: Partial<Lease> = {}): Lease => ({
  name: 'task/t1',
  token: 1,
  owner: { machine: 'here', pid: 1, startTime: 'a' },
  renewals: 0,
  ms: 30_000,
  ...over,
});
const nobodyDead = () => false;

test('a lease is not lost while its renewals move, however long it lives', () => {
  let seen = judgeLeases([lease()], new Map(), 0, nobodyDead).seen;
  for (let round = 1; round <= 10; round++) {
    const judged = judgeLeases([lease({ renewals: round })], seen, round * 29_000, nobodyDead);
    expect(judged.lost).toEqual([]);
    seen = judged.seen;
  }
});

test('a lease is lost when its renewals stood still for its length on the reaper’s clock, not before', () => {
  const first = judgeLeases([lease()], new Map(), 1000, nobodyDead);
  const late = judgeLeases([lease()], first.seen, 31_000, nobodyDead);
  const lost = judgeLeases([lease()], late.seen, 31_001, nobodyDead);
  expect([late.lost.length, lost.lost.length]).toEqual([0, 1]);
});

test('a lease whose process is known dead is lost at once', () => {
  expect(judgeLeases([lease()], new Map(), 0, () => true).lost).toEqual([lease()]);
});

test('a reaper that slept forgets nothing and blames nobody: a new owner starts a new sighting', () => {
  const first = judgeLeases([lease()], new Map(), 0, nobodyDead);
  expect(judgeLeases([lease({ token: 2 })], first.seen, 1e9, nobodyDead).lost).toEqual([]);
});

const inReview = task({ state: 'in_review', base: 'b', head: 'h' });

test('a verdict holds for the commit that was read, and for a task that is in review', () => {
  expect([
    judge(inReview, { kind: 'approve' }, 'h'),
    judge(inReview, { kind: 'request_changes', note: 'shorter' }, 'h'),
    judge(inReview, { kind: 'request_changes', note: '  ' }, 'h'),
    judge(inReview, { kind: 'reject', note: '' }, 'h'),
    judge(inReview, { kind: 'approve' }, 'older'),
    judge(task({ state: 'queued' }), { kind: 'approve' }, 'h'),
    judge(task({ state: 'approved', base: 'b', head: 'h' }), { kind: 'approve' }, 'h'),
  ]).toEqual([
    { to: 'approved', review: 'approved' },
    { to: 'queued', review: 'changes_asked' },
    { refused: 'say what should change' },
    { to: 'cancelled', review: 'rejected' },
    { refused: '“Do it” has moved on to commit h; read that one first' },
    { refused: '“Do it” is queued, not in review' },
    { to: 'approved', review: 'approved' },
  ]);
});
