import { expect, test } from 'vitest';
import { commandLine, type SessionArguments } from '../../../src/claude/commandLine.ts';
import { permissionModes, type SessionMode } from '../../../src/core/model/session.ts';

const session: SessionArguments = {
  mode: 'interactive',
  claudeSessionId: 'an-id',
  resume: false,
  permissionMode: 'default',
  model: '',
  briefing: '',
  settingsFile: '/logs/settings.json',
  mcpFile: '/logs/mcp.json',
  prompt: '--help',
};

test('a terminal gets the prompt behind everything else, where no option can take it', () => {
  expect(commandLine(session)).toEqual([
    '--session-id',
    'an-id',
    '--settings',
    '/logs/settings.json',
    '--permission-mode',
    'default',
    '--mcp-config',
    '/logs/mcp.json',
    '--',
    '--help',
  ]);
});

test('print mode streams, and has no prompt on its command line', () => {
  const more = { resume: true, model: 'opus', briefing: 'You are here.' };
  expect(commandLine({ ...session, mode: 'print', ...more })).toEqual(
    [
      '-p',
      '--output-format',
      'stream-json',
      '--verbose',
      '--resume',
      'an-id',
      '--settings',
      '/logs/settings.json',
    ].concat(
      ['--permission-mode', 'dontAsk', '--model', 'opus', '--append-system-prompt', 'You are here.'],
      ['--mcp-config', '/logs/mcp.json'],
    ),
  );
});

test('no mode allows edits by itself unless the person lets everything through', () => {
  const real = (mode: SessionMode) =>
    permissionModes.map((permissionMode) => {
      const args = commandLine({ ...session, mode, permissionMode });
      return `${permissionMode}: ${args[args.indexOf('--permission-mode') + 1]}`;
    });
  expect({ interactive: real('interactive'), print: real('print') }).toEqual({
    interactive: ['default: default', 'acceptEdits: default', 'plan: plan', 'dontAsk: dontAsk'].concat(
      'bypassPermissions: bypassPermissions',
    ),
    print: ['default: dontAsk', 'acceptEdits: dontAsk', 'plan: plan', 'dontAsk: dontAsk'].concat(
      'bypassPermissions: bypassPermissions',
    ),
  });
});
