import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * True when the person's or the repository's settings list the addresses that hooks may post to. Such a list must
 * name ours too, or the gate stays silent; where nobody keeps one, naming ours would shut out the others.
 */
export async function keepsHookList(worktree: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const config = env.CLAUDE_CONFIG_DIR ?? join(env.HOME ?? homedir(), '.claude');
  const files = [
    join(config, 'settings.json'),
    join(worktree, '.claude', 'settings.json'),
    join(worktree, '.claude', 'settings.local.json'),
  ];
  return (await Promise.all(files.map(hasList))).includes(true);
}

async function hasList(file: string): Promise<boolean> {
  try {
    const settings: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof settings === 'object' && settings !== null && 'allowedHttpHookUrls' in settings;
  } catch {
    return false;
  }
}
