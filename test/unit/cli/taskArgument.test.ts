import { expect, test } from 'vitest';
import { findTask, findTasks } from '../../../src/cli/taskArgument.ts';
import type { TaskId } from '../../../src/core/model/ids.ts';
import { task } from '../core/builders.ts';

const tea = task({ id: 't0000000aa' as TaskId, title: 'Write tea' });
const milk = task({ id: 't0000000ab' as TaskId, title: 'Write milk' });
const more = task({ id: 't1111111aa' as TaskId, title: 'Write tea and more' });
const all = [tea, milk, more];

test.each([
  ['t0000000aa', tea],
  ['t1', more],
  ['T1', more],
  ['milk', milk],
  ['WRITE MILK', milk],
  ['write tea', tea],
  ['and more', more],
])('“%s” is one task', (text, found) => {
  expect(findTask(all, text)).toBe(found);
});

test('what fits several tasks or none is refused, with the candidates', () => {
  expect(() => findTask(all, 't0')).toThrow(
    '“t0” could be any of these tasks:\nt0000000aa  Write tea\nt0000000ab  Write milk',
  );
  expect(() => findTask(all, 'write')).toThrow('could be any of these tasks');
  expect(() => findTask(all, 'coffee')).toThrow('there is no task “coffee”');
  expect(() => findTask(all, ' ')).toThrow('the name of a task is empty');
});

test('of many candidates only some are named', () => {
  const many = Array.from({ length: 8 }, (_, at) => task({ id: `t000000000${at}` as TaskId, title: `Task ${at}` }));
  expect(() => findTask(many, 'task')).toThrow(/Task 4\n… and 3 more$/);
});

test('a task that is named twice is meant once', () => {
  expect(findTasks(all, ['milk', 't0000000ab', 't1'])).toEqual([milk, more]);
});
