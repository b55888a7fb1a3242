import { expect, test } from 'vitest';
import { parseCommands } from '../../../src/core/model/shellCommand.ts';

const words = (line: string) => parseCommands(line)?.map((command) => command.map(({ text }) => text));

test('quotes and backslashes make one word of several parts', () => {
  expect(words(`a"b c"'d e'\\ f "" '' "\\"\\\\\\$\\n"`)).toEqual([['ab cd e f', '', '', '"\\$\\n']]);
});

test('commands are joined by && only', () => {
  expect([words('a && b&&c'), words('a & b'), words('a || b'), words('a ; b'), words('a | b')]).toEqual([
    [['a'], ['b'], ['c']],
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('a word is wild when it begins with a pattern, unless that is quoted', () => {
  expect(parseCommands(`*.ts a*.ts '*' \\* [ab]`)?.[0]?.map(({ wild }) => wild)).toEqual([
    true,
    false,
    false,
    false,
    true,
  ]);
});

test('a message in a quoted heredoc is taken word for word, without the line breaks at its end', () => {
  expect(words(`m "before $(cat <<'EOF'\nit's $HOME \`x\` "y"\n\nEOF\n) after"`)).toEqual([
    ['m', 'before it\'s $HOME `x` "y" after'],
  ]);
});
