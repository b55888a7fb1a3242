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
  progress('Installing what package-lock.json names into node_modules (npm ci); the first time takes about a minute.');
  const code = await npmCi(root, progress);
  if (code !== 0) {
    throw new Error(
      `The dependencies could not be installed: npm ci ended with exit code ${code}; its messages are above.\n` +
        'It needs the npm registry. When the network or proxy is back, run the same command again.',
    );
  }
  if (!existsSync(nodeProgram(root))) {
    throw new Error(
      'Node 24 did not arrive in node_modules/node: npm did not run that package’s install script.\n' +
        'Allow it, and run the same command again: npm rebuild node esbuild @anthropic-ai/claude-code --ignore-scripts=false',
    );
  }
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

/** Resolves to npm's exit code. npm says nothing while it downloads when its output is no terminal, so we do. */
function npmCi(root, progress) {
  const started = Date.now();
  const heartbeat = setInterval(
    () => progress(`  … still installing, ${Math.round((Date.now() - started) / 1000)} s`),
    10_000,
  );
  // npm itself complains that the Node which runs it is older than some packages want; they never run on that one.
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const child = npm
    ? spawn(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
    : spawn('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Error(`npm could not be started (${error.message}). Install npm, which comes with Node.`)),
    );
    child.once('exit', (code) => resolve(code ?? 1));
  }).finally(() => clearInterval(heartbeat));
}
