import { expect, test } from 'vitest';
import { progressIn } from '../../../src/core/model/progress.ts';

const status = (text: string, confidence?: number) => ({
  kind: 'status',
  text,
  ...(confidence === undefined ? {} : { confidence }),
});
const stuck = (text: string) => ({ kind: 'stuck', text });

test.each([
  ['STATUS: writing the parser', [status('writing the parser')]],
  ['STATUS: writing the parser (80%)', [status('writing the parser', 80)]],
  ['STATUS: writing the parser ( 80 % )', [status('writing the parser', 80)]],
  ['STATUS 80%: writing the parser', [status('writing the parser', 80)]],
  ['STATUS (80%): writing the parser', [status('writing the parser', 80)]],
  ['STATUS: 100 tests are red (0%)\r', [status('100 tests are red', 0)]],
  ['STATUS: sure (150%)', [status('sure')]],
  ['STATUS: half (50%) done', [status('half (50%) done')]],
  ['STUCK: there is no database here', [stuck('there is no database here')]],
  ['I tried.\nSTATUS: tried (20%)\n\nSTUCK:   no key  \nBye.', [status('tried', 20), stuck('no key')]],
  [`STUCK: ${'x'.repeat(600)}`, [stuck('x'.repeat(500))]],
  ['```\nSTUCK: in code\n```\nSTUCK: outside', [stuck('outside')]],
  ['~~~ text\nSTUCK: in code\n```\nSTUCK: still in code\n~~~~\nSTATUS: out', [status('out')]],
  ['```js\nSTUCK: never closed', []],
  ['```inline``` STUCK: no\nSTUCK: `code`', [stuck('`code`')]],
  [' STUCK: not at the beginning', []],
  ['> STUCK: quoted', []],
  ['- STATUS: a list', []],
  ['**STUCK: bold**', []],
  ['I am not STUCK: it goes on', []],
  ['stuck: small', []],
  ['STUCK:', []],
  ['STATUS:   ', []],
  ['STATUS (80%):', []],
  ['STATUSES: two', []],
  ['', []],
])('%j', (text, told) => {
  expect(progressIn(text)).toEqual(told);
});
