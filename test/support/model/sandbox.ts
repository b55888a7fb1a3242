import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { tempFolder } from '../tempFolder.ts';
import { type ClaudeHome, claudeHome } from './claudeHome.ts';
import { type HookEndpoint, type HookInput, startHooks } from './hooks.ts';
import type { Scenario } from './script.ts';
import { type ModelServer, startModel } from './server.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** How a sandbox differs from the usual one: a signed-in person who trusts the repository, hooks that decide nothing. */
export interface SandboxOptions {
  readonly script?: readonly Scenario[];
  readonly decide?: (input: HookInput) => object;
  readonly signedIn?: boolean;
  readonly trusted?: boolean;
}

/** How one run of Claude Code ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One run of Claude Code: its arguments, and what differs from the sandbox's own repository and environment. */
interface Run {
  readonly args: readonly string[];
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A repository with one commit (`a.txt`), a scripted model, a hook endpoint, and a real Claude Code of their own. */
export interface Sandbox extends AsyncDisposable {
  readonly folder: string;
  readonly repository: string;
  readonly model: ModelServer;
  readonly hooks: HookEndpoint;
  readonly home: ClaudeHome;
  /** Runs git in the repository. */
  git(...args: string[]): Promise<string>;
  /** Writes a settings file and returns its path. */
  settings(settings: object): Promise<string>;
  /** Runs Claude Code with pipes until it ends; killed after a minute, then the code is null. */
  run(run: Run): Promise<Ran>;
  /** Opens Claude Code in a terminal. */
  open(run: Omit<Run, 'input'>): Promise<Terminal>;
}

/** Builds a sandbox; disposing ends what runs in it and removes it. */
export async function sandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await tempFolder());
  const model = stack.use(await startModel(...(options.script ?? [])));
  const hooks = stack.use(await startHooks(options.decide ?? (() => ({}))));
  const repository = join(folder, 'my repository');
  const trusts = (options.trusted ?? true) ? [repository] : [];
  const home = await claudeHome({
    folder: await made(join(folder, 'home')),
    modelUrl: model.url,
    signedIn: options.signedIn ?? true,
    trusts,
  });
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', args, { cwd: repository, env: home.env })).stdout;
  await made(repository);
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('config', 'user.name', 'Ada');
  await git('config', 'user.email', 'ada@example.com');
  await writeFile(join(repository, 'a.txt'), 'one\n');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'first');
  const where = (run: Run) => ({ cwd: run.cwd ?? repository, env: { ...home.env, ...run.env } });
  let files = 0;
  const disposables = stack.move();
  return {
    folder,
    repository,
    model,
    hooks,
    home,
    git,
    async settings(settings) {
      files += 1;
      const file = join(folder, `settings ${files}.json`);
      await writeFile(file, JSON.stringify(settings));
      return file;
    },
    async run(run) {
      const claude = spawn(home.binary, run.args, {
        ...where(run),
        stdio: 'pipe',
        timeout: 60_000,
        killSignal: 'SIGKILL',
      });
      claude.stdin.end(run.input ?? '');
      const [stdout, stderr, [code]] = await Promise.all([
        text(claude.stdout),
        text(claude.stderr),
        once(claude, 'close'),
      ]);
      return { code, stdout, stderr };
    },
    async open(run) {
      return disposables.use(
        await openTerminal({
          command: [home.binary, ...run.args],
          folder: home.env.TMPDIR ?? folder,
          ...where(run),
        }),
      );
    },
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  };
}

async function made(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return folder;
}
