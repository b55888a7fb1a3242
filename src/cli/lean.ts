import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { userFolder } from '../bridge/places.ts';
import type { StartAfter } from '../core/flow/waiting.ts';
import type { Overview } from '../core/model/snapshot.ts';
import { glance } from '../store/glance.ts';
import type { ExitCode } from './exitCodes.ts';
import { exitCodes } from './exitCodes.ts';
import { showStatus, showTasks } from './look.ts';
import { openOutput } from './output.ts';

/** A call that only looks, in the forms that prompts and status lines use all the time. */
interface Look {
  readonly verb: 'status' | 'task list';
  readonly json: boolean;
  readonly folder: string;
  readonly store: string | undefined;
}

/**
 * Answers `status` and `task list` without argument parser, git or settings files, in about the time that Node needs to
 * start. Returns undefined for whatever is not plain and good; then the whole program says what there is to say.
 */
export function answerLean(argv: readonly string[], env: NodeJS.ProcessEnv): ExitCode | undefined {
  const asked = parseLook(argv, env);
  if (asked === undefined) return undefined;
  const repository = findRepository(asked.folder);
  if (repository === undefined) return undefined;
  const startAfter = startAfterOf(repository.root, env);
  const overview = read(asked.store ?? join(repository.commonDir, 'swarm', 'store.db'), repository.commonDir);
  if (startAfter === undefined || overview === undefined) return undefined;
  const output = openOutput(asked.json, env);
  if (asked.verb === 'status') showStatus(overview, startAfter, output);
  else showTasks(overview, startAfter, output);
  return exitCodes.done;
}

function read(path: string, commonDir: string): Overview | undefined {
  if (existsSync(path)) return glance({ path, commonDir: realpathSync(commonDir) })?.overview;
  // A store that has vanished is not the same as none.
  return existsSync(`${path}.initialised`) ? undefined : nothing;
}

const nothing: Overview = { seq: 0, workers: [], tasks: [], batches: [], sessions: [], reviews: [], entries: [] };

function parseLook(argv: readonly string[], env: NodeJS.ProcessEnv): Look | undefined {
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
  const verb = words.join(' ');
  if (verb !== 'status' && verb !== 'task list') return undefined;
  // What is wrong is refused in words, which is not for here.
  if (store?.includes('://') || !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  return { verb, json, folder, store: store === undefined ? undefined : resolve(folder, store) };
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

/** `tasks.startAfter` without reading YAML: its default wherever no file can have set it. */
function startAfterOf(root: string, env: NodeJS.ProcessEnv): StartAfter | undefined {
  const files = [join(root, 'swarm.yaml'), join(userFolder(env), 'config.yaml')];
  const isSet = files.some((file) => existsSync(file) && readFileSync(file, 'utf8').includes('startAfter'));
  return isSet ? undefined : 'merged';
}
