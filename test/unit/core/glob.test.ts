import fc from 'fast-check';
import { expect, test } from 'vitest';
import { globFolder, globPattern, globReaches, globsMeet } from '../../../src/core/model/glob.ts';
import { anyGlob, anyPath, globOf } from '../../support/globs.ts';

const matches = (glob: string, path: string): boolean => globPattern(glob).test(path);

test('a glob matches whole paths, its stars within a part and ** across parts', () => {
  const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['src/a.ts', ['src/a.ts'], ['src/b.ts', 'x/src/a.ts', 'src/a.tsx', 'src/aXts']],
    ['*.ts', ['a.ts', '.ts'], ['src/a.ts', 'a.tsx']],
    ['src/*', ['src/a'], ['src/a/b', 'src']],
    ['src/**', ['src/a', 'src/a/b'], ['src', 'xsrc/a']],
    ['**/*.ts', ['a.ts', 'src/a.ts', 'src/b/a.ts'], ['a.js']],
    ['src/**/a.ts', ['src/a.ts', 'src/b/a.ts', 'src/b/c/a.ts'], ['src/ba.ts']],
    ['src/**/**/a.ts', ['src/a.ts', 'src/b/a.ts'], ['a.ts']],
    ['src/a**b', ['src/ab', 'src/axxb'], ['src/a/b']],
    ['?.md', ['a.md', '😀.md'], ['ab.md', '.md', '/.md']],
    ['[ab]-[!x].[a-c]', ['a-y.b', 'b-a.c'], ['a-x.b', 'c-y.b', 'a-y.d', 'a-/.b']],
    ['{src,test}/{a,b/c}.ts', ['src/a.ts', 'test/b/c.ts'], ['src/b.ts', '{src,test}/a.ts']],
    ['a{b', ['a{b'], ['ab']],
    ['a[b', ['a[b'], ['ab']],
    ['a}b,c', ['a}b,c'], ['ab']],
    ['a.b+c(d)|e^$\\', ['a.b+c(d)|e^$\\'], ['aXb+c(d)|e^$\\']],
  ];
  for (const [glob, inside, outside] of table) {
    expect({ glob, inside: inside.filter((path) => matches(glob, path)) }).toEqual({ glob, inside });
    expect({ glob, outside: outside.filter((path) => matches(glob, path)) }).toEqual({ glob, outside: [] });
  }
});

test('no glob takes long, whatever it is and however long the path', () => {
  const path = `${'a'.repeat(200)}/`.repeat(15).slice(0, -1);
  const globs = ['*a'.repeat(250), `${'**/'.repeat(160)}b`, `${'**/a*/'.repeat(80)}b`, `${'{a,*a}'.repeat(80)}b`];
  const began = performance.now();
  for (const glob of globs) matches(glob, path);
  expect(performance.now() - began).toBeLessThan(2_000);
});

/** A path, and globs of which most match it. */
const around = anyPath.chain((path) =>
  fc.record({
    path: fc.constant(path),
    one: fc.oneof(globOf(path), anyGlob),
    other: fc.oneof(globOf(path), anyGlob),
  }),
);
const runs = { numRuns: 3_000 };

test('globsMeet says no only of globs that no path is matched by both of', () => {
  let met = 0;
  fc.assert(
    fc.property(around, ({ path, one, other }) => {
      if (!matches(one, path) || !matches(other, path)) return;
      met += 1;
      expect(globsMeet(one, other)).toBe(true);
    }),
    runs,
  );
  expect(met).toBeGreaterThan(200);
});

test('globReaches says no only of folders below which the glob matches nothing', () => {
  let met = 0;
  fc.assert(
    fc.property(around, fc.nat(3), ({ path, one }, depth) => {
      const parts = path.split('/');
      const folder = parts.slice(0, 1 + (depth % parts.length)).join('/');
      if (folder === path || !matches(one, path)) return;
      met += 1;
      expect(globReaches(one, folder)).toBe(true);
    }),
    runs,
  );
  expect(met).toBeGreaterThan(200);
});

test('all that a glob matches is in its folder', () => {
  fc.assert(
    fc.property(around, ({ path, one }) => {
      const folder = globFolder(one);
      if (matches(one, path) && folder !== '') expect(path.startsWith(`${folder}/`)).toBe(true);
    }),
    runs,
  );
});

test('no text is too odd for a glob', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), anyPath, (glob, path) => {
      matches(glob, path);
      matches(path, glob);
    }),
  );
  expect([matches('[z-a]', 'b'), matches('[]', '[]'), matches('[]]', ']'), matches('[!]', '!')]).toEqual([
    false,
    true,
    true,
    true,
  ]);
});
