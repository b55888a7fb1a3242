import { expect, test } from 'vitest';
import { AppError, UsageError } from '../../../src/base/errors.ts';
import { textOf } from '../../../src/cli/columns.ts';
import { tellError } from '../../../src/cli/errors.ts';
import { exitCodes } from '../../../src/cli/exitCodes.ts';
import type { Output } from '../../../src/cli/output.ts';

function told(error: unknown, json = false) {
  const lines: string[] = [];
  const output = { json, note: (...cells) => lines.push(cells.map(textOf).join('')) } as Pick<Output, 'json' | 'note'>;
  const code = tellError(error, output as Output);
  return { code, lines };
}

test('the table of exit codes is the one that scripts rely on', () => {
  expect(exitCodes).toEqual({ done: 0, refused: 1, usage: 2, notYet: 3, limit: 4, bug: 70, stopped: 130 });
});

test('a failure of the world says what failed, why and what to do', () => {
  const error = new AppError('disk', 'it cannot be written', { hint: 'Make room.', cause: new Error('ENOSPC') });
  expect(told(error)).toEqual({ code: 1, lines: ['swarm: it cannot be written', '  ENOSPC', 'Make room.'] });
  expect(told(error, true)).toEqual({
    code: 1,
    lines: ['{"error":{"code":"disk","message":"it cannot be written","hint":"Make room."}}'],
  });
});

test('the person’s mistake is 2, a mistake of ours is 70 with where it happened', () => {
  expect(told(new UsageError('no such thing'))).toEqual({ code: 2, lines: ['swarm: no such thing'] });
  const bug = told(new TypeError('x is not a function'));
  expect([bug.code, bug.lines[0], bug.lines.at(-1)]).toEqual([
    70,
    'swarm: x is not a function',
    'This is a mistake in Swarm. Please report it with the lines above.',
  ]);
  expect(bug.lines.length).toBeGreaterThan(3);
});

test('what is told already in the message is not told again', () => {
  const cause = new Error('outer cause', { cause: new Error('inner cause') });
  expect(told(new AppError('x', 'it failed: outer cause', { cause })).lines).toEqual([
    'swarm: it failed: outer cause',
    '  inner cause',
  ]);
});
