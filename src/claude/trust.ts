import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** What Claude Code keeps of its user, as far as it matters here. It is not ours, so nothing in it is taken for granted. */
export interface ClaudeConfig {
  /** True once its first questions were answered. */
  readonly isOnboarded: boolean;
  /** Folders that the person told it to trust. */
  readonly trusted: ReadonlySet<string>;
}

/** Reads Claude Code's own configuration; one that is absent or unreadable says nothing. */
export async function readClaudeConfig(env: NodeJS.ProcessEnv): Promise<ClaudeConfig> {
  const folder = env.CLAUDE_CONFIG_DIR ?? env.HOME ?? homedir();
  try {
    const config: unknown = JSON.parse(await readFile(join(folder, '.claude.json'), 'utf8'));
    const projects = Object.entries(fieldOf(config, 'projects') ?? {});
    return {
      isOnboarded: fieldOf(config, 'hasCompletedOnboarding') === true,
      trusted: new Set(
        projects.filter(([, project]) => fieldOf(project, 'hasTrustDialogAccepted') === true).map(([path]) => path),
      ),
    };
  } catch {
    return { isOnboarded: false, trusted: new Set() };
  }
}

/** Whether the person told Claude Code to trust a folder: trust covers everything below it. */
export function isTrustedIn({ trusted }: ClaudeConfig, folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if (trusted.has(path)) return true;
    if (dirname(path) === path) return false;
  }
}

/** The same, asked of the configuration as it is now; no process is started for it. */
export async function claudeTrusts(folder: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return isTrustedIn(await readClaudeConfig(env), folder);
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
