import { expect, test } from 'vitest';
import { type SessionSettings, sessionSettings } from '../../../src/claude/settingsFile.ts';

const session: SessionSettings = {
  mode: 'print',
  hookUrl: 'http://127.0.0.1:4711/hook',
  addDirs: ['/home/ada/notes'],
  allowedCommands: ['npm run lint'],
  allowedTools: ['WebFetch'],
  disallowedTools: ['Bash(rm:*)'],
  readable: undefined,
  namesHookUrl: false,
  keepApiKey: true,
  servers: { enabledMcpjsonServers: ['notes'], disabledMcpjsonServers: ['other'], enableAllProjectMcpServers: false },
};
const hook = {
  type: 'http',
  url: 'http://127.0.0.1:4711/hook',
  headers: { Authorization: 'Bearer $SWARM_TOKEN' },
  allowedEnvVars: ['SWARM_TOKEN'],
  timeout: 10,
};
const denied = ['git push', 'git config', 'git stash', 'git worktree'].map((command) => `Bash(${command}:*)`);

test('a print session has its rules, and hooks only where they decide or bring news', () => {
  expect(sessionSettings(session)).toEqual({
    disableAllHooks: false,
    enabledMcpjsonServers: ['notes'],
    disabledMcpjsonServers: ['other'],
    permissions: {
      allow: ['mcp__swarm', 'Bash(npm run lint)', 'Bash(npm run lint:*)', 'WebFetch'],
      deny: [...denied, 'EnterWorktree', 'ExitWorktree', 'Bash(rm:*)'],
      additionalDirectories: ['/home/ada/notes'],
    },
    hooks: {
      UserPromptSubmit: [{ hooks: [hook] }],
      PreToolUse: [{ matcher: 'Edit|MultiEdit|NotebookEdit|Write|Bash', hooks: [hook] }],
      PostToolBatch: [{ hooks: [hook] }],
      Stop: [{ hooks: [hook] }],
    },
  });
});

test('API keys of other settings files are switched off, unless the person wants them', () => {
  expect(sessionSettings({ ...session, keepApiKey: false })).toEqual({
    ...sessionSettings(session),
    apiKeyHelper: '',
    env: {
      ANTHROPIC_API_KEY: '',
      ANTHROPIC_AUTH_TOKEN: '',
      CLAUDE_CODE_USE_ANTHROPIC_AWS: '',
      CLAUDE_CODE_USE_BEDROCK: '',
      CLAUDE_CODE_USE_FOUNDRY: '',
      CLAUDE_CODE_USE_MANTLE: '',
      CLAUDE_CODE_USE_VERTEX: '',
    },
  });
});

test('a terminal session tells all it does by hooks', () => {
  const { hooks } = sessionSettings({ ...session, mode: 'interactive' }) as { hooks: object };
  expect(Object.keys(hooks).sort()).toEqual(
    ['Notification', 'PermissionRequest', 'PostCompact', 'PostToolBatch', 'PostToolUse', 'PostToolUseFailure'].concat([
      'PreToolUse',
      'SessionEnd',
      'Stop',
      'StopFailure',
      'UserPromptSubmit',
    ]),
  );
});

test('what the person allows by the same rule is not denied by default', () => {
  const { permissions } = sessionSettings({ ...session, allowedCommands: ['git stash'], disallowedTools: [] }) as {
    permissions: { deny: string[] };
  };
  expect(permissions.deny).not.toContain('Bash(git stash:*)');
  expect(permissions.deny).toContain('Bash(git push:*)');
});

test('the address of the hooks is named only where somebody lists such addresses', () => {
  expect(sessionSettings({ ...session, namesHookUrl: true })).toMatchObject({
    allowedHttpHookUrls: ['http://127.0.0.1:4711/hook'],
  });
});
