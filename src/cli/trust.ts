import { mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { userFolder } from '../bridge/places.ts';

/** The repositories that the person has trusted by `swarm setup --trust`, where Claude Code's own dialog was never shown. */
const trustFile = (env: NodeJS.ProcessEnv): string => join(userFolder(env), 'trusted.json');

/**
 * Whether the person trusts the settings in this repository that can start programs: they said so to Claude Code, or to
 * `swarm setup --trust`. Trust in a folder covers everything below it.
 */
export async function isTrusted(root: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (covers(await recorded(env), await resolved(root))) return true;
  const { claudeTrusts } = await import('../claude/trust.ts');
  return claudeTrusts(root, env);
}

/** Records that the person trusts this repository. Returns false when it was recorded before. */
export async function recordTrust(root: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const folder = await resolved(root);
  const before = await recorded(env);
  if (before.includes(folder)) return false;
  const file = trustFile(env);
  const fresh = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(fresh, `${JSON.stringify({ folders: [...before, folder].sort() }, null, 2)}\n`, { mode: 0o600 });
    await rename(fresh, file);
  } catch (cause) {
    throw new AppError('trust_not_written', `${file} cannot be written`, {
      hint: 'Give yourself the right to write there, or name another folder with $SWARM_CONFIG_DIR.',
      cause,
    });
  }
  return true;
}

async function recorded(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const file = trustFile(env);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new AppError('trust_unreadable', `${file} cannot be read`, { cause: error });
  }
  try {
    const { folders } = JSON.parse(text) as { folders?: unknown };
    if (Array.isArray(folders) && folders.every((each) => typeof each === 'string')) return folders;
  } catch {
    // Told below, together with a file of another shape.
  }
  throw new AppError('trust_unreadable', `${file} is not a list of trusted folders`, {
    hint: 'Remove the file and trust your repositories again with `swarm setup --trust`.',
  });
}

function covers(folders: readonly string[], folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if (folders.includes(path)) return true;
    if (dirname(path) === path) return false;
  }
}

const resolved = (path: string): Promise<string> => realpath(path).catch(() => path);
