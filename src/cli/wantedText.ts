import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, messageOf, UsageError } from '../base/errors.ts';
import { readStdin, readText } from './inputText.ts';

/** Where the text may come from. */
export interface TextSources {
  readonly words: readonly string[];
  readonly file: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** What the person wants, from one place: the arguments, a file, stdin, or an editor. Throws a UsageError when it is nothing. */
export async function wantedText({ words, file, env }: TextSources): Promise<{ text: string; fromStdin: boolean }> {
  if (words.length > 0 && file !== undefined) throw new UsageError('say what is wanted, or name a file; not both');
  const isDash = words.length === 1 && words[0] === '-';
  const fromStdin = isDash || (words.length === 0 && file === undefined && !process.stdin.isTTY);
  const given =
    file !== undefined
      ? await readText(file)
      : fromStdin
        ? await readStdin()
        : words.length > 0
          ? words.join(' ')
          : await fromEditor(env);
  const text = given.trim();
  if (text === '')
    throw new UsageError('there is nothing to do: no text was given', { hint: 'Say in a sentence what is wanted.' });
  return { text, fromStdin };
}

const template = '\n<!-- Say what is wanted, above this line. Save and close; nothing written starts nothing. -->\n';

async function fromEditor(env: NodeJS.ProcessEnv): Promise<string> {
  const editor = env.VISUAL || env.EDITOR;
  if (!editor) {
    throw new UsageError('say what is wanted', { hint: 'As an argument, with --file, through stdin, or set $EDITOR.' });
  }
  const folder = await mkdtemp(join(tmpdir(), 'swarm-'));
  try {
    const file = join(folder, 'wanted.md');
    await writeFile(file, template, { mode: 0o600 });
    await edit(wordsOf(editor), file);
    return (await readFile(file, 'utf8')).replace(template.trim(), '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The words of a command such as `code --wait` or `"/opt/my editor/ed" -n`, without a shell. */
export const wordsOf = (command: string): readonly string[] =>
  Array.from(
    command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g),
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );

async function edit([program = '', ...args]: readonly string[], file: string): Promise<void> {
  const child = spawn(program, [...args, file], { stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(
        new AppError('editor', `${program} cannot be started: ${messageOf(cause)}`, { hint: 'Set $EDITOR.', cause }),
      ),
    );
    child.once('exit', resolve);
  });
  if (code !== 0) throw new AppError('editor', `${program} has ended with ${code}; nothing was started`);
}
