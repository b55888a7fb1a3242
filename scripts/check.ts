// What to run before a commit, everything at once: `npm run check`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { quickChecks } from './quickChecks.ts';

const root = join(import.meta.dirname, '..');

/** Each part by its name for people and what runs it, found on PATH. */
const parts: readonly (readonly [name: string, program: string, ...args: string[]])[] = [
  ...quickChecks,
  ['Unit', 'vitest', 'run', '--project', 'unit'],
];

/** Runs one part without showing it; resolves to what it printed when it failed. */
function run(program: string, args: readonly string[]): Promise<string | undefined> {
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? undefined : Buffer.concat(printed).toString('utf8')));
  });
}

const failures = await Promise.all(
  parts.map(async ([name, program, ...args]) => {
    const failure = await run(program, args);
    console.log(`${failure === undefined ? 'ok    ' : 'FAILED'}  ${name}`);
    return failure;
  }),
);
for (const failure of failures) if (failure !== undefined) console.error(failure);
process.exitCode = failures.every((failure) => failure === undefined) ? 0 : 1;
