import type { ChangedFile } from '../core/ports.ts';
import type { Repository } from './repository.ts';
import { records } from './run.ts';

/** Fixed, so that a person's configuration cannot change what is shown or run a program for it. */
const flags = ['-r', '-M', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none'];
const submodule = '160000';

/** The files that differ between two commits, in git's order. */
export async function diff(repo: Repository, base: string, head: string): Promise<readonly ChangedFile[]> {
  const args = ['diff-tree', ...flags, '--raw', '--numstat', '-z', '--end-of-options', base, head];
  return parseDiff((await repo.git.exact(repo.root, args, { signal: repo.signal })).text);
}

/** Unified text of the same difference. */
export async function patch(repo: Repository, base: string, head: string): Promise<string> {
  const args = ['diff-tree', ...flags, '--patch', '--end-of-options', base, head];
  return (await repo.git.exact(repo.root, args, { signal: repo.signal })).text;
}

/** The content of a file in a commit; undefined when it has none of that name. */
export async function showFile(repo: Repository, commit: string, path: string): Promise<Uint8Array | undefined> {
  const { code, bytes } = await repo.git.exact(repo.root, ['cat-file', 'blob', `${commit}:${path}`], {
    answers: [128],
  });
  return code === 0 ? bytes : undefined;
}

/** True when a commit, named as one likes, has a folder of that name. */
export async function isFolder(repo: Repository, commit: string, path: string): Promise<boolean> {
  const args = ['cat-file', '-t', `${commit}:${path}`];
  return (await repo.git.exact(repo.root, args, { answers: [128] })).text.trimEnd() === 'tree';
}

const statuses = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  R: 'renamed',
  C: 'copied',
  T: 'type_changed',
} as const satisfies Record<string, ChangedFile['status']>;

/** Reads `git diff-tree --raw --numstat -z`: first what happened to each file, then its lines in the same order. */
function parseDiff(text: string): readonly ChangedFile[] {
  const fields = records(text);
  const changes: { path: string; from?: string; status: ChangedFile['status']; countable: boolean }[] = [];
  let at = 0;
  const take = () => fields[at++] ?? '';
  while (fields[at]?.startsWith(':')) {
    const [oldMode, newMode, , , sign = ''] = take().slice(1).split(' ');
    const letter = sign.charAt(0) as keyof typeof statuses;
    const first = take();
    changes.push({
      ...(letter === 'R' || letter === 'C' ? { path: take(), from: first } : { path: first }),
      status: statuses[letter] ?? 'modified',
      countable: oldMode !== submodule && newMode !== submodule,
    });
  }
  return changes.map(({ countable, ...change }) => {
    const [added, removed, path] = take().split('\t');
    // With a rename the names follow as fields of their own.
    if (path === '') at += 2;
    return countable && added !== '-' ? { ...change, added: Number(added), removed: Number(removed) } : change;
  });
}
