import { expect, test } from 'vitest';
import { alignColumns, cut, textOf, widthOf } from '../../../src/cli/columns.ts';

test.each([
  ['plain', 5],
  ['größer', 6],
  ['日本', 4],
  ['👩‍💻', 2],
  ['e\u0301', 1],
  ['✔️', 2],
  ['', 0],
])('“%s” takes %d columns of a terminal', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test('a text is cut between characters, with an ellipsis for what is missing', () => {
  expect([cut('日本語だ', 5), cut('short', 5), cut('longer', 5), cut('👩‍💻👩‍💻👩‍💻', 3)]).toEqual([
    '日本…',
    'short',
    'long…',
    '👩‍💻…',
  ]);
});

const lines = (rows: Parameters<typeof alignColumns>[0], width: number, flexible: number) =>
  alignColumns(rows, width, flexible).map((row) => row.map(textOf).join(''));

test('columns are as wide as their widest cell, wide characters counted', () => {
  expect(
    lines(
      [
        ['ID', 'TITLE', 'X'],
        ['1', '日本語', 'y'],
        ['22', { text: 'abc', style: 'red' }, 'z'],
      ],
      80,
      1,
    ),
  ).toEqual(['ID  TITLE   X', '1   日本語  y', '22  abc     z']);
});

test('where the terminal is too narrow the flexible column gives way, the others do not', () => {
  expect(lines([['t1', 'a very long title indeed', 'queued']], 30, 1)).toEqual(['t1  a very long title…  queued']);
  expect(lines([['t1', 'a very long title indeed', 'queued']], 5, 1)).toEqual(['t1  a very lo…  queued']);
});

test('looks stay with their cells', () => {
  expect(alignColumns([[{ text: 'a', style: 'bold' }, 'b']], 80, 0)).toEqual([[{ text: 'a  ', style: 'bold' }, 'b']]);
});
