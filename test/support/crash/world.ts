import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { type OpenSwarm, openSwarm, systemRandom } from '../../../src/bridge/open.ts';
import { commandLineFace } from '../../../src/cli/face.ts';
import { Coordinator } from '../../../src/core/flow/coordinate.ts';
import type { WorkerLauncher } from '../../../src/core/ports.ts';
import { childLauncher, landingLauncher, type OwnProgram } from '../../../src/process/childLauncher.ts';
import { openProcesses } from '../../../src/process/identity.ts';
import { listProcesses } from '../../../src/process/table.ts';
import { type TempRepo, tempRepo } from '../../integration/git/tempRepo.ts';
import { waitFor } from '../waitFor.ts';
import { callsVariable, type Moment, momentVariable } from './dying.ts';
import { readWitness, type Witnessed } from './witness.ts';

/** A repository with a swarm whose processes may be killed, a stand-in for Claude Code, and ways to see what they left. */
export interface CrashWorld extends AsyncDisposable {
  readonly repo: TempRepo;
  readonly opened: OpenSwarm;
  /** The environment of a person who has only this repository. */
  readonly env: Readonly<Record<string, string>>;
  readonly program: OwnProgram;
  /** A coordinator of this process that starts real workers and landings; with other ways to start them when given. */
  coordinator(others?: {
    readonly workers?: WorkerLauncher;
    readonly landings?: { land(entry: string): Promise<void> };
  }): Promise<Coordinator>;
  /** Starts a program of this folder that kills itself at a moment; resolves with the call it came to, undefined when it came to its end. */
  startDying(program: 'dyingWorker' | 'dyingLanding', id: string, moment: Moment): Dying;
  witness(): Promise<readonly Witnessed[]>;
  /** Pids of living processes that have to do with this world, found without asking the product. */
  living(): Promise<readonly number[]>;
}

/** A process that is going to kill itself. */
export interface Dying {
  readonly process: ChildProcess;
  /** The name of the call at which it died; undefined when it ended by itself. */
  readonly diedAt: Promise<string | undefined>;
}

const support = import.meta.dirname;

/** Makes a world with `main` checked out, on which the person has edits of their own; worlds may share a cache. */
export async function crashWorld(compileCache: string): Promise<CrashWorld> {
  await using stack = new AsyncDisposableStack();
  const repo = stack.use(await tempRepo({ 'a.txt': 'one\n', 'mine.txt': 'as committed\n' }));
  await repo.write('mine.txt', 'edited by the person\n');
  await repo.write('draft.txt', 'not added by the person\n');
  const home = repo.beside('my home');
  const config = join(home, '.claude');
  await mkdir(config, { recursive: true });
  const projects = { [repo.path]: { hasTrustDialogAccepted: true } };
  await writeFile(join(config, '.claude.json'), JSON.stringify({ hasCompletedOnboarding: true, projects }));
  // A session that is killed counts as a round.
  await repo.write('config.yaml', 'tasks:\n  maxRounds: 20\n', join(home, 'swarm'));
  const claude = join(home, 'claude');
  await writeFile(
    claude,
    `#!/bin/sh
[ "$1" = --version ] && exec echo '2.1.197 (Claude Code)'
case "$*" in *'auth status --json') exec echo '{"loggedIn":true,"authMethod":"claude.ai"}' ;; esac
exec '${process.execPath}' '${join(support, 'standIn.ts')}' "$@"
`,
  );
  await chmod(claude, 0o755);
  const witness = join(home, 'witness.jsonl');
  const env = {
    PATH: [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
    HOME: home,
    CLAUDE_CONFIG_DIR: config,
    SWARM_CONFIG_DIR: join(home, 'swarm'),
    SWARM_CLAUDE: claude,
    STAND_IN_WITNESS: witness,
    // A thousand processes would translate the same files.
    NODE_COMPILE_CACHE: compileCache,
  };
  const opened = stack.adopt(
    await openSwarm({ folder: repo.path, face: commandLineFace(), trusted: () => true }),
    (each) => each.dispose(),
  );
  const program: OwnProgram = {
    cli: join(support, '../../../src/cli/main.ts'),
    options: [],
    root: repo.path,
    logs: join(home, 'logs'),
    env,
  };
  await mkdir(program.logs);
  const living = () => processesNaming(dirname(repo.path));
  const disposables = stack.move();
  let dying = 0;
  return {
    repo,
    opened,
    env,
    program,
    async coordinator({ workers, landings } = {}) {
      return new Coordinator({
        face: opened.face,
        store: opened.store,
        git: opened.git,
        processes: await openProcesses(),
        workers: workers ?? childLauncher(program),
        landings: landings ?? landingLauncher(program),
        clock: systemClock,
        random: systemRandom,
        log: silentLog,
        settings: opened.settings,
      });
    },
    startDying(name, id, { when, call }) {
      const calls = join(home, `calls ${++dying}`);
      const child = spawn(process.execPath, [join(support, `${name}.ts`), id], {
        cwd: repo.path,
        env: { ...env, [momentVariable]: `${when} ${call}`, [callsVariable]: calls },
        stdio: ['ignore', 'ignore', 'pipe'],
        detached: true,
      });
      let complaint = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
      const ended = new Promise<void>((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', (code, signal) => {
          if (code === 0 || signal === 'SIGKILL') resolve();
          else reject(new Error(`${name} ended with ${code ?? signal}: ${complaint}`));
        });
      });
      const diedAt = ended.then(() =>
        readFile(calls, 'utf8').then(
          (text) => text.trim(),
          () => undefined,
        ),
      );
      return { process: child, diedAt };
    },
    witness: () => readWitness(witness),
    living,
    async [Symbol.asyncDispose]() {
      for (const pid of await living()) kill(pid);
      await waitFor('what a failed test has left to end', async () => (await living()).length === 0);
      await disposables.disposeAsync();
    },
  };
}

/** Kills a process that may have ended meanwhile. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has.
  }
}

/** Living processes with a folder in their arguments or their environment, other than this one. */
export async function processesNaming(folder: string): Promise<readonly number[]> {
  const named: number[] = [];
  for (const { pid, state } of await listProcesses()) {
    if (state === 'zombie' || pid === process.pid) continue;
    const texts = ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => ''));
    if ((await Promise.all(texts)).join('').includes(folder)) named.push(pid);
  }
  return named;
}

/** Every lock file under a folder. */
export async function locksIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.lock'));
}
