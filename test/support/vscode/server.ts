import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { waitFor } from '../waitFor.ts';
import { ensureCodeServer, type Progress } from './install.ts';

/** How a VS Code server is to run. */
export interface ServerOptions {
  /** Holds everything this VS Code remembers: settings, extensions, window state, logs. Made when absent. */
  readonly dataFolder: string;
  /** The whole environment of the server, its extensions and its terminals: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** User settings, on top of `quietSettings`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Packaged extensions to install before the start. */
  readonly vsix?: readonly string[];
  /** False: every folder is trusted and nothing is asked. */
  readonly workspaceTrust: boolean;
  /** A suite to run inside each window's extension host, which shows no notifications then. */
  readonly suite?: HostSuite;
  readonly progress: Progress;
}

/** A file that exports `run()`, and the folder of the extension that it tests. Absolute paths. */
export interface HostSuite {
  readonly file: string;
  readonly extension: string;
}

/** A running VS Code server. Disposing it ends every process that it started. */
export interface VSCodeServer extends AsyncDisposable {
  readonly pid: number;
  /** Where a browser finds the window on `folder`. Has a secret in it: whoever has the address has the machine. */
  address(folder: string): string;
  /** What the server printed so far. */
  output(): string;
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

/** No welcome page, no chat, no update, no tip: only what a person or a test asked for. */
export const quietSettings: Readonly<Record<string, unknown>> = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'chat.disableAIFeatures': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'remote.autoForwardPorts': false,
  'terminal.integrated.initialHint': false,
  'terminal.integrated.suggest.enabled': false,
  'terminal.integrated.tabs.hideCondition': 'never',
};

/** Installs VS Code if need be, starts its server on a free port of the loopback interface and waits until it listens. */
export async function startServer(options: ServerOptions): Promise<VSCodeServer> {
  const main = join(await ensureCodeServer(options.progress), 'out', 'server-main.js');
  const folders = ['--server-data-dir', options.dataFolder, '--extensions-dir', join(options.dataFolder, 'extensions')];
  const env = { ...options.env };
  await mkdir(join(options.dataFolder, 'data', 'User'), { recursive: true });
  await writeFile(
    join(options.dataFolder, 'data', 'User', 'settings.json'),
    JSON.stringify({ ...quietSettings, ...options.settings }, undefined, 2),
  );
  for (const vsix of options.vsix ?? []) {
    await execa(process.execPath, [main, ...folders, '--install-extension', vsix, '--force'], {
      env,
      extendEnv: false,
    });
  }

  const token = randomBytes(24).toString('hex');
  const tokenFile = join(options.dataFolder, 'connection-token');
  await writeFile(tokenFile, token, { mode: 0o600 });
  const args = [
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--connection-token-file',
    tokenFile,
    '--accept-server-license-terms',
  ];
  if (!options.workspaceTrust) args.push('--disable-workspace-trust');
  // Only then is the payload of an address heard.
  if (options.suite) args.push('--enable-smoke-test-driver');
  const server = execa(process.execPath, [main, ...args, '--disable-telemetry', ...folders], {
    env,
    extendEnv: false,
    stdin: 'ignore',
    buffer: false,
    reject: false,
    killDescendants: true,
  });
  let output = '';
  const listening = Promise.withResolvers<number>();
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (port) listening.resolve(Number(port));
    });
  }
  const ended = server.then((result) =>
    listening.reject(new Error(`VS Code’s server did not start: ${result.shortMessage ?? ''}\n${output}`)),
  );
  const port = await listening.promise;

  return {
    pid: server.pid ?? 0,
    address: (folder) =>
      `http://127.0.0.1:${port}/?${new URLSearchParams({ tkn: token, folder, ...payload(port, options.suite) })}`,
    output: () => output,
    ended,
    async [Symbol.asyncDispose]() {
      // Terminals live in sessions of their own, out of reach of the server's process group.
      const descendants = server.pid ? await descendantsOf(server.pid) : [];
      server.kill();
      await ended;
      await endAll(descendants);
    },
  };
}

/** What makes VS Code load an extension from its folder and run a suite beside it. */
function payload(port: number, suite: HostSuite | undefined): Record<string, string> {
  if (!suite) return {};
  const remote = (path: string) => `vscode-remote://127.0.0.1:${port}${pathToFileURL(path).pathname}`;
  const entries = [
    ['extensionDevelopmentPath', remote(suite.extension)],
    ['extensionTestsPath', remote(suite.file)],
  ];
  return { payload: JSON.stringify(entries) };
}

/** The process ids of all children, grandchildren and so on of `pid`. */
async function descendantsOf(pid: number): Promise<number[]> {
  if (process.platform === 'win32') return []; // There `server.kill()` ends the whole tree.
  const { stdout } = await execa('ps', ['-A', '-o', 'pid=,ppid=']);
  const processes = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found) {
    for (const [child, itsParent] of processes) if (child && itsParent === parent) found.push(child);
  }
  return found.slice(1);
}

/** Gives the processes, whose terminals just closed, a moment to put their things away, and ends those that did not leave. */
async function endAll(pids: readonly number[]): Promise<void> {
  const alive = () => pids.filter((pid) => signal(pid, 0));
  await waitFor('the processes of VS Code to end', () => alive().length === 0, 5_000).catch(() => {
    for (const pid of alive()) signal(pid, 'SIGKILL');
  });
}

/** False when there is no such process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
