import { expect, test } from 'vitest';
import { LineSplitter } from '../../../src/claude/lines.ts';

const split = (bytes: Uint8Array, sizes: readonly number[]) => {
  const splitter = new LineSplitter();
  const lines: string[] = [];
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    lines.push(...splitter.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return [...lines, ...splitter.end()];
};

test('wherever the bytes are cut, also within a character, the lines are the same', () => {
  const text = 'größer\r\n\n日本\n👩‍💻 and \r inside\nlast';
  const bytes = Buffer.from(text);
  const expected = ['größer', '', '日本', '👩‍💻 and \r inside', 'last'];
  for (let cut = 0; cut <= bytes.length; cut += 1) expect(split(bytes, [cut])).toEqual(expected);
  expect(split(bytes, Array(bytes.length).fill(1))).toEqual(expected);
});

test('bytes that are no characters spoil nothing but their own line', () => {
  expect(split(Buffer.from([0x61, 0xff, 0xc3, 0x0a, 0x62, 0x0a]), [])).toEqual(['a\ufffd\ufffd', 'b']);
});

test('a line of 16 MB that comes in small pieces takes time in proportion to its length', () => {
  const piece = Buffer.alloc(4096, 'x');
  const timed = (megabytes: number) => {
    const splitter = new LineSplitter();
    const start = performance.now();
    for (let at = 0; at < megabytes * 256; at += 1) splitter.push(piece);
    const [line] = splitter.push(Buffer.from('\n'));
    expect(line?.length).toBe(megabytes * 1024 * 1024);
    return performance.now() - start;
  };
  timed(1);
  // Quadratic time would be 256 times as much, and take two seconds.
  expect(timed(16)).toBeLessThan(1000);
});

test('a chunk may be used again by its owner once it was pushed', () => {
  const splitter = new LineSplitter();
  const chunk = Buffer.from('ab');
  splitter.push(chunk);
  chunk.fill('x');
  expect(splitter.push(Buffer.from('c\n'))).toEqual(['abc']);
});
