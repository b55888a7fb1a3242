import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';

const Decisions = z.object({
  enabledMcpjsonServers: z.array(z.string()).default([]),
  disabledMcpjsonServers: z.array(z.string()).default([]),
  enableAllProjectMcpServers: z.boolean().default(false),
});

/** The person's word on servers that repositories bring along in `.mcp.json`, by Claude Code's own names for it. */
export type ServerDecisions = Readonly<z.infer<typeof Decisions>>;

/** Other entries are left out by Claude Code without a question. */
const Server = z.union([
  z.object({
    type: z.literal('stdio').optional(),
    command: z.string().min(1),
    args: z.array(z.string()).optional(),
    env: z.record(z.string(), z.string()).optional(),
  }),
  z.object({
    type: z.enum(['http', 'streamable-http', 'sse', 'ws']),
    url: z.string(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
]);

/** Names that Claude Code keeps for servers of its own. */
const reserved: readonly string[] = ['workspace', 'claude-in-chrome', 'computer-use'];

/**
 * What was decided for a checkout. Claude Code keeps an answer given in its terminal in that checkout's own settings,
 * so that no worktree knows of it: a session in one has to be told.
 */
export async function decisionsIn(root: string): Promise<ServerDecisions> {
  return together(
    await Promise.all(['settings.json', 'settings.local.json'].map((name) => read(root, '.claude', name))),
  );
}

/** Names of the servers about which Claude Code would ask in a terminal in `root`, before it does anything else. */
export async function undecidedServers(root: string, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const servers = await serversOf(root);
  if (servers.length === 0) return [];
  const person = env.CLAUDE_CONFIG_DIR ?? join(env.HOME ?? homedir(), '.claude');
  const decided = together([
    await decisionsIn(root),
    await read(person, 'settings.json'),
    await read(managedSettings()),
  ]);
  if (decided.enableAllProjectMcpServers) return [];
  const known = new Set([...decided.enabledMcpjsonServers, ...decided.disabledMcpjsonServers].map(normalized));
  return servers.filter((name) => !known.has(normalized(name)));
}

/** The servers in the files named `.mcp.json` in `root` and the folders above it. */
async function serversOf(root: string): Promise<readonly string[]> {
  const names = new Set<string>();
  for (let folder = root; ; folder = dirname(folder)) {
    const { mcpServers } = (await readJson(join(folder, '.mcp.json'))) as { mcpServers?: unknown };
    for (const [name, server] of Object.entries(mcpServers ?? {})) {
      if (!reserved.includes(name) && Server.safeParse(server).success) names.add(name);
    }
    if (dirname(folder) === folder) return [...names];
  }
}

function together(all: readonly ServerDecisions[]): ServerDecisions {
  return {
    enabledMcpjsonServers: all.flatMap((each) => each.enabledMcpjsonServers),
    disabledMcpjsonServers: all.flatMap((each) => each.disabledMcpjsonServers),
    enableAllProjectMcpServers: all.some((each) => each.enableAllProjectMcpServers),
  };
}

/** A settings file with a mistake in it is left out as a whole, as Claude Code does it. */
async function read(...path: readonly string[]): Promise<ServerDecisions> {
  const settings = await readJson(join(...path));
  return Decisions.safeParse(settings).data ?? Decisions.parse({});
}

async function readJson(file: string): Promise<object> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof content === 'object' && content !== null ? content : {};
  } catch {
    return {};
  }
}

/** Where whoever looks after the computer decides for everybody on it. */
function managedSettings(): string {
  const folders: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
    darwin: '/Library/Application Support/ClaudeCode',
    win32: 'C:\\Program Files\\ClaudeCode',
  };
  return join(folders[process.platform] ?? '/etc/claude-code', 'managed-settings.json');
}

/** To Claude Code, names are the same that differ in what a tool's name cannot hold. */
const normalized = (name: string): string => name.replace(/[^\w-]/g, '_');
