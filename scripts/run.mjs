// Runs one of this repository's TypeScript programs, also on a machine that has nothing but git, npm and an old Node:
//   node scripts/run.mjs scripts/demo.ts [arguments…]
// It has to start on Node 18, so it is plain JavaScript and uses no dependency.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDependencies, nodeProgram } from './bootstrap/dependencies.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [program, ...args] = process.argv.slice(2);

try {
  if (!program) throw new Error('Usage: node scripts/run.mjs <program.ts> [arguments…]');
  await installDependencies(root, (line) => console.error(line));
  process.exitCode = await run(join(root, program), args);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** Runs `file` on the installed Node with our programs first on PATH; resolves to its exit code. */
function run(file, fileArgs) {
  const node = nodeProgram(root);
  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const child = spawn(node, [file, ...fileArgs], { stdio: 'inherit', env: { ...process.env, PATH: path } });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // Ctrl-C in a terminal reaches the child by itself; passing it on too would look like pressing it twice.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  // The shell that npm runs us in dies of a signal without passing it on.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 500).unref();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
