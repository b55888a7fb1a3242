import { isOrdinaryGit } from './gitCommand.ts';
import { parseCommands, type Word } from './shellCommand.ts';
import { isTeamCommand } from './teamCommand.ts';

/** A tool that a session is about to use. */
export interface ToolCall {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The folder the session is in, resolved. */
  readonly folder: string;
  /** Claude Code's mode at this moment; a person may have changed it in the terminal. */
  readonly mode: string;
}

/** What a session may do. Paths are resolved and written with `/`. */
export interface GateRules {
  /** Only while the worker holds the task. */
  readonly editsGranted: boolean;
  readonly worktree: string;
  readonly addDirs: readonly string[];
  /** The command that must pass before landing. */
  readonly check: string | undefined;
  /** Where an absolute path really leads: the symbolic links of its nearest existing part resolved, `/` between parts. */
  readonly resolve: (path: string) => string;
}

/** `none` leaves it to Claude Code: it asks the person, or denies where nobody can be asked. */
export interface Decision {
  readonly decision: 'allow' | 'deny' | 'none';
  readonly reason: string;
  /** The file of the worktree that the tool would write, relative to that; its claim comes before the write. */
  readonly file?: string;
}

/** The tools that write files, each named in its input. */
export const editTools: readonly string[] = ['Edit', 'MultiEdit', 'NotebookEdit', 'Write'];

const none: Decision = { decision: 'none', reason: '' };

/**
 * Decides whether a session may use a tool now. Edits are granted here and nowhere else, so when this is not asked
 * (the worker is gone), nothing is written.
 */
export function decideTool(call: ToolCall, rules: GateRules): Decision {
  if (editTools.includes(call.tool)) {
    if (call.mode === 'plan') return leftToClaude(decideEdit(call, rules));
    if (!rules.editsGranted) return notHeld;
    return call.mode === 'bypassPermissions' ? leftToClaude(decideEdit(call, rules)) : decideEdit(call, rules);
  }
  return call.tool === 'Bash' && call.mode !== 'plan' ? decideCommand(call, rules) : none;
}

/** Claude Code decides in some modes, but no mode lets a session write what another one holds. */
const leftToClaude = ({ file }: Decision): Decision => ({ ...none, ...(file === undefined ? {} : { file }) });

const notHeld = deny('This session does not hold its task at the moment, so Swarm lets it write nothing.');

/** The file that an edit names, as it is given; undefined when it names none. */
export function editedFile(input: ToolCall['input']): string | undefined {
  const file = input.file_path ?? input.notebook_path;
  return typeof file === 'string' && file !== '' ? file : undefined;
}

function decideEdit({ input, folder: cwd }: ToolCall, rules: GateRules): Decision {
  const named = editedFile(input);
  if (named === undefined) return none;
  const path = rules.resolve(absolute(named, cwd));
  const folder = [rules.worktree, ...rules.addDirs].find((allowed) => isInside(path, allowed));
  if (folder === undefined) {
    return deny(
      `${path} is outside this session's worktree. Make the change inside ${rules.worktree}. If it must be made elsewhere, say so in your answer: a person can allow the folder with the setting claude.addDirs.`,
    );
  }
  const parts = path.slice(folder.length).split('/');
  if (parts.some(isGitFolder)) return deny(`${path} belongs to git. Use git's commands instead of editing it.`);
  if (isClaudeSettings(parts)) return deny(`${path} decides what sessions may do, so a session may not change it.`);
  const file = folder === rules.worktree ? { file: path.slice(folder.length + 1) } : {};
  // Programs act on these as soon as somebody opens the folder, before any review: a person should see each change.
  if (runsByItself(parts)) return { ...none, ...file };
  return { decision: 'allow', reason: 'inside the worktree', ...file };
}

/** What an edit is not simply granted for, git may not simply move, restore or remove either. */
function isProtected(parts: readonly string[]): boolean {
  return parts.some(isGitFolder) || isClaudeSettings(parts) || runsByItself(parts);
}

function absolute(path: string, folder: string): string {
  return /^([/\\]|[A-Za-z]:)/.test(path) ? path : `${folder}/${path}`;
}

function isInside(path: string, folder: string): boolean {
  return path === folder || (path.startsWith(`${folder}/`) && !/\/\.\.?(\/|$)/.test(path));
}

/** `.git` in every spelling that some file system takes for it: case, trailing dots and blanks, streams, short names. */
function isGitFolder(part: string): boolean {
  const name = part
    .normalize('NFC')
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, '')
    .replace(/:.*$/s, '')
    .replace(/[. ]+$/, '')
    .toLowerCase();
  return name === '.git' || /^git~\d+$/.test(name);
}

function isClaudeSettings(parts: readonly string[]): boolean {
  return parts.some((part, at) => {
    const next = parts[at + 1]?.toLowerCase() ?? '';
    return part.toLowerCase() === '.claude' && (/^settings.*\.json$/.test(next) || next === 'hooks');
  });
}

function runsByItself(parts: readonly string[]): boolean {
  const names = parts.map((part) => part.toLowerCase());
  const file = names.at(-1) ?? '';
  return (
    names.some((name) => ['.claude', '.devcontainer', '.husky', '.vscode'].includes(name)) ||
    ['.mcp.json', '.devcontainer.json'].includes(file) ||
    file.endsWith('.code-workspace')
  );
}

/** Shortens the output and changes nothing else. */
const outputOnly = /( 2>&1)?( \| (head|tail)( -n)? -?\d{1,5})?$/;

function decideCommand({ input, folder, mode }: ToolCall, rules: GateRules): Decision {
  const { worktree, resolve } = rules;
  const { command } = input;
  if (typeof command !== 'string' || mode === 'bypassPermissions' || !rules.editsGranted) return none;
  if (!isInside(folder, worktree) || input.dangerouslyDisableSandbox === true) return none;
  if (isCheck(command, rules)) return { decision: 'allow', reason: 'the check of this task' };
  const [first, ...others] = parseCommands(command) ?? [];
  if (first === undefined) return none;
  const enters = first.length === 2 && first[0]?.text === 'cd' && first[1]?.text === worktree;
  const commands = enters ? others : [first, ...others];
  const start = enters ? worktree : folder;
  const staysInside = (operand: string) => {
    const path = resolve(absolute(operand, start));
    return isInside(path, worktree) && !isProtected(path.slice(worktree.length).split('/'));
  };
  const isGranted = (words: readonly Word[]) => isOrdinaryGit(words, staysInside) || isTeamCommand(words);
  if (commands.length === 0 || !commands.every(isGranted)) return none;
  return { decision: 'allow', reason: 'git inside the worktree, or a word to the other sessions' };
}

function isCheck(command: string, { check, worktree }: GateRules): boolean {
  if (check === undefined || check.trim() === '') return false;
  const asked = command.trim().replace(outputOnly, '').trimEnd();
  const wanted = check.trim();
  if (asked === wanted || command.trim() === wanted) return true;
  const enter = /^[\w/.,@ +:-]+$/.test(worktree)
    ? [`cd "${worktree}" && `, `cd '${worktree}' && `, ...(worktree.includes(' ') ? [] : [`cd ${worktree} && `])]
    : [];
  return enter.some((prefix) => asked === prefix + wanted);
}

function deny(reason: string): Decision {
  return { decision: 'deny', reason };
}
