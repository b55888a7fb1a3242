import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TempRepo, tempRepo } from '../integration/git/tempRepo.ts';
import type { Plan, ScriptedClaude } from './scriptedClaude/claude.ts';
import { scriptedClaude } from './scriptedClaude/claude.ts';

/** How a call of `swarm` ended. */
interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  /** The folder to start in; the repository unless given. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Another user to run as; only root may. */
  readonly user?: number | undefined;
}

/** A running `swarm`. */
interface Call {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  readonly printed: { stdout: string; stderr: string };
  readonly ended: Promise<Answer>;
}

/** A repository, a person with an empty home, a scripted `claude`, and the command line from its sources. */
export interface Desk extends AsyncDisposable {
  readonly repo: TempRepo;
  /** The person's home folder. */
  readonly home: string;
  readonly claude: ScriptedClaude;
  /** The whole environment of the person. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts `swarm` with these arguments. */
  start(args: readonly string[], options?: CallOptions): Call;
  /** Runs `swarm` to its end. */
  swarm(args: readonly string[], options?: CallOptions): Promise<Answer>;
  /** Runs it with `--json` and reads what it prints on stdout, or on stderr when stdout is empty. */
  json(
    args: readonly string[],
    options?: CallOptions,
  ): Promise<{ readonly code: number | null; readonly json: unknown }>;
}

export interface DeskOptions extends Partial<Plan> {
  /** Files of the first commit. */
  readonly files?: Readonly<Record<string, string>>;
  /** Whether Claude Code was told to trust the repository; default true. */
  readonly trusted?: boolean;
}

const main = join(import.meta.dirname, '../../src/cli/main.ts');

/** Sets everything up. At the end the plan must have been used up, nothing else asked for, and no worker left. */
export async function desk({ files, trusted = true, ...plan }: DeskOptions = {}): Promise<Desk> {
  const repo = await tempRepo(files);
  const home = repo.beside('my home');
  const claudeFolder = join(home, '.claude');
  await mkdir(claudeFolder, { recursive: true });
  const projects = trusted ? { [repo.path]: { hasTrustDialogAccepted: true } } : {};
  await writeFile(join(claudeFolder, '.claude.json'), JSON.stringify({ hasCompletedOnboarding: true, projects }));
  const claude = await scriptedClaude(join(home, 'claude program'), plan);
  const env: Record<string, string> = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
    HOME: home,
    CLAUDE_CONFIG_DIR: claudeFolder,
    SWARM_CONFIG_DIR: join(home, 'swarm'),
    SWARM_CLAUDE: claude.path,
  };

  const calls = new Set<ChildProcess>();
  const start: Desk['start'] = (args, options = {}) => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: options.folder ?? repo.path,
      env: { ...env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.user === undefined ? {} : { uid: options.user, gid: options.user }),
    });
    calls.add(child);
    child.once('close', () => calls.delete(child));
    const printed = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
    child.stdin.on('error', () => {}).end(options.input ?? '');
    const ended = new Promise<Answer>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...printed }));
    });
    return { process: child, printed, ended };
  };
  const swarm: Desk['swarm'] = (args, options) => start(args, options).ended;
  const json: Desk['json'] = async (args, options) => {
    const { code, stdout, stderr } = await swarm(['--json', ...args], options);
    return { code, json: JSON.parse(stdout || stderr) };
  };

  return {
    repo,
    home,
    claude,
    env,
    start,
    swarm,
    json,
    async [Symbol.asyncDispose]() {
      // Only a test that has failed leaves any.
      for (const call of calls) call.kill('SIGKILL');
      const { json: left } = await json(['worker', 'list']);
      const { workers = [] } = left as { workers?: { name: string; pid: number | null }[] };
      for (const { pid } of workers) if (pid !== null) kill(pid);
      const problems = [...(await claude.problems()), ...workers.map(({ name }) => `${name} was left running`)];
      await repo[Symbol.asyncDispose]();
      if (problems.length > 0) throw new Error(problems.join('\n'));
    },
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
