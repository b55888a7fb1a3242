import { cleaned, GitError, gitError } from './errors.ts';
import { resolve } from './history.ts';
import { patiently } from './locks.ts';
import type { Repository } from './repository.ts';
import type { ExactAnswer } from './run.ts';

/** To take what it is given, hooks included, a remote has so many times as long as to tell what it has. */
const pushTimes = 10;
/** How often a fetch is tried again that others have overtaken. */
const races = 5;

/** The branch of a remote that a local branch follows; undefined when it follows none. */
export async function followed(
  repo: Repository,
  branch: string,
): Promise<{ readonly remote: string; readonly branch: string } | undefined> {
  const format = '--format=%(upstream:remotename)%00%(upstream:remoteref)';
  const { text } = await repo.git.exact(repo.root, ['for-each-ref', format, `refs/heads/${branch}`]);
  const [remote = '', ref = ''] = text.trimEnd().split('\0');
  const [, name] = /^refs\/heads\/(.+)$/.exec(ref) ?? [];
  return name !== undefined && (await remotes(repo)).includes(remote) ? { remote, branch: name } : undefined;
}

/** The remote that work on `target` is pushed to: the one it names for that, else the only one, else `origin`. */
export async function pushRemote(repo: Repository, target: string): Promise<string | undefined> {
  const format = '--format=%(push:remotename)';
  const { text } = await repo.git.exact(repo.root, ['for-each-ref', format, `refs/heads/${target}`]);
  const known = await remotes(repo);
  const named = text.trimEnd();
  if (known.includes(named)) return named;
  return known.length === 1 ? known[0] : known.find((name) => name === 'origin');
}

const remotes = async (repo: Repository): Promise<readonly string[]> =>
  (await repo.git.exact(repo.root, ['remote'])).text.split('\n').filter((name) => name !== '');

/** The newest commit of a remote's branch; undefined when it has none. Throws `remote_failed`, `remote_silent`. */
export async function fetch(
  repo: Repository,
  remote: string,
  branch: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const tracking = `refs/remotes/${remote}/${branch}`;
  const quiet = ['--quiet', '--no-tags', '--no-prune', '--no-write-fetch-head', '--no-recurse-submodules', '--refmap='];
  const args = ['fetch', ...quiet, '--no-auto-maintenance', '--', remote, `+refs/heads/${branch}:${tracking}`];
  for (let race = 1; ; race += 1) {
    const { code, complaint } = await patiently(() => talk(repo, remote, args, repo.remoteMs, signal));
    if (code === 0) return resolve(repo, tracking);
    if (/couldn't find remote ref/.test(complaint)) return undefined;
    const error = gitError('fetch', complaint);
    if (error.code !== 'ref_moved' || race === races) throw error;
  }
}

/**
 * Makes a commit the tip of a remote's branch, never by force, with the repository's own hooks. `behind`: the remote has commits
 * that it lacks. Throws `remote_failed`, `remote_silent`, `remote_refused`, `hook_refused`.
 */
export async function push(
  repo: Repository,
  remote: string,
  branch: string,
  commit: string,
  signal?: AbortSignal,
): Promise<'pushed' | 'behind'> {
  const plain = ['--porcelain', '--no-follow-tags', '--no-signed', '--recurse-submodules=no'];
  const args = ['push', ...plain, '--', remote, `${commit}:refs/heads/${branch}`];
  const { code, text, complaint } = await talk(repo, remote, args, pushTimes * repo.remoteMs, signal);
  if (code === 0) return 'pushed';
  if (code !== 1) throw gitError('push', complaint);
  const [, answer] = /^!\t[^\t]*\t(.*)$/m.exec(text) ?? [];
  // Somebody who pushes at the same time may also show as a lock on the ref.
  if (answer !== undefined && /^\[rejected\]|cannot lock ref|failed to update ref/.test(answer)) return 'behind';
  const cause = complaint.replace(/^error: failed to push some refs.*$/m, '').trim();
  if (answer === undefined)
    throw new GitError('hook_refused', 'a hook of the repository refused the push', {
      cause,
      hint: 'Put right what it says and push again.',
    });
  throw new GitError('remote_refused', `${remote} refused ${branch}: ${cleaned(answer)}`, { cause });
}

/** Runs a command that talks to a remote: nobody is asked for anything, and it ends in time. */
async function talk(
  repo: Repository,
  remote: string,
  args: readonly string[],
  ms: number,
  signal: AbortSignal | undefined,
): Promise<ExactAnswer> {
  const { code } = await repo.git.exact(repo.root, ['config', 'core.sshCommand'], { answers: [1] });
  const env = { GCM_INTERACTIVE: 'never', ...(code === 0 ? {} : { GIT_SSH_COMMAND: 'ssh -oBatchMode=yes' }) };
  const time = AbortSignal.timeout(ms);
  const config = ['core.askPass='];
  const ends = signal === undefined ? time : AbortSignal.any([signal, time]);
  try {
    return await repo.git.exact(repo.root, args, { env, config, hooks: true, answers: [1, 128], signal: ends });
  } catch (error) {
    if (!time.aborted || signal?.aborted) throw error;
    throw new GitError('remote_silent', `${remote} did not answer within ${ms / 1000} s`, { cause: error });
  }
}
