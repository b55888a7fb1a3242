import { spawn } from 'node:child_process';
import { AppError, messageOf } from '../base/errors.ts';
import { cleanEnvironment } from './environment.ts';
import { lendTerminal } from './terminal.ts';

/** A session in the person's own terminal and checkout that plans and changes no files. */
export interface PlanningSession {
  /** Absolute path of Claude Code. */
  readonly program: string;
  /** Top folder of the main checkout. */
  readonly root: string;
  /** Folder of our plugin, with the skill `coordinate`. */
  readonly plugin: string;
  /** How our tools are served to it. */
  readonly server: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
  /** Tools of ours that it may use without asking. */
  readonly tools: readonly string[];
  /** What is wanted, in the person's words. */
  readonly text: string;
}

/** What changes files, or speaks as the person. */
const denied = ['Edit', 'Write', 'NotebookEdit', 'Bash(swarm:*)'] as const;

/** The arguments for `claude`. */
export function planningArguments({ plugin, server, tools, text }: PlanningSession): readonly string[] {
  return [
    '--plugin-dir',
    plugin,
    '--mcp-config',
    JSON.stringify({ mcpServers: { swarm: { type: 'stdio', alwaysLoad: true, ...server } } }),
    '--allowedTools',
    ...tools.map((name) => `mcp__swarm__${name}`),
    '--disallowedTools',
    ...denied,
    '--',
    `/swarm:coordinate ${text}`,
  ];
}

interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly keepApiKey: boolean;
  /** File descriptor of the terminal's keyboard; absent: this process's own. */
  readonly keyboard?: number;
  /** Ends the session. */
  readonly signal: AbortSignal;
}

/** Runs it in this terminal until the person leaves it. Returns its exit code, or undefined after a signal. */
export async function runPlanningSession(
  session: PlanningSession,
  { env, keepApiKey, keyboard, signal }: RunOptions,
): Promise<number | undefined> {
  const child = spawn(session.program, [...planningArguments(session)], {
    cwd: session.root,
    env: cleanEnvironment(env, keepApiKey),
    stdio: [keyboard ?? 'inherit', 'inherit', 'inherit'],
  });
  const lent = lendTerminal(child);
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? undefined));
    });
  } catch (cause) {
    throw new AppError('claude_not_started', `could not start ${session.program}: ${messageOf(cause)}`, { cause });
  } finally {
    signal.removeEventListener('abort', stop);
    lent.dispose();
  }
}
