import fc from 'fast-check';
import type { ClaimPath } from '../../src/core/model/claim.ts';

/** Few letters, so that what is made by chance often has to do with each other. */
const pieces = ['a', 'b', 'A', '/', '/', '*', '**', '**/', '?', '[', ']', '[ab]', '[!a]', '{', '}', ',', '{a,b}', '.'];

/** Any text that may be meant as a glob, also hostile ones. */
export const anyGlob: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 })
  .map((parts) =>
    parts
      .join('')
      .replace(/\/+/g, '/')
      .replace(/^\/|\/$/g, ''),
  )
  .filter((glob) => glob !== '');

const name = fc
  .array(fc.constantFrom('a', 'b', 'a', 'b', '.', ',', '[', '{', '}', 'ä'), { minLength: 1, maxLength: 3 })
  .map((characters) => characters.join(''))
  .filter((text) => !/^\.+$/.test(text));

/** Paths of files. */
export const anyPath: fc.Arbitrary<string> = fc
  .array(name, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'));

/** Ways to say one part of a path as a glob. */
const partGlobs: readonly ((part: string) => string)[] = [
  (part) => part,
  (part) => part,
  () => '*',
  () => '**',
  (part) => `${part.slice(0, 1)}*`,
  (part) => `*${part.slice(-1)}`,
  (part) => '?'.repeat(Array.from(part).length),
  (part) => `{${part},b}`,
  (part) => `{a,*}${part.slice(-1)}`,
  (part) => `**/${part}`,
  (part) => part.replace(/^[a-z]/, '[$&]'),
];

/** Globs that (but for the special characters in its own name) match a path. */
export const globOf = (path: string): fc.Arbitrary<string> =>
  fc
    .tuple(...path.split('/').map((part) => fc.constantFrom(...partGlobs).map((say) => say(part))))
    .map((parts) => parts.join('/'));

/** What somebody may claim who is about to change a file, or another one nearby. */
export const claimAround = (file: string): fc.Arbitrary<ClaimPath> => {
  const parts = file.split('/');
  const spelled = fc.constantFrom(file, file.toUpperCase(), file.normalize('NFD'));
  return fc.oneof(
    spelled.map((path): ClaimPath => ({ kind: 'file', path })),
    fc.nat(parts.length - 1).map((depth): ClaimPath => ({ kind: 'folder', path: parts.slice(0, depth + 1).join('/') })),
    fc.oneof(globOf(file), anyGlob).map((path): ClaimPath => ({ kind: 'glob', path })),
    anyPath.chain((path) => fc.constantFrom<ClaimPath>({ kind: 'file', path }, { kind: 'folder', path })),
  );
};
