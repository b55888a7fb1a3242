import { readFile } from 'node:fs/promises';

/** What the stand-in for Claude Code notes of itself, one JSON object a line. */
export type Witnessed =
  | {
      readonly what: 'session';
      readonly pid: number;
      readonly worktree: string;
      readonly id: string;
      readonly resumes: boolean;
      /** Sessions and children of the same worktree that lived when it started. */
      readonly others: readonly number[];
    }
  | { readonly what: 'child'; readonly pid: number; readonly worktree: string };

/** Everything noted so far; a line that is being written is left out. */
export async function readWitness(file: string): Promise<readonly Witnessed[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}
