import { expect, test } from 'vitest';
import { bodyOf, longestBody } from '../../../src/core/model/message.ts';

test('a text keeps its lines and loses what could deceive whoever reads it', () => {
  expect(bodyOf('  one\r\ntwo\rthree\ttab \u001b[31mred\u202eevil\u200b\u0000 \ud800 ')).toEqual({
    body: 'one\ntwo\nthree\ttab [31mredevil \ufffd',
  });
});

test('a text that says nothing, or too much, is refused', () => {
  const answers = [
    '',
    ' \n\u200b ',
    'x'.repeat(longestBody),
    'x'.repeat(longestBody + 1),
    'x'.repeat(5 * longestBody),
  ].map(bodyOf);
  expect(answers.map((answer) => ('body' in answer ? answer.body.length : answer.refused.split(';')[0]))).toEqual([
    'say something',
    'say something',
    longestBody,
    '16001 characters are too many',
    '80000 characters are too many',
  ]);
});
