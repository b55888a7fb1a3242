import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { execa } from 'execa';
import { worktreeVariable } from '../core/model/process.ts';
import type { Leftovers } from '../core/ports.ts';
import { listProcesses } from './table.ts';
import { endTree } from './tree.ts';

/** Claude Code needs a moment to write down what was said last. */
const graceMs = 2000;

/** Stands between the words of a process: only Linux tells them apart from blanks inside of them. */
const gap = process.platform === 'linux' ? '\0' : ' ';

/** Ends the processes `known`, and those that say of themselves that they are leftovers, until there are none. Returns how many there were. */
export async function endLeftovers(leftovers: Leftovers, known: readonly number[]): Promise<number> {
  const isLeftover = leftoverMatcher(leftovers, gap);
  const ended = new Set<number>();
  for (
    let found = [...known, ...(await find(isLeftover))];
    found.some((pid) => !ended.has(pid));
    found = await find(isLeftover)
  ) {
    for (const pid of found) ended.add(pid);
    await Promise.all(found.map((pid) => endTree(pid, graceMs)));
  }
  return ended.size;
}

/**
 * Tells by the words of a process, with a gap before and behind each, whether it is a leftover. It must name the folder
 * or a session in exactly the way in which we start programs: what a person has started there is never meant.
 */
export function leftoverMatcher({ folder, sessions }: Leftovers, between: string): (words: string) => boolean {
  const marks = folder === undefined ? [] : marksOf(folder, between);
  const pairs = sessions.filter(isWhole).map(
    ({ claudeSessionId, logs }) =>
      [
        // The same conversation may be gone on with by a person, but not with a file from our logs.
        ['--session-id', '--resume'].map((option) => `${between}${option}${between}${claudeSessionId}${between}`),
        logs,
      ] as const,
  );
  return (words) =>
    marks.some((mark) => words.includes(mark)) ||
    pairs.some(
      ([ids, logs]) => ids.some((id) => words.includes(id)) && ['/', '\\'].some((end) => words.includes(logs + end)),
    );
}

/** The variable with the folder itself, or with one inside of it. */
function marksOf(folder: string, between: string): readonly string[] {
  if (!isAbsolute(folder) || folder.length < 2) throw new Error(`${folder} is no worktree`);
  return [between, '/', '\\'].map((end) => `${between}${worktreeVariable}=${folder}${end}`);
}

/** Half a mark would be found in processes that are not ours. */
const isWhole = ({ claudeSessionId, logs }: Leftovers['sessions'][number]): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(claudeSessionId) && isAbsolute(logs);

async function find(isLeftover: (words: string) => boolean): Promise<number[]> {
  const rows = new Map((await listProcesses()).map((row) => [row.pid, row]));
  const own = new Set<number>();
  for (let row = rows.get(process.pid); row !== undefined && !own.has(row.pid); row = rows.get(row.parent)) {
    own.add(row.pid);
  }
  const others = [...rows.values()].filter(({ pid, state }) => state !== 'zombie' && !own.has(pid));
  const words = await listWords(others.map(({ pid }) => pid));
  return others.map(({ pid }) => pid).filter((pid) => isLeftover(`${gap}${words.get(pid) ?? ''}${gap}`));
}

/** The arguments of each process and, where the operating system shows it, its environment. */
async function listWords(pids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  switch (process.platform) {
    case 'linux':
      return wordsByProc(pids);
    case 'win32':
      return parseWords(await run('powershell.exe', '-NoProfile', '-NonInteractive', '-Command', commandLines));
    default:
      return parseWords(await run('ps', '-axEww', '-o', 'pid=,command='));
  }
}

const commandLines = 'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.CommandLine)" }';

/** How many processes are read before others get their turn. */
const atOnce = 50;

/** Reading from /proc takes some ten microseconds a file, and waiting for it ten times as long. */
async function wordsByProc(pids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const words = new Map<number, string>();
  for (const [at, pid] of pids.entries()) {
    if (at > 0 && at % atOnce === 0) await nextTurn();
    words.set(pid, readProcText(pid, 'cmdline') + readProcText(pid, 'environ'));
  }
  return words;
}

/** Another person's environment is not readable, and a process may end meanwhile. */
function readProcText(pid: number, name: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

/** Reads lines that begin with a pid. */
export function parseWords(output: string): ReadonlyMap<number, string> {
  const lines = output.matchAll(/^ *(\d+) +(\S.*?)\r?$/gm);
  return new Map(Array.from(lines, ([, pid, words]) => [Number(pid), words ?? '']));
}

async function run(program: string, ...args: string[]): Promise<string> {
  return (await execa(program, args, { env: { LC_ALL: 'C' } })).stdout;
}
