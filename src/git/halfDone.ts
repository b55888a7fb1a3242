import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { patiently } from './locks.ts';
import type { Repository } from './repository.ts';
import { records } from './run.ts';

/** One file that differs between two commits. */
interface Change {
  readonly path: string;
  /** The object in the one and in the other; zeros where there is none. */
  readonly from: string;
  readonly to: string;
  readonly mode: string;
}

const plainFile = /^100(644|755)$/;

/**
 * Helps a fast-forward in `folder` over what a git that was killed in the middle of the same one has written: the files
 * that stand there exactly as `to` has them are taken into the index, so that git no longer takes them for edits. False,
 * and nothing is changed, when there are none, or when anything else is in the way, which is then the person's.
 */
export async function adoptHalfDone(repo: Repository, folder: string, from: string, to: string): Promise<boolean> {
  const changes = await changesBetween(repo, folder, from, to);
  const there: Change[] = [];
  for (const change of changes) {
    const found = await lstat(join(folder, change.path)).catch(() => undefined);
    if (found === undefined) continue;
    // Whatever is no plain file is rare enough to be left to the person.
    if (!found.isFile() || !plainFile.test(change.mode) || change.path.includes('\n')) return false;
    there.push(change);
  }
  const input = there.map(({ path }) => `${path}\n`).join('');
  const { text } = await repo.git.exact(folder, ['hash-object', '--stdin-paths'], { input });
  const objects = text.split('\n');
  if (there.some((change, at) => ![change.from, change.to].includes(objects[at] ?? ''))) return false;
  const written = there.filter(({ to: object }, at) => objects[at] === object);
  if (written.length === 0) return false;
  const entries = written.map(({ mode, to: object, path }) => `${mode} ${object}\t${path}\0`).join('');
  await patiently(() => repo.git.exact(folder, ['update-index', '-z', '--index-info'], { input: entries }));
  return true;
}

async function changesBetween(repo: Repository, folder: string, from: string, to: string): Promise<readonly Change[]> {
  const args = ['diff-tree', '-r', '--no-renames', '--raw', '-z', '--end-of-options', from, to];
  const fields = records((await repo.git.exact(folder, args)).text);
  const changes: Change[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode = '', before = '', after = ''] = (fields[at] ?? '').split(' ');
    changes.push({ path: fields[at + 1] ?? '', from: before, to: after, mode });
  }
  return changes;
}
