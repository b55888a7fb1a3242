// Opens a real VS Code with the extension and a sample repository in it: `npm start`, `npm start -- --browser`.
import { spawn } from 'node:child_process';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { AppError, messageOf } from '../src/base/errors.ts';
import { startServer } from '../test/support/vscode/server.ts';
import { createSampleRepository } from './sample/repository.ts';
import { packageExtension } from './vsix.ts';

const root = join(import.meta.dirname, '..');
const say = (line: string) => console.log(line);

async function start(): Promise<void> {
  const { values } = parseArgs({ options: { browser: { type: 'boolean', default: false } } });
  const vsix = await packageExtension(say);
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'swarm-')));
  const repository = join(folder, 'tea-shop');
  await createSampleRepository(repository);
  say(`The sample repository: ${repository}`);
  if (!values.browser && (await openDesktop(repository))) return;
  await openBrowser(repository, join(folder, 'vscode'), vsix);
}

/** False when there is no desktop VS Code on PATH. */
async function openDesktop(repository: string): Promise<boolean> {
  const result = await execa('code', [`--extensionDevelopmentPath=${root}`, repository], {
    env: personsEnvironment(),
    extendEnv: false,
    reject: false,
  });
  if (result.code === 'ENOENT') return false;
  if (result.failed)
    throw new AppError('code_failed', `VS Code did not open: ${result.stderr}`, {
      hint: 'npm start -- --browser opens another one.',
    });
  say('VS Code is opening.');
  return true;
}

/** Serves VS Code to a browser until Ctrl-C. */
async function openBrowser(repository: string, dataFolder: string, vsix: string): Promise<void> {
  await using server = await startServer({
    dataFolder,
    env: personsEnvironment(),
    vsix: [vsix],
    workspaceTrust: true,
    progress: say,
  });
  const address = server.address(repository);
  say(
    `\nVS Code with the extension is at\n\n  ${address}\n\nOnly this machine can reach it, and the address is its key. Ctrl-C ends it and its terminals.`,
  );
  openInBrowser(address);
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  await Promise.race([interrupted, server.ended]);
}

/** What the person's shell had, without what npm put there. The Claude Code of this repository serves who has no other. */
function personsEnvironment(): Record<string, string> {
  const added = join('node_modules', '.bin');
  const npms = (folder: string) =>
    folder.endsWith(added) || folder.endsWith('node-gyp-bin') || folder.startsWith(join(root, 'node_modules'));
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !npms(folder));
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|NODE$|NODE_OPTIONS$)/i.test(name));
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    PATH: [...path, join(root, added)].join(delimiter),
  };
}

/** Opens the person's browser where there is a screen for it; where not, the address is on the terminal. */
function openInBrowser(address: string): void {
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  if (opener === 'xdg-open' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return;
  spawn(opener, [address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

try {
  await start();
} catch (error) {
  console.error(messageOf(error));
  if (error instanceof AppError && error.hint) console.error(error.hint);
  process.exitCode = 1;
}
