import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';

const Credentials = z.object({ claudeAiOauth: z.object({ accessToken: z.string().min(1) }) });
const Status = z.object({ loggedIn: z.boolean() });

/**
 * Whether sessions of the program at `path` with this environment have an account. Credentials in Claude Code's own file
 * are enough, as they are for the program itself, and are read at once; else the program is asked, which takes a third of
 * a second, since they may lie in a keychain or in the environment.
 */
export async function isSignedIn(path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return (await hasCredentials(env)) || (await saysSo(path, env));
}

async function hasCredentials(env: NodeJS.ProcessEnv): Promise<boolean> {
  const folder = env.CLAUDE_CONFIG_DIR ?? join(env.HOME ?? homedir(), '.claude');
  try {
    return Credentials.safeParse(JSON.parse(await readFile(join(folder, '.credentials.json'), 'utf8'))).success;
  } catch {
    return false;
  }
}

async function saysSo(path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
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
