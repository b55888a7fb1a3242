import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClaimPath, WantedClaim } from '../../../src/core/model/claim.ts';
import {
  claimPath,
  collides,
  covers,
  foldersAbove,
  keyOf,
  modeOf,
  overlaps,
  wantedOf,
} from '../../../src/core/model/claim.ts';
import { globPattern } from '../../../src/core/model/glob.ts';
import { anyPath, claimAround } from '../../support/globs.ts';

/** True when a file is in what a claim is on. */
function isIn(file: string, { kind, path }: ClaimPath): boolean {
  if (kind === 'glob') return globPattern(keyOf(path)).test(keyOf(file));
  return kind === 'folder' ? keyOf(file).startsWith(`${keyOf(path)}/`) : keyOf(file) === keyOf(path);
}

const around = anyPath.chain((file) =>
  fc.record({ file: fc.constant(file), one: claimAround(file), other: claimAround(file) }),
);
const runs = { numRuns: 5_000 };

test('whenever a file is in two claims they overlap, whichever is asked first', () => {
  let met = 0;
  fc.assert(
    fc.property(around, ({ file, one, other }) => {
      expect(overlaps(one, other)).toBe(overlaps(other, one));
      if (!isIn(file, one) || !isIn(file, other)) return;
      met += 1;
      expect(overlaps(one, other)).toBe(true);
    }),
    runs,
  );
  expect(met).toBeGreaterThan(500);
});

test('what covers a claim holds every file of it', () => {
  let met = 0;
  fc.assert(
    fc.property(around, ({ file, one, other }) => {
      const exclusive = (path: ClaimPath): WantedClaim => ({ ...path, mode: 'exclusive' });
      if (!covers(exclusive(one), exclusive(other)) || !isIn(file, other)) return;
      met += 1;
      expect(isIn(file, one)).toBe(true);
    }),
    runs,
  );
  expect(met).toBeGreaterThan(500);
});

test('modes decide whether two claims on one file go together', () => {
  const modes = ['exclusive', 'shared-append', 'warn'] as const;
  const claim = (mode: (typeof modes)[number]): WantedClaim => ({ kind: 'file', path: 'a', mode });
  const refused = modes.flatMap((one) =>
    modes.filter((other) => collides(claim(one), claim(other))).map((other) => `${one}, ${other}`),
  );
  expect(refused).toEqual(['exclusive, exclusive', 'exclusive, shared-append', 'shared-append, exclusive']);
});

test('the last glob that matches decides the mode of a path, a folder by what is in it', () => {
  const modes = { 'docs/**': 'warn', '**/*.md': 'shared-append', 'docs/plan.md': 'off' } as const;
  const mode = (kind: ClaimPath['kind'], path: string) => modeOf(modes, { kind, path });
  expect([
    mode('file', 'src/a.ts'),
    mode('file', 'DOCS/a.txt'),
    mode('file', 'docs/a.md'),
    mode('file', 'docs/Plan.md'),
    mode('folder', 'docs'),
    mode('folder', 'src'),
  ]).toEqual(['exclusive', 'warn', 'shared-append', 'off', 'warn', 'exclusive']);
  const paths = ['docs/plan.md', 'a.md', 'A.md', 'b.ts'].map((path) => ({ kind: 'file', path }) as const);
  expect(wantedOf(modes, paths)).toEqual([
    { kind: 'file', path: 'A.md', mode: 'shared-append' },
    { kind: 'file', path: 'b.ts', mode: 'exclusive' },
  ]);
});

test('the folders above a path are told by key, from the outermost', () => {
  expect([
    foldersAbove({ kind: 'file', path: 'Src/b/c.ts' }),
    foldersAbove({ kind: 'folder', path: 'src' }),
    foldersAbove({ kind: 'glob', path: 'src/b/*.ts' }),
    foldersAbove({ kind: 'glob', path: '**/*.ts' }),
  ]).toEqual([['src', 'src/b'], [], ['src', 'src/b'], []]);
});

test('a path is taken as it is meant, and refused where it leads out, into git, nowhere or to deceive', () => {
  const taken: readonly (readonly [ClaimPath['kind'], string, string])[] = [
    ['file', 'src/a.ts', 'src/a.ts'],
    ['file', './src//a.ts', 'src/a.ts'],
    ['folder', 'src/', 'src'],
    ['file', 'a b/ü 😀.ts', 'a b/ü 😀.ts'],
    ['file', '-rf', '-rf'],
    ['file', '...', '...'],
    ['file', '.gitignore', '.gitignore'],
    ['folder', '.github', '.github'],
    ['file', "'; drop table claims; --", "'; drop table claims; --"],
    ['file', '$(touch x)', '$(touch x)'],
    ['file', 'C', 'C'],
    ['file', 'back\\slash', 'back\\slash'],
    ['glob', 'src/**', 'src/**'],
    ['file', 'x'.repeat(4096), 'x'.repeat(4096)],
  ];
  for (const [kind, text, path] of taken) expect(claimPath(kind, text)).toEqual({ kind, path });
  const refused: readonly (readonly [ClaimPath['kind'], string, string])[] = [
    ['file', '', 'is the whole repository'],
    ['folder', '.', 'is the whole repository'],
    ['folder', '././/', 'is the whole repository'],
    ['glob', '**', 'is the whole repository'],
    ['glob', '**/*', 'is the whole repository'],
    ['glob', '*/?*', 'is the whole repository'],
    ['file', '/etc/passwd', 'is not inside the repository'],
    ['file', '//host/share', 'is not inside the repository'],
    ['file', '../x', 'is not inside the repository'],
    ['file', 'a/../../x', 'is not inside the repository'],
    ['file', 'a/..', 'is not inside the repository'],
    ['file', 'C:/x', 'is not inside the repository'],
    ['file', 'c:x', 'is not inside the repository'],
    ['file', '.git/config', 'belongs to git'],
    ['file', 'sub/.GIT/hooks/x', 'belongs to git'],
    ['file', '.git. /config', 'belongs to git'],
    ['file', '.git', 'belongs to git'],
    ['file', 'a\u0000b', 'has control characters'],
    ['file', 'a\nb', 'has control characters'],
    ['file', 'a\u001b[31m', 'has control characters'],
    ['file', 'a\u202ecod.exe', 'has control characters'],
    ['file', 'a\u200bb', 'has control characters'],
    ['file', 'ü'.repeat(2049), 'is longer than 4096 bytes'],
    ['glob', `${'*a'.repeat(257)}`, 'is longer than 512 characters'],
  ];
  for (const [kind, text, why] of refused) {
    expect({ text, ...claimPath(kind, text) }).toEqual({ text, refused: expect.stringContaining(why) });
  }
});

test('whatever is taken for a path stays inside the repository, out of git, and reads as it is', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc
      .array(fc.constantFrom('..', '.', '/', '\\', '.git', '.GIT', ' ', 'a', 'C:', '\u0000', '\u202e', '*', '~', ''), {
        maxLength: 8,
      })
      .map((parts) => parts.join('')),
    fc.array(fc.constantFrom('..', '.', '.git', '.git ', 'a', '**'), { maxLength: 5 }).map((parts) => parts.join('/')),
  );
  fc.assert(
    fc.property(hostile, fc.constantFrom<ClaimPath['kind']>('file', 'folder', 'glob'), (text, kind) => {
      const answer = claimPath(kind, text);
      if ('refused' in answer) return;
      const parts = answer.path.split('/');
      expect(parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/^\.git[. ]*$/i.test(part))).toBe(
        true,
      );
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there.
      expect(answer.path).not.toMatch(/^\/|^[A-Za-z]:|[\u0000-\u001f\u202a-\u202e]/);
      expect(claimPath(kind, answer.path)).toEqual(answer);
    }),
    { numRuns: 1_000 },
  );
});
