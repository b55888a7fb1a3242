import { GitError } from './errors.ts';
import type { Repository } from './repository.ts';

/** Commit of a branch, tag or commit name; undefined when there is none. */
export async function resolve(repo: Repository, name: string, folder = repo.root): Promise<string | undefined> {
  if (name === '' || name.includes('\0')) return undefined;
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  const { code, text } = await repo.git.exact(folder, args, { answers: [1, 128] });
  return code === 0 ? text.trimEnd() : undefined;
}

/** As `resolve`, but throws `unknown_commit` when there is none. */
export async function resolved(repo: Repository, name: string, folder = repo.root): Promise<string> {
  const commit = await resolve(repo, name, folder);
  if (commit !== undefined) return commit;
  throw new GitError('unknown_commit', `there is no commit named ${JSON.stringify(name)}`);
}

/** Names of the local branches, the one committed to last first. */
export async function branches(repo: Repository): Promise<readonly string[]> {
  const args = ['for-each-ref', '--sort=-committerdate', '--format=%(refname:lstrip=2)', 'refs/heads/'];
  const { text } = await repo.git.exact(repo.root, args);
  return text.split('\n').filter((name) => name !== '');
}

/** What a local branch follows, which need not be there any more; undefined when it follows nothing. */
export async function upstream(repo: Repository, branch: string): Promise<string | undefined> {
  const args = ['for-each-ref', '--format=%(upstream:short)', `refs/heads/${branch}`];
  const name = (await repo.git.exact(repo.root, args)).text.trimEnd();
  return name === '' ? undefined : name;
}

/** What one commit lacks of another's history: how many commits, and the first lines of the newest `most` of them. */
export async function missing(
  repo: Repository,
  from: string,
  of: string,
  most: number,
): Promise<{ readonly count: number; readonly subjects: readonly string[] }> {
  const lines = async (...args: string[]) =>
    (await repo.git.exact(repo.root, [...args, `${from}..${of}`, '--'])).text.trimEnd().split('\n');
  const [[count], subjects] = await Promise.all([
    lines('rev-list', '--count'),
    most === 0 ? [] : lines('log', `--max-count=${most}`, '--format=%s'),
  ]);
  return { count: Number(count), subjects };
}

/** True when `descendant` contains `ancestor`; a commit contains itself. */
export async function isAncestor(repo: Repository, ancestor: string, descendant: string): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', '--end-of-options', ancestor, descendant];
  return (await repo.git.exact(repo.root, args, { answers: [1] })).code === 0;
}

/** The newest commit that both contain; undefined when their histories have nothing in common. */
export async function mergeBase(repo: Repository, one: string, other: string): Promise<string | undefined> {
  const { code, text } = await repo.git.exact(repo.root, ['merge-base', '--end-of-options', one, other], {
    answers: [1],
  });
  return code === 0 ? text.trimEnd() : undefined;
}

/**
 * The commit by which `head` came into `branch`: itself when the branch was moved onto it, else the first one of the
 * branch's own line that contains it. Undefined while it is not in it.
 */
export async function landedBy(repo: Repository, branch: string, head: string): Promise<string | undefined> {
  const tip = await resolve(repo, `refs/heads/${branch}`);
  if (tip === undefined || !(await isAncestor(repo, head, tip))) return undefined;
  const lines = async (...args: string[]) =>
    (await repo.git.exact(repo.root, ['rev-list', ...args])).text.trimEnd().split('\n');
  const line = await lines('--first-parent', tip, '--not', `${head}^@`);
  if (line.includes(head)) return head;
  const containing = new Set(await lines('--ancestry-path', `${head}..${tip}`));
  return line.findLast((commit) => containing.has(commit));
}
