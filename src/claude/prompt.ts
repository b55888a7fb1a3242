import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../base/errors.ts';
import type { SessionMode } from '../core/model/session.ts';

/** One argument must stay under Linux's 128 kB; standard input under Claude Code's own 10 MB. */
const limits: Readonly<Record<SessionMode, number>> = { interactive: 100_000, print: 9_000_000 };

/** A prompt as it is given to Claude Code. */
export interface GivenPrompt {
  readonly text: string;
  /** The private file that holds the real prompt, when it was too long to be given as it is. */
  readonly file?: string;
}

/** Makes a prompt arrive as it was written: never as a command of Claude Code's, whatever its length. */
export async function givePrompt(prompt: string, mode: SessionMode, folder: string): Promise<GivenPrompt> {
  if (prompt.trim() === '') throw new AppError('prompt_empty', 'a session needs a prompt with words in it');
  if (Buffer.byteLength(prompt) <= limits[mode]) return { text: literal(prompt, mode) };
  const file = join(folder, 'prompt.txt');
  await writeFile(file, prompt, { mode: 0o600 });
  return {
    file,
    text: `Your task is described in the file ${file}, because it is too long for a message. Read the whole file, in parts if need be, then do what it says.`,
  };
}

function literal(prompt: string, mode: SessionMode): string {
  // A slash in front makes a command of it; a blank before the slash does not, and says the same.
  if (prompt.startsWith('/')) return ` ${prompt}`;
  // In the terminal these words alone close Claude Code.
  if (mode === 'interactive' && /^\s*(exit|quit|:q|:wq|:q!|:wq!)\s*$/.test(prompt)) return `${prompt.trim()}.`;
  // The system cannot pass the character zero in an argument.
  return mode === 'interactive' ? prompt.replaceAll('\0', '') : prompt;
}
