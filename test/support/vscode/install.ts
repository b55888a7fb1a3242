import { existsSync } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { AppError, messageOf } from '../../../src/base/errors.ts';

/** Told, line by line, what is being fetched and how long it takes. */
export type Progress = (line: string) => void;

const version = '4.139.1';
const repository = join(import.meta.dirname, '..', '..', '..');

/** The folder, ignored by git, for what is too big to fetch twice. `SWARM_CACHE` names another. */
export const cacheFolder = process.env.SWARM_CACHE ?? join(repository, '.cache');
/** Where tests keep pictures of their windows for people to look at. */
export const pictures = join(cacheFolder, 'screenshots');

/** Installs a VS Code server into the cache unless it is there, and returns its `lib/vscode` folder. Throws `vscode_unavailable`. */
export async function ensureCodeServer(progress: Progress): Promise<string> {
  const installed = join(cacheFolder, 'code-server', version);
  const vscode = join('node_modules', 'code-server', 'lib', 'vscode');
  if (existsSync(installed)) return join(installed, vscode);

  progress(`Installing VS Code’s server and web workbench (code-server ${version} from npm, 600 MB) into ${installed}`);
  await mkdir(dirname(installed), { recursive: true });
  const unfinished = await mkdtemp(`${installed} unfinished `);
  try {
    await installInto(unfinished, vscode, progress);
    await rename(unfinished, installed);
  } catch (error) {
    // Another process may have finished the same installation first.
    if (!existsSync(installed)) {
      throw new AppError('vscode_unavailable', `VS Code could not be installed: ${messageOf(error)}`, {
        hint: 'It comes as the package code-server from the npm registry. When that can be reached, run the same command again.',
        cause: error,
      });
    }
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return join(installed, vscode);
}

async function installInto(folder: string, vscode: string, progress: Progress): Promise<void> {
  const npm = (what: string, cwd: string, ...args: string[]) =>
    step(what, progress, () =>
      execa('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd,
        // Node's own installer for the addons must find the headers of the Node that will load them, not the system's.
        env: { npm_config_nodedir: nodeHeaders(), npm_config_prefer_offline: 'true' },
      }),
    );
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  await npm('the server', folder, 'install', `code-server@${version}`, '--ignore-scripts');
  const inside = join(folder, vscode);
  await npm('its libraries', inside, 'install', '--omit=dev', '--ignore-scripts');
  await npm('its own extensions', join(inside, 'extensions'), 'install', '--omit=dev', '--ignore-scripts');
  try {
    await npm('its two native addons', inside, 'rebuild', '@vscode/spdlog', '@vscode/native-watchdog');
  } catch {
    progress(
      '  … could not be built (is there Python and a C++ compiler?): VS Code will keep no log files, all else works',
    );
  }
}

/** The folder with `include/node` of the Node that runs this: npm keeps it in the package for this platform. */
function nodeHeaders(): string {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const fromNode = createRequire(join(repository, 'node_modules', 'node', 'package.json'));
  return dirname(fromNode.resolve(`${prefix}-${platform}-${process.arch}/package.json`));
}

/** Finds a Chromium, or installs Debian's where that can be done, and returns its path. Throws `chromium_unavailable`. */
export async function ensureChromium(progress: Progress): Promise<string> {
  const found = await findChromium();
  if (found) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    await installByApt(progress);
    const installed = await findChromium();
    if (installed) return installed;
  }
  throw new AppError('chromium_unavailable', 'There is no Chromium on this machine.', {
    hint: 'Install one (Debian: sudo apt-get install chromium fonts-dejavu fonts-noto-core fonts-symbola; elsewhere: npx playwright-core install chromium) and run the same command again.',
  });
}

async function findChromium(): Promise<string | undefined> {
  const { chromium } = await import('playwright-core');
  const candidates = [
    ...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map((name) => `/usr/bin/${name}`),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    chromium.executablePath(),
  ];
  for (const path of candidates) {
    if (path && (await isThere(path))) return path;
  }
  return undefined;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** With fonts that have the symbols of terminal programs; without them a screenshot shows boxes. */
async function installByApt(progress: Progress): Promise<void> {
  progress('Installing Chromium and fonts with apt-get; this takes about half a minute.');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const packages = ['chromium', 'fonts-dejavu', 'fonts-noto-core', 'fonts-symbola'];
  try {
    await step('the list of packages', progress, () => execa('apt-get', ['update', '-q'], { env }));
    await step(packages.join(' '), progress, () =>
      execa('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env }),
    );
  } catch (error) {
    progress(`  … apt-get failed: ${messageOf(error)}`);
  }
}

/** Runs one slow command between two progress lines, with a sign of life every ten seconds. */
async function step(what: string, progress: Progress, work: () => PromiseLike<unknown>): Promise<void> {
  const started = performance.now();
  const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`;
  const heartbeat = setInterval(() => progress(`  … ${what}, ${seconds()}`), 10_000);
  try {
    await work();
    progress(`  ✓ ${what}, ${seconds()}`);
  } finally {
    clearInterval(heartbeat);
  }
}
