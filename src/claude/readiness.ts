import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { AppError } from '../base/errors.ts';
import type { SessionMode } from '../core/model/session.ts';
import { findClaude } from './binary.ts';
import { cleanEnvironment } from './environment.ts';

/** Whether sessions can be started, and if not, what stands in the way. */
export interface Readiness {
  readonly state: 'ready' | 'missing' | 'too_old' | 'never_started' | 'signed_out' | 'untrusted';
  /** One sentence for people. */
  readonly text: string;
  /** What to do about it; absent when ready. */
  readonly hint?: string;
}

export interface ReadinessQuestion {
  /** The setting `claude.path`. */
  readonly setting: string;
  readonly env: NodeJS.ProcessEnv;
  readonly keepApiKey: boolean;
  /** Only the terminal insists on the questions that Claude Code asks at its very first start. */
  readonly mode: SessionMode;
  /** Top folder of the repository's main worktree: trust in it covers all its worktrees. */
  readonly root: string;
}

/** Asks Claude Code and its configuration, in less than a second and without starting a session. */
export async function readiness({ setting, env, keepApiKey, mode, root }: ReadinessQuestion): Promise<Readiness> {
  try {
    const { path, version } = await findClaude({ setting, env });
    const clean = cleanEnvironment(env, keepApiKey);
    const config = await readConfig(clean);
    if (!(await isSignedIn(path, clean))) {
      return {
        state: 'signed_out',
        text: `Claude Code ${version} is not signed in.`,
        hint: 'Run `claude` in a terminal and sign in with /login.',
      };
    }
    if (mode === 'interactive' && config.hasCompletedOnboarding !== true) {
      return {
        state: 'never_started',
        text: 'Claude Code was never started here.',
        hint: `Run \`claude\` once in ${root} and answer its questions.`,
      };
    }
    if (!isTrusted(config, root)) {
      return {
        state: 'untrusted',
        text: `Claude Code was not told yet to trust ${root}.`,
        hint: `Run \`claude\` once in ${root} and say that you trust the folder.`,
      };
    }
    return { state: 'ready', text: `Claude Code ${version} is ready.` };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const state = error.code === 'claude_too_old' ? 'too_old' : 'missing';
    return { state, text: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}

const Config = z.object({
  hasCompletedOnboarding: z.unknown().optional(),
  projects: z.record(z.string(), z.looseObject({ hasTrustDialogAccepted: z.unknown().optional() })).catch({}),
});
type Config = z.infer<typeof Config>;

async function readConfig(env: NodeJS.ProcessEnv): Promise<Config> {
  const folder = env.CLAUDE_CONFIG_DIR ?? env.HOME ?? homedir();
  try {
    return Config.parse(JSON.parse(await readFile(join(folder, '.claude.json'), 'utf8')));
  } catch {
    return { hasCompletedOnboarding: undefined, projects: {} };
  }
}

/** Trust in a folder covers everything below it. */
function isTrusted({ projects }: Config, folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if (projects[path]?.hasTrustDialogAccepted === true) return true;
    if (dirname(path) === path) return false;
  }
}

const Status = z.object({ loggedIn: z.boolean() });

/** Asks the program, since credentials may lie in the keychain, and with the session's environment, since a key may be taken away. */
async function isSignedIn(path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { stdout } = await execa(path, ['auth', 'status', '--json'], {
    env,
    extendEnv: false,
    timeout: 20_000,
    reject: false,
    stdin: 'ignore',
  });
  try {
    return Status.parse(JSON.parse(stdout)).loggedIn;
  } catch {
    return false;
  }
}
