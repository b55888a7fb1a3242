import { access, constants, readFile, realpath } from 'node:fs/promises';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import { execa } from 'execa';
import { AppError } from '../base/errors.ts';

/** The oldest Claude Code that Swarm works with: every fact it stands on was measured with this one. */
const minimumVersion = '2.1.197';

/** A Claude Code that can be run. */
export interface ClaudeProgram {
  /** Absolute path of the executable. */
  readonly path: string;
  /** `2.1.197`. */
  readonly version: string;
}

/** Where to look, in this order: the setting, $SWARM_CLAUDE, the PATH, the usual places. */
export interface ClaudeSearch {
  /** The setting `claude.path`; empty when not set. */
  readonly setting: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Finds Claude Code and its version. Throws `claude_missing`, `claude_too_old`. */
export async function findClaude(search: ClaudeSearch): Promise<ClaudeProgram> {
  const path = await findExecutable(search);
  const version = (await versionByPlace(path)) ?? (await versionByAsking(path));
  if (compareVersions(version, minimumVersion) < 0) {
    throw new AppError('claude_too_old', `${path} is Claude Code ${version}; Swarm needs ${minimumVersion} or newer`, {
      hint: 'Run `claude update`.',
    });
  }
  return { path, version };
}

async function findExecutable({ setting, env }: ClaudeSearch): Promise<string> {
  const named: [path: string | undefined, by: string][] = [
    [setting, 'the setting claude.path'],
    [env.SWARM_CLAUDE, '$SWARM_CLAUDE'],
  ];
  for (const [path, by] of named) {
    if (path === undefined || path === '') continue;
    if (isAbsolute(path) && (await isExecutable(path))) return path;
    throw new AppError('claude_missing', `${by} names ${path}, and that is not a program that can be run`, {
      hint: 'Give the absolute path of the `claude` program.',
    });
  }
  for (const path of candidates(env)) if (await isExecutable(path)) return path;
  throw new AppError('claude_missing', 'Claude Code was not found on the PATH or in the usual places', {
    hint: 'Install it from https://claude.com/claude-code, or name it with the setting claude.path.',
  });
}

function candidates(env: NodeJS.ProcessEnv): readonly string[] {
  const home = env.HOME ?? env.USERPROFILE ?? '';
  const onPath = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  if (process.platform === 'win32') {
    // npm puts a .cmd on the PATH, which only a shell could run; the program itself lies beside it.
    const beside = join('node_modules', '@anthropic-ai', 'claude-code', 'bin', 'claude.exe');
    return [
      ...onPath.flatMap((folder) => [join(folder, 'claude.exe'), join(folder, beside)]),
      join(home, '.local', 'bin', 'claude.exe'),
    ];
  }
  const usual = [
    join(home, '.local', 'bin'),
    join(home, '.claude', 'local'),
    '/opt/homebrew/bin',
    '/usr/local/bin',
    join(home, '.npm-global', 'bin'),
  ];
  return [...onPath, ...usual].map((folder) => join(folder, 'claude'));
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The version as the installers write it beside the program: npm in the package's manifest, Claude Code's own in the
 * file's name. Asking the program takes longer than all else that comes before a session. Undefined elsewhere.
 */
async function versionByPlace(path: string): Promise<string | undefined> {
  const program = await realpath(path);
  if (basename(dirname(program)) === 'versions' && /^\d+\.\d+\.\d+$/.test(basename(program))) return basename(program);
  try {
    const manifest: unknown = JSON.parse(await readFile(join(dirname(program), '..', 'package.json'), 'utf8'));
    const { name, version } = manifest as { name?: unknown; version?: unknown };
    return name === '@anthropic-ai/claude-code' && typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

async function versionByAsking(path: string): Promise<string> {
  const { stdout, shortMessage } = await execa(path, ['--version'], {
    timeout: 20_000,
    reject: false,
    stdin: 'ignore',
  });
  const version = /^\d+\.\d+\.\d+/.exec(stdout)?.[0];
  if (version !== undefined) return version;
  throw new AppError('claude_missing', `${path} does not say its version like Claude Code does`, {
    hint: 'Run it by hand with --version, or name another one with the setting claude.path.',
    cause: shortMessage,
  });
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const at = [0, 1, 2].find((index) => left?.[index] !== right?.[index]) ?? 0;
  return (left?.[at] ?? 0) - (right?.[at] ?? 0);
}
