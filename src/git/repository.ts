import type { GitRunner } from './run.ts';

/** One repository, found and fit for work: what every function of this room is told. */
export interface Repository {
  /** Top folder of the main worktree, without symbolic links. */
  readonly root: string;
  /** The folder that all worktrees share. */
  readonly commonDir: string;
  readonly git: GitRunner;
  /** Where folders for a moment are made, one for each process that needs one; without symbolic links. */
  scratchFolder(): Promise<string>;
  /** Larger files are left out of snapshots. */
  maxSnapshotBytes(): Promise<number>;
  /** How long a remote may take to answer. */
  readonly remoteMs: number;
  /** Ends checkouts, copies, snapshots and diffs when aborted; never a commit or a landing. */
  readonly signal: AbortSignal | undefined;
}

/** The author of commits that no person asked for. */
export const swarmIdentity: Readonly<Record<string, string>> = {
  GIT_AUTHOR_NAME: 'Swarm',
  GIT_AUTHOR_EMAIL: 'swarm@localhost',
  GIT_COMMITTER_NAME: 'Swarm',
  GIT_COMMITTER_EMAIL: 'swarm@localhost',
};

/** The environment for commits on a person's behalf: theirs when git knows them, else ours, so that git never asks. */
export async function identity(repo: Repository, folder: string): Promise<Readonly<Record<string, string>>> {
  const { text } = await repo.git.exact(folder, ['config', '--get-regexp', '^user\\.(name|email)$'], { answers: [1] });
  const known = new Set(text.split('\n').map((line) => /^user\.(name|email) ./.exec(line)?.[1]));
  return known.has('name') && known.has('email') ? {} : swarmIdentity;
}
