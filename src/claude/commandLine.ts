import type { PermissionMode, SessionMode } from '../core/model/session.ts';

/** What the command line of one session is made of. */
export interface SessionArguments {
  readonly mode: SessionMode;
  readonly claudeSessionId: string;
  readonly resume: boolean;
  readonly permissionMode: PermissionMode;
  /** Empty: Claude Code's own choice. */
  readonly model: string;
  /** Added to Claude Code's system prompt; may be empty. */
  readonly briefing: string;
  readonly settingsFile: string;
  readonly mcpFile: string;
  /** Given as the last argument in interactive mode; print mode reads it from standard input. */
  readonly prompt: string;
}

/**
 * Edits are never allowed by the mode itself: the gate grants them, so that nothing is written when the gate is gone.
 * Without a person to ask, what is not granted is denied.
 */
export function realMode(chosen: PermissionMode, mode: SessionMode): PermissionMode {
  if (chosen !== 'default' && chosen !== 'acceptEdits') return chosen;
  return mode === 'print' ? 'dontAsk' : 'default';
}

/** The arguments for `claude`. */
export function commandLine(session: SessionArguments): readonly string[] {
  const { mode, claudeSessionId, resume, permissionMode, model, briefing, settingsFile, mcpFile, prompt } = session;
  return [
    ...(mode === 'print' ? ['-p', '--output-format', 'stream-json', '--verbose'] : []),
    resume ? '--resume' : '--session-id',
    claudeSessionId,
    '--settings',
    settingsFile,
    '--permission-mode',
    realMode(permissionMode, mode),
    ...(model === '' ? [] : ['--model', model]),
    ...(briefing === '' ? [] : ['--append-system-prompt', briefing]),
    '--mcp-config',
    mcpFile,
    // After `--`, because some options take every word that follows, and a prompt may begin with a hyphen.
    ...(mode === 'print' ? [] : ['--', prompt]),
  ];
}
