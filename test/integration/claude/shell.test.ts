import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCommands } from '../../../src/core/model/shellCommand.ts';
import { tempFolder } from '../../support/tempFolder.ts';

const run = promisify(execFile);
const pieces = [
  'a',
  'b c',
  '-',
  '=',
  '~',
  '#',
  '*',
  '?',
  '[',
  ']',
  '"',
  "'",
  '\\',
  '$',
  '(',
  ')',
  '{',
  '}',
  ',',
  ';',
].concat([
  '|',
  '&',
  '<',
  '>',
  '!',
  '^',
  '%',
  '`',
  ' ',
  '\t',
  '\n',
  '&& word ',
  '"\\\n',
  '"\\',
  "$(cat <<'E'\n",
  '\nE\n)',
]);

test.each([['sh'], ['bash']])('whatever is understood, %s splits into the same words', async (shell) => {
  await using folder = await tempFolder();
  let understood = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...pieces), { maxLength: 10 }), async (parts) => {
      const line = `word ${parts.join('')}`;
      const commands = parseCommands(line);
      if (commands === undefined || commands.some(([first]) => first?.text !== 'word')) return;
      understood += 1;
      // Patterns are switched off: what they stand for depends on the files that there are.
      const script = `set -f; word() { for it in "$@"; do printf '%s\\0' "$it"; done; printf '\\1\\0'; }; ${line}`;
      const { stdout } = await run(shell, ['-c', script], { cwd: folder.path });
      const ours = commands.map((words) =>
        [...words.slice(1).map(({ text }) => text), '\u0001'].map((word) => `${word}\0`),
      );
      expect({ line, words: stdout }).toEqual({ line, words: ours.flat().join('') });
    }),
    { numRuns: 1500 },
  );
  expect(understood).toBeGreaterThan(100);
});
