import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Whether Claude Code can continue a conversation: it keeps a file for each, but a session that was killed may have left
 * one in which nothing was said yet, and that is refused.
 */
export async function hasConversation(claudeSessionId: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const projects = join(env.CLAUDE_CONFIG_DIR ?? join(env.HOME ?? homedir(), '.claude'), 'projects');
  const folders = await readdir(projects).catch(() => []);
  for (const folder of folders) {
    if (await holdsWords(join(projects, folder, `${claudeSessionId}.jsonl`))) return true;
  }
  return false;
}

async function holdsWords(transcript: string): Promise<boolean> {
  const file = createReadStream(transcript);
  try {
    for await (const line of createInterface({ input: file })) if (isWords(line)) return true;
    return false;
  } catch {
    return false;
  } finally {
    file.destroy();
  }
}

/** The last line may have been cut off when its writer was killed. */
function isWords(line: string): boolean {
  try {
    const { type } = JSON.parse(line) as { type?: unknown };
    return type === 'user' || type === 'assistant';
  } catch {
    return false;
  }
}
