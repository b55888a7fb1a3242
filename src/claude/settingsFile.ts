import { sep } from 'node:path';
import type { SessionMode } from '../core/model/session.ts';
import { subscriptionOnly } from './apiKeys.ts';
import type { ServerDecisions } from './projectServers.ts';

/** What a session's own settings file is made of; it lies outside the repository and is given with `--settings`. */
export interface SessionSettings {
  readonly mode: SessionMode;
  /** Where hooks are posted. */
  readonly hookUrl: string;
  /** Folders outside the worktree that the session may read; edits there are the gate's to grant. */
  readonly addDirs: readonly string[];
  readonly allowedCommands: readonly string[];
  readonly allowedTools: readonly string[];
  readonly disallowedTools: readonly string[];
  /** A file outside the worktree that may be read. */
  readonly readable: string | undefined;
  /** Name the endpoint among the allowed ones, since somebody keeps such a list. */
  readonly namesHookUrl: boolean;
  /** Leave in force the API keys of other settings files; without them the session runs on the subscription. */
  readonly keepApiKey: boolean;
  /** What the person has decided in the main checkout about the servers that the repository brings along. */
  readonly servers: ServerDecisions;
}

/** The variable with the token that opens the worker's endpoint, so that no file holds it. */
export const tokenVariable = 'SWARM_TOKEN';
/** The name of our own server, by which a session has its tools for the others. */
export const ownServer = 'swarm';

/** What no session does by itself; a person who allows one of these by the same rule takes it off the list. */
const deniedByDefault = [
  // Swarm pushes, and only when told to.
  'Bash(git push:*)',
  // These change what all worktrees share, or leave the session's own worktree.
  'Bash(git config:*)',
  'Bash(git stash:*)',
  'Bash(git worktree:*)',
  'EnterWorktree',
  'ExitWorktree',
] as const;

/** In print mode the stream tells what happens, so hooks are asked only where they decide or bring news. */
const events: Readonly<Record<SessionMode, readonly (readonly [event: string, matcher?: string])[]>> = {
  print: [['UserPromptSubmit'], ['PreToolUse', 'Edit|MultiEdit|NotebookEdit|Write|Bash'], ['PostToolBatch'], ['Stop']],
  interactive: [
    ['UserPromptSubmit'],
    ['PreToolUse', '*'],
    ['PostToolUse', '*'],
    ['PostToolUseFailure', '*'],
    ['PostToolBatch'],
    ['PermissionRequest', '*'],
    ['Notification'],
    ['PostCompact'],
    ['Stop'],
    ['StopFailure'],
    ['SessionEnd'],
  ],
};

const hookTimeoutSeconds = 10;

/** Allows one file: a rule's path is absolute only with two slashes, and brackets and stars in it would stand for other names. */
const readRule = (file: string): string => `Read(/${file.replaceAll(sep, '/').replace(/[*[\](){}]/g, '\\$&')})`;

/** The content of the settings file. */
export function sessionSettings(session: SessionSettings): object {
  const hook = {
    type: 'http',
    url: session.hookUrl,
    headers: { Authorization: `Bearer $${tokenVariable}` },
    allowedEnvVars: [tokenVariable],
    timeout: hookTimeoutSeconds,
  };
  const allow = [
    `mcp__${ownServer}`,
    ...session.allowedCommands.flatMap((command) => [`Bash(${command})`, `Bash(${command}:*)`]),
    ...session.allowedTools,
    ...(session.readable === undefined ? [] : [readRule(session.readable)]),
  ];
  return {
    // A `true` in the repository's or the person's settings would silence the gate, and then nothing could be written.
    disableAllHooks: false,
    ...(session.namesHookUrl ? { allowedHttpHookUrls: [session.hookUrl] } : {}),
    ...(session.keepApiKey ? {} : subscriptionOnly),
    enabledMcpjsonServers: session.servers.enabledMcpjsonServers,
    disabledMcpjsonServers: session.servers.disabledMcpjsonServers,
    ...(session.servers.enableAllProjectMcpServers ? { enableAllProjectMcpServers: true } : {}),
    permissions: {
      allow,
      deny: [...deniedByDefault.filter((rule) => !allow.includes(rule)), ...session.disallowedTools],
      additionalDirectories: session.addDirs,
    },
    hooks: Object.fromEntries(
      events[session.mode].map(([event, matcher]) => [
        event,
        [{ ...(matcher === undefined ? {} : { matcher }), hooks: [hook] }],
      ]),
    ),
  };
}
