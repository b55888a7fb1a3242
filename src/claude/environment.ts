import { delimiter, dirname } from 'node:path';
import { worktreeVariable } from '../core/model/process.ts';
import { payingVariables } from './apiKeys.ts';
import { tokenVariable } from './settingsFile.ts';

/** What a session's process is to know besides the person's own environment. */
export interface SessionVariables {
  /** The id of our worker, for the commands that a session may run. */
  readonly worker: string;
  /** The store that the commands of a session use. */
  readonly store: string;
  /** The worktree it works in: by it everything that the session starts is found again. */
  readonly worktree: string;
  /** Opens the worker's endpoint to this session's hooks. */
  readonly token: string;
  /** Where Claude Code reports what it uses, and the token for that; absent where its stream tells. */
  readonly telemetry?: { readonly url: string; readonly token: string };
  /** Leave API keys in; without them the session runs on the subscription. */
  readonly keepApiKey: boolean;
}

/**
 * What belongs to the process we are, to a Claude Code that we were started by, or to a git that runs us: Electron's
 * switch would turn Claude's Node programs into something else, and git's variables point at another repository.
 */
const notForSessions = new RegExp(
  [
    '^ELECTRON_RUN_AS_NODE$',
    '^SWARM_(WORKER|TOKEN|WORKTREE)$',
    '^CLAUDECODE$',
    '^CLAUDE_(ENV_FILE|PROJECT_DIR|JOB_DIR)$',
    '^CLAUDE_CODE_(ENTRYPOINT|SSE_PORT|SESSION_ID|TASK_LIST_ID|MESSAGING_SOCKET|MESSAGING_TOKEN)$',
    '^GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|PREFIX)$',
  ].join('|'),
);

/** The person's environment as Claude Code may have it when it is only asked something, not run for a session. */
export function cleanEnvironment(env: NodeJS.ProcessEnv, keepApiKey: boolean): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !notForSessions.test(name) && (keepApiKey || !payingVariables.includes(name)),
  );
  return {
    ...Object.fromEntries(kept),
    // In VS Code's terminal Claude Code would install its own extension and connect to it, one window for all sessions.
    CLAUDE_CODE_IDE_SKIP_AUTO_INSTALL: '1',
    CLAUDE_CODE_AUTO_CONNECT_IDE: 'false',
  };
}

/** The whole environment of a session. */
export function sessionEnvironment(env: NodeJS.ProcessEnv, variables: SessionVariables): NodeJS.ProcessEnv {
  const { worker, store, worktree, token, telemetry, keepApiKey } = variables;
  const own = {
    SWARM_WORKER: worker,
    SWARM_STORE: store,
    [tokenVariable]: token,
    [worktreeVariable]: worktree,
    // Where worktrees lie inside the repository, git would work on the checkout around one that has lost its link.
    GIT_CEILING_DIRECTORIES: [dirname(worktree), env.GIT_CEILING_DIRECTORIES].filter(Boolean).join(delimiter),
  };
  const base = { ...cleanEnvironment(env, keepApiKey), ...own };
  // Whoever has telemetry of their own keeps it; then cost is not known while an interactive session runs.
  if (telemetry === undefined || Object.keys(base).some(isTelemetry)) return base;
  return {
    ...base,
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_ENDPOINT: telemetry.url,
    OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer ${telemetry.token}`,
    OTEL_LOGS_EXPORT_INTERVAL: '1000',
  };
}

const isTelemetry = (name: string): boolean => name === 'CLAUDE_CODE_ENABLE_TELEMETRY' || name.startsWith('OTEL_');
