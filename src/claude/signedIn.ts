import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';
import { accountArguments } from './apiKeys.ts';

const Credentials = z.object({ claudeAiOauth: z.object({ accessToken: z.string().min(1) }) });
const Status = z.object({
  loggedIn: z.boolean(),
  apiKeySource: z.string().optional(),
  subscriptionType: z.string().nullish(),
});

/** Whether sessions have an account, and whether that is the subscription or a key that each answer is billed to. */
export type Account = 'none' | 'subscription' | 'api_key';

/**
 * The account of sessions of the program at `path` with this environment. A subscription's credentials in Claude Code's
 * own file are enough, as they are for the program itself, and are read at once; else the program is asked, which takes a
 * third of a second, since they may lie in a keychain or in the environment.
 */
export async function accountOf(path: string, env: NodeJS.ProcessEnv, keepApiKey: boolean): Promise<Account> {
  if (await hasCredentials(env)) return 'subscription';
  // Asked with the settings that sessions get, else it counts keys that they do not have.
  const { stdout } = await execa(path, [...accountArguments(keepApiKey), 'auth', 'status', '--json'], {
    env,
    extendEnv: false,
    timeout: 20_000,
    reject: false,
    stdin: 'ignore',
  });
  const status = Status.safeParse(parse(stdout)).data;
  if (status === undefined || !status.loggedIn) return 'none';
  return status.apiKeySource === undefined || status.subscriptionType ? 'subscription' : 'api_key';
}

async function hasCredentials(env: NodeJS.ProcessEnv): Promise<boolean> {
  const folder = env.CLAUDE_CONFIG_DIR ?? join(env.HOME ?? homedir(), '.claude');
  const content = await readFile(join(folder, '.credentials.json'), 'utf8').catch(() => '');
  return Credentials.safeParse(parse(content)).success;
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
