import { AppError } from '../base/errors.ts';
import type { SessionMode } from '../core/model/session.ts';
import { findClaude } from './binary.ts';
import { cleanEnvironment } from './environment.ts';
import type { Obstacle } from './obstacle.ts';
import { undecidedServers } from './projectServers.ts';
import { accountOf } from './signedIn.ts';
import { isTrustedIn, readClaudeConfig } from './trust.ts';

/** Whether sessions can be started, and if not, what stands in the way. */
export interface Readiness {
  readonly state: 'ready' | Obstacle;
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
  /** Only in the terminal Claude Code asks its own questions: at its very first start, and about servers. */
  readonly mode: SessionMode;
  /** Top folder of the repository's main worktree: trust in it covers all its worktrees. */
  readonly root: string;
}

/** Asks Claude Code and its configuration, in less than a second and without starting a session. */
export async function readiness({ setting, env, keepApiKey, mode, root }: ReadinessQuestion): Promise<Readiness> {
  try {
    const { path, version } = await findClaude({ setting, env });
    const clean = cleanEnvironment(env, keepApiKey);
    const config = await readClaudeConfig(clean);
    const account = await accountOf(path, clean, keepApiKey);
    if (account === 'none') {
      return {
        state: 'signed_out',
        text: `Claude Code ${version} is not signed in.`,
        hint: 'Run `claude` in a terminal and sign in with /login.',
      };
    }
    if (account === 'api_key' && !keepApiKey) {
      return {
        state: 'api_key',
        text: `Claude Code ${version} is signed in with an API key, not a subscription, and claude.keepApiKey is off.`,
        hint: 'Run `claude` in a terminal and sign in to your subscription with /login, or turn claude.keepApiKey on.',
      };
    }
    if (mode === 'interactive' && !config.isOnboarded) {
      return {
        state: 'never_started',
        text: 'Claude Code was never started here.',
        hint: `Run \`claude\` once in ${root} and answer its questions.`,
      };
    }
    if (!isTrustedIn(config, root)) {
      return {
        state: 'untrusted',
        text: `Claude Code was not told yet to trust ${root}.`,
        hint: `Run \`claude\` once in ${root} and say that you trust the folder.`,
      };
    }
    const undecided = mode === 'interactive' ? await undecidedServers(root, clean) : [];
    if (undecided.length > 0) {
      return {
        state: 'undecided_servers',
        text: `Claude Code was not told yet whether to use what .mcp.json brings along: ${undecided.map(quoted).join(', ')}.`,
        hint: `Run \`claude\` once in ${root} and decide about these MCP servers.`,
      };
    }
    return { state: 'ready', text: `Claude Code ${version} is ready.` };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const state = error.code === 'claude_too_old' ? 'too_old' : 'missing';
    return { state, text: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}

/** Names come from the repository, and a message may be shown where brackets make a link. */
const quoted = (name: string): string => `“${name.replace(/[^\p{L}\p{N} ./@_-]/gu, '_')}”`;
