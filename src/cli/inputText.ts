import { readFile } from 'node:fs/promises';
import { UsageError } from '../base/errors.ts';

/** The text of a file that a person has named. Throws a UsageError for one that cannot be read or is no text. */
export async function readText(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new UsageError(`${file} cannot be read`, {
      hint: 'Check the name, and that you may read the file.',
      cause: error,
    });
  }
  return decode(bytes, file);
}

/** All that comes through standard input. Throws a UsageError when it is no text. */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return decode(Buffer.concat(chunks), 'stdin');
}

/** What is not UTF-8 would arrive with other characters than were written. */
function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${name} is not text in UTF-8`, { hint: 'Save it as UTF-8 and try again.' });
  }
}
