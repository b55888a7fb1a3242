import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The Node that package.json asks for, as npm installs it. */
export function nodeProgram(root) {
  return join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** Makes node_modules agree with package-lock.json; does nothing when it does. Throws an Error that says what is missing and how to get it. */
export async function installDependencies(root, progress) {
  if (areInstalled(root)) return;
  progress('Installing what package-lock.json names into node_modules; the first time takes about a minute.');
  // Left to itself npm compiles better-sqlite3, which brings its binary along. Only what package.json allows may run a script,
  // and Node comes last: that it is there tells that all is.
  const { allowScripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const scripted = Object.keys(allowScripts).filter((name) => allowScripts[name] && name !== 'node');
  await npm(root, progress, 'ci', '--ignore-scripts');
  await npm(root, progress, 'rebuild', '--ignore-scripts=false', ...scripted);
  await npm(root, progress, 'rebuild', '--ignore-scripts=false', 'node');
  progress('The dependencies are installed.');
}

/** npm writes node_modules/.package-lock.json last, so it tells of a complete installation; packages for other platforms are not in it. */
function areInstalled(root) {
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (!installed || !existsSync(nodeProgram(root))) return false;
  const { '': _repository, ...locked } = packagesOf(join(root, 'package-lock.json')) ?? {};
  const same = (name) =>
    installed[name]?.version === locked[name]?.version && installed[name]?.integrity === locked[name]?.integrity;
  return (
    Object.keys(installed).every(same) &&
    Object.keys(locked).every((name) => same(name) || (locked[name].optional && !installed[name]))
  );
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Runs npm to its end. It says nothing while it downloads when its output is no terminal, so we do. */
async function npm(root, progress, command, ...args) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const heartbeat = setInterval(() => progress(`  … npm ${command}, ${seconds()} s`), 10_000);
  // npm complains when the Node that runs it is older than a package wants; the packages themselves run on their own Node.
  const all = [command, ...args, '--no-audit', '--no-fund', '--loglevel=error'];
  const program = process.env.npm_execpath;
  const child = program
    ? spawn(process.execPath, [program, ...all], { cwd: root, stdio: 'inherit' })
    : spawn('npm', all, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode) => resolve(exitCode ?? 1));
  })
    .catch((error) => {
      throw new Error(`npm could not be started (${error.message}). Install npm, which comes with Node.`);
    })
    .finally(() => clearInterval(heartbeat));
  if (code === 0) return;
  throw new Error(
    `The dependencies could not be installed: npm ${command} ended with exit code ${code}; its messages are above.\n` +
      'It needs the npm registry. When the network or proxy is back, run the same command again.',
  );
}
