import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { userFolder } from '../bridge/places.ts';

/** Where a lean call looks: a repository found without git, and its store. */
export interface LeanPlace {
  /** Top folder of the main worktree. */
  readonly root: string;
  /** The folder that all worktrees share, resolved. */
  readonly commonDir: string;
  readonly store: string;
}

/** What a line says besides its command: the folder to look from, and the store that was named. */
export interface LeanLine {
  readonly words: readonly string[];
  readonly json: boolean;
  readonly folder: string;
  readonly store: string | undefined;
}

/** Reads the options that every command has; undefined for what is wrong, which is refused in words elsewhere. */
export function parseLine(argv: readonly string[], env: NodeJS.ProcessEnv): LeanLine | undefined {
  const words: string[] = [];
  let json = false;
  let folder = process.cwd();
  let store = env.SWARM_STORE || undefined;
  for (let at = 0; at < argv.length; at += 1) {
    const argument = argv[at] ?? '';
    if (argument === '--json') json = true;
    else if (argument === '-C' || argument === '--store') {
      at += 1;
      const value = argv[at];
      if (value === undefined || value === '') return undefined;
      if (argument === '-C') folder = resolve(folder, value);
      else store = value;
    } else words.push(argument);
  }
  if (store?.includes('://') || !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  return { words, json, folder, store: store === undefined ? undefined : resolve(folder, store) };
}

/** Finds what a line is about; undefined where that takes git. */
export function leanPlace({ folder, store }: LeanLine): LeanPlace | undefined {
  const repository = findRepository(folder);
  if (repository === undefined) return undefined;
  const { root, commonDir } = repository;
  return { root, commonDir: realpathSync.native(commonDir), store: store ?? join(commonDir, 'swarm', 'store.db') };
}

/** True when a settings file may say something of a setting: reading it properly takes more than a lean call has. */
export function maySet({ root }: LeanPlace, name: string, env: NodeJS.ProcessEnv): boolean {
  const files = [join(root, 'swarm.yaml'), join(userFolder(env), 'config.yaml')];
  return files.some((file) => existsSync(file) && readFileSync(file, 'utf8').includes(name));
}

/** Finds the repository as git would for an ordinary clone or worktree; undefined for everything else. */
function findRepository(folder: string): { readonly root: string; readonly commonDir: string } | undefined {
  for (let path = folder; ; path = dirname(path)) {
    const git = join(path, '.git');
    const kind = statSync(git, { throwIfNoEntry: false });
    if (kind?.isDirectory()) return existsSync(join(git, 'HEAD')) ? { root: path, commonDir: git } : undefined;
    if (kind?.isFile()) return fromGitFile(path, git);
    if (dirname(path) === path) return undefined;
  }
}

function fromGitFile(top: string, file: string): { readonly root: string; readonly commonDir: string } | undefined {
  const [, named] = /^gitdir: (.*)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  if (named === undefined) return undefined;
  const gitDir = resolve(top, named);
  const common = join(gitDir, 'commondir');
  // Without it this is a submodule or the like, where the root is not told so simply.
  if (!existsSync(common)) return undefined;
  const commonDir = resolve(gitDir, readFileSync(common, 'utf8').trim());
  return basename(commonDir) === '.git' ? { root: dirname(commonDir), commonDir } : undefined;
}
