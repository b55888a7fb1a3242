import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { execa } from 'execa';
import { messageOf } from '../base/errors.ts';
import { GitError, gitError } from './errors.ts';

/** What a caller or a person's shell may have set and that must not reach our git. */
const borrowed = /^(GIT_.*|EDITOR|VISUAL|PAGER|PREFIX|SSH_ASKPASS)$/i;
const ceiling = 'GIT_CEILING_DIRECTORIES';
const ours = { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };

const noHooks = 'core.hooksPath=/dev/null';

/**
 * A session can write the repository's configuration, so what git would execute by itself is switched off here.
 * Nothing of ours starts a collection of garbage: it would outlive the call.
 */
const safety: readonly string[] = [
  'core.fsmonitor=false',
  noHooks,
  'protocol.ext.allow=never',
  'commit.gpgSign=false',
  'core.quotePath=false',
  'color.ui=false',
  'gc.auto=0',
  'maintenance.auto=false',
];

/** The environment for git: `env` without what could steer git elsewhere. */
function scrubbed(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...Object.fromEntries(Object.entries(env).filter(([key]) => !borrowed.test(key))), ...ours };
}

interface ExactOptions {
  /** More variables for this call: `GIT_INDEX_FILE`. */
  readonly env?: Readonly<Record<string, string>>;
  /** More configuration for this call: `checkout.workers=2`. */
  readonly config?: readonly string[];
  readonly input?: string | Uint8Array;
  /** Run the repository's own hooks, as for what a session does itself. */
  readonly hooks?: true;
  /** Exit codes besides 0 that are answers and not failures. */
  readonly answers?: readonly number[];
  /** Ends the process when aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface ExactAnswer {
  readonly code: number;
  readonly bytes: Uint8Array;
  /** Standard output as UTF-8, as it is: with its last newline. */
  readonly text: string;
  /** Standard error. */
  readonly complaint: string;
}

/** The one door to git. Both ways throw GitError when git fails. */
export interface GitRunner {
  /** Runs a command for people whose answer is text without the last newline. */
  text(folder: string, args: readonly string[]): Promise<string>;
  /** Runs a command for programs: bytes, exit codes as answers, input, its own environment, an end on demand. */
  exact(folder: string, args: readonly string[], options?: ExactOptions): Promise<ExactAnswer>;
}

const subcommand = (args: readonly string[]): string =>
  args.slice(0, args[0] === 'worktree' || args[0] === 'submodule' ? 2 : 1).join(' ');

/** A start that takes longer than this many milliseconds is felt by whoever shares the process. */
const feltMs = 4;
let lastStartMs = 0;
let lastTurn: Promise<void> = Promise.resolve();

/**
 * Starting a program holds a large process, such as an editor's, for many milliseconds: its memory is mapped anew. There
 * no two are started in one turn of the event loop.
 */
async function turnToStart(): Promise<void> {
  if (lastStartMs < feltMs) return;
  lastTurn = lastTurn.then(() => nextTurn());
  await lastTurn;
}

function timedStart<T>(start: () => T): T {
  const began = performance.now();
  const started = start();
  lastStartMs = performance.now() - began;
  return started;
}

interface RunnerOptions {
  /** On top of our own, for every call. */
  readonly config?: readonly string[];
  /** Look for the repository in the folder of the call only, and not in those around it, too. */
  readonly stays?: boolean;
}

/** A door with the environment `env`. */
export function gitRunner(env: NodeJS.ProcessEnv, { config = [], stays = false }: RunnerOptions = {}): GitRunner {
  const clean = scrubbed(env);
  const settings = [...safety, ...config];
  const environmentIn = (folder: string) => (stays ? { ...clean, [ceiling]: dirname(folder) } : clean);

  return {
    async text(folder, args) {
      await mustExist(folder);
      await turnToStart();
      // Most processes never ask in this way.
      const { simpleGit } = await import('simple-git');
      const git = simpleGit({
        baseDir: folder,
        config: settings,
        allowEnvironment: [...Object.keys(ours), ceiling],
        // Without this the library refuses the very settings that make git safe.
        unsafe: {
          allowUnsafeFsMonitor: true,
          allowUnsafeHooksPath: true,
          allowUnsafeProtocolOverride: true,
          allowUnsafeFilter: true,
        },
        // By default a failure that prints nothing would count as success.
        errors: (error, { exitCode, stdErr, stdOut }) =>
          exitCode === 0
            ? error
            : Buffer.from(Buffer.concat([...stdErr, ...stdOut]).toString() || `exit code ${exitCode}`),
      });
      const text = await git
        .env(environmentIn(folder))
        .raw([...args])
        .catch((error: unknown) => {
          throw gitError(subcommand(args), messageOf(error));
        });
      return text.replace(/\r?\n$/, '');
    },

    async exact(folder, args, { env: more, config: extra = [], input, hooks, answers = [], signal } = {}) {
      await mustExist(folder);
      await turnToStart();
      const own = hooks ? settings.filter((setting) => setting !== noHooks) : settings;
      const flags = [...own, ...extra].flatMap((setting) => ['-c', setting]);
      const options = {
        cwd: folder,
        env: { ...environmentIn(folder), ...more },
        extendEnv: false,
        encoding: 'buffer',
        stripFinalNewline: false,
        reject: false,
        maxBuffer: 1_000_000_000,
        killDescendants: true,
        ...(input === undefined ? {} : { input }),
        ...(signal === undefined ? {} : { cancelSignal: signal }),
      } as const;
      const result = await timedStart(() => execa('git', [...flags, ...args], options));
      if (result.isCanceled) throw signal?.reason ?? result;
      const complaint = Buffer.from(result.stderr ?? []).toString('utf8');
      if (result.exitCode === undefined) {
        throw gitError(subcommand(args), complaint || (result.shortMessage ?? 'did not start'));
      }
      if (result.exitCode !== 0 && !answers.includes(result.exitCode)) {
        throw gitError(subcommand(args), complaint || Buffer.from(result.stdout).toString('utf8'));
      }
      const bytes = result.stdout;
      return {
        code: result.exitCode,
        bytes,
        get text() {
          return Buffer.from(bytes).toString('utf8');
        },
        complaint,
      };
    },
  };
}

/** Starting a program in a folder that is gone looks like a program that is gone. */
async function mustExist(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new GitError('folder_missing', `there is no folder ${folder}`);
}

/** The records of an answer in which each ends with NUL. */
export function records(text: string): string[] {
  const parts = text.split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts;
}
