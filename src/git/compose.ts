import type { Composed } from '../core/ports.ts';
import { cleaned, GitError } from './errors.ts';
import { isAncestor } from './history.ts';
import { identity, type Repository } from './repository.ts';

/** How much of the conflicts is told, and how many lines around each. */
const hunkBytes = 20_000;
const contextLines = 3;

/**
 * Merges `head` into `onto` in memory: a commit with both as parents, or `onto` itself when head is in it already. No
 * worktree, index or ref is touched.
 */
export async function compose(repo: Repository, onto: string, head: string, message: string): Promise<Composed> {
  if (await isAncestor(repo, head, onto)) return { kind: 'clean', commit: onto };
  const args = ['merge-tree', '--write-tree', '-z', '--messages', '--end-of-options', onto, head];
  const { code, text, complaint } = await repo.git.exact(repo.root, args, { answers: [1] });
  const merge = parseMergeTree(text);
  // Git also ends with 1 for reasons other than a conflict; only a tree is an answer.
  if (!merge) throw new GitError('git_failed', `git merge-tree: ${cleaned(complaint) || 'gave no tree'}`);
  if (code === 1) return { kind: 'conflict', files: merge.files, hunks: await hunks(repo, merge) };
  const commit = await repo.git.exact(repo.root, ['commit-tree', merge.tree, '-p', onto, '-p', head, '-F', '-'], {
    input: `${message.trimEnd()}\n`,
    env: await identity(repo, repo.root),
  });
  return { kind: 'clean', commit: commit.text.trimEnd() };
}

interface MergeTree {
  readonly tree: string;
  /** Paths in conflict, each once. */
  readonly files: readonly string[];
  /** What git says of each conflict, such as `CONFLICT (modify/delete): …`. */
  readonly notes: readonly { readonly paths: readonly string[]; readonly text: string }[];
}

/** Reads `git merge-tree --write-tree -z --messages`; undefined when it does not begin with a tree. */
export function parseMergeTree(text: string): MergeTree | undefined {
  const fields = text.split('\0');
  const tree = fields[0] ?? '';
  if (!/^[0-9a-f]{40,64}$/.test(tree)) return undefined;
  const files = new Set<string>();
  let at = 1;
  for (; fields[at]; at += 1) files.add(fields[at]?.slice((fields[at] ?? '').indexOf('\t') + 1) ?? '');
  at += 1;
  const notes: { paths: string[]; text: string }[] = [];
  while (/^\d+$/.test(fields[at] ?? '')) {
    const count = Number(fields[at]);
    const paths = fields.slice(at + 1, at + 1 + count);
    const kind = fields[at + 1 + count] ?? '';
    if (kind.startsWith('CONFLICT')) notes.push({ paths, text: (fields[at + 2 + count] ?? '').trim() });
    at += 3 + count;
  }
  for (const { paths } of notes) if (paths[0] !== undefined && files.size === 0) files.add(paths[0]);
  return { tree, files: [...files], notes };
}

/** The conflicts as text for whoever solves them. */
async function hunks(repo: Repository, { tree, files, notes }: MergeTree): Promise<string> {
  const parts = notes.map(({ text }) => text);
  let bytes = Buffer.byteLength(parts.join('\n'));
  for (const path of files) {
    if (bytes > hunkBytes) break;
    const { code, bytes: content } = await repo.git.exact(repo.root, ['cat-file', 'blob', `${tree}:${path}`], {
      answers: [128],
    });
    if (code !== 0 || content.includes(0)) continue;
    const part = conflictsIn(path, Buffer.from(content).toString('utf8'));
    if (part === '') continue;
    parts.push(part);
    bytes += Buffer.byteLength(part) + 2;
  }
  return cut(parts.join('\n\n'), hunkBytes);
}

/** The marked regions of a file with some lines around, each under a line `path:number`. */
export function conflictsIn(path: string, content: string): string {
  const lines = content.split('\n');
  const regions: { from: number; to: number }[] = [];
  let start: number | undefined;
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('<<<<<<< ')) start = index;
    else if (line.startsWith('>>>>>>> ') && start !== undefined) {
      const from = Math.max(0, start - contextLines);
      const to = Math.min(lines.length, index + 1 + contextLines);
      const last = regions.at(-1);
      if (last && last.to >= from) last.to = to;
      else regions.push({ from, to });
      start = undefined;
    }
  }
  return regions.map(({ from, to }) => `${path}:${from + 1}\n${lines.slice(from, to).join('\n')}`).join('\n\n');
}

/** At most `limit` bytes of whole lines, and a word when something is missing. */
function cut(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  const notice = '\n… (more conflicts than fit here)';
  const room = Buffer.from(text)
    .subarray(0, limit - Buffer.byteLength(notice))
    .toString('utf8');
  return room.slice(0, Math.max(0, room.lastIndexOf('\n'))) + notice;
}
