import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { EntryId, TaskId } from '../core/model/ids.ts';
import type { RepoState } from '../core/ports.ts';
import type { Settings } from '../core/settings.ts';

/** Where everything of one repository lies. Absolute paths. */
export interface Places {
  /** `<git common dir>/swarm`: the store and the logs. Never part of the repository's content. */
  readonly folder: string;
  readonly store: string;
  worktrees(settings: Settings): string;
  /** Worktrees for a moment. Not inside the git folder, where some test runners look for no tests. */
  scratch(settings: Settings): string;
  /** Logs of one attempt. */
  logs(task: TaskId, attempt: number): string;
  /** Output of the check of one landing. */
  checkLog(entry: EntryId): string;
  /** Output of a worker or landing process without a terminal. */
  processLog(id: string): string;
}

/** The places of a repository; `store` overrides where its store lies. */
export function placesOf(repo: Pick<RepoState, 'root' | 'commonDir'>, store?: string): Places {
  const folder = join(repo.commonDir, 'swarm');
  const worktrees = (settings: Settings) => {
    const path = settings['worktrees.folder'].replaceAll('{repo}', repo.root);
    return isAbsolute(path) ? path : resolve(repo.root, path);
  };
  return {
    folder,
    store: store ?? join(folder, 'store.db'),
    worktrees,
    scratch: (settings) => join(worktrees(settings), '.scratch'),
    logs: (task, attempt) => join(folder, 'logs', task, String(attempt)),
    checkLog: (entry) => join(folder, 'logs', 'landings', `${entry}.log`),
    processLog: (id) => join(folder, 'logs', 'processes', `${id}.log`),
  };
}

/** The folder for what belongs to the person and not to a repository. `home` and `env` are given for tests. */
export function userFolder(env: NodeJS.ProcessEnv = process.env, home: string = homedir()): string {
  if (env.SWARM_CONFIG_DIR) return env.SWARM_CONFIG_DIR;
  if (process.platform === 'win32') return join(env.APPDATA ?? join(home, 'AppData', 'Roaming'), 'swarm');
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'swarm');
  return join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'swarm');
}

/** A repository's name for people. */
export const repoName = (repo: Pick<RepoState, 'root'>): string => basename(repo.root) || dirname(repo.root);
