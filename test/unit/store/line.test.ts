import fc from 'fast-check';
import { expect, test } from 'vitest';
import { line } from '../../../src/store/line.ts';

test('any text becomes one line that is safe to show', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (text) => {
      const result = line(text);
      expect(result).toMatch(/^[^\p{Cc}\p{Bidi_Control}\u200b\u2028\u2029\ufeff]*$/u);
      expect([Array.from(result).length <= 500, result.isWellFormed(), result === result.trim()]).toEqual([
        true,
        true,
        true,
      ]);
    }),
  );
});

test('a short line stays as it is, a long one ends in an ellipsis, half a character is replaced', () => {
  expect([line('waits for “a” – 🐝'), line('x'.repeat(501)), line('a\ud83d')]).toEqual([
    'waits for “a” – 🐝',
    `${'x'.repeat(499)}…`,
    'a\ufffd',
  ]);
});
