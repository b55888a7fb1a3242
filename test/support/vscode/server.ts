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
  /** Of the loopback interface; default: any that is free. Browsers keep what a window remembers by it. */
  readonly port?: number;
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
interface HostSuite {
  readonly file: string;
  readonly extension: string;
}

/** A running VS Code server. Disposing it ends every process that it started. */
export interface VSCodeServer extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** Where a browser finds the window on `folder`, or one without a folder. Has a secret in it: whoever has the address has the machine. */
  address(folder: string | undefined): string;
  /** What the server printed so far. */
  output(): string;
  /** What it has started and still runs, and what those have started in turn. */
  processes(): Promise<readonly RunningProcess[]>;
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

/** A process with its command line. */
interface RunningProcess {
  readonly pid: number;
  readonly command: string;
}

/** No welcome page, no chat, no update, no tip: only what a person or a test asked for. */
export const quietSettings: Readonly<Record<string, unknown>> = {
  'workbench.startupEditor': 'none',
  // Else a picture shows what is half faded in.
  'workbench.reduceMotion': 'on',
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

/** Installs VS Code if need be, starts its server on the loopback interface and waits until it listens. */
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
    String(options.port ?? 0),
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
    port,
    address(folder) {
      const opens = folder === undefined ? { ew: 'true' } : { folder };
      return `http://127.0.0.1:${port}/?${new URLSearchParams({ tkn: token, ...opens, ...payload(port, options.suite) })}`;
    },
    output: () => output,
    processes: () => descendantsOf(server.pid ?? 0),
    ended,
    async [Symbol.asyncDispose]() {
      // Terminals live in sessions of their own, out of reach of the server's process group.
      const descendants = (await descendantsOf(server.pid ?? 0)).map(({ pid }) => pid);
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

/** All children, grandchildren and so on of `pid`. */
async function descendantsOf(pid: number): Promise<readonly RunningProcess[]> {
  if (process.platform === 'win32') return []; // There `server.kill()` ends the whole tree.
  const { stdout } = await execa('ps', ['-A', '-o', 'pid=,ppid=,args=']);
  const processes = stdout.split('\n').flatMap((line) => {
    const [, child = '', parent = '', command = ''] = /^\s*(\d+)\s+(\d+) (.*)$/.exec(line) ?? [];
    return child === '' ? [] : [{ pid: Number(child), parent: Number(parent), command }];
  });
  const found: RunningProcess[] = [{ pid, command: '' }];
  for (const { pid: parent } of found) found.push(...processes.filter((each) => each.parent === parent));
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
