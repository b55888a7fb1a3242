import { records } from './run.ts';

/** What differs at one path between HEAD, index and files. */
export interface StatusEntry {
  readonly kind: 'changed' | 'renamed' | 'unmerged' | 'untracked';
  /** Relative to the worktree; a nested repository ends with `/`. */
  readonly path: string;
}

export interface Status {
  /** `branch.oid`, `branch.head`, `branch.upstream`, `branch.ab` when asked for with --branch. */
  readonly headers: ReadonlyMap<string, string>;
  readonly entries: readonly StatusEntry[];
}

/** How many fields stand before the path in each kind of record. */
const shapes = {
  '1': { kind: 'changed', fields: 8 },
  '2': { kind: 'renamed', fields: 9 },
  u: { kind: 'unmerged', fields: 10 },
  '?': { kind: 'untracked', fields: 1 },
} as const;

/** Reads `git status --porcelain=v2 -z`. */
export function parseStatus(text: string): Status {
  const headers = new Map<string, string>();
  const entries: StatusEntry[] = [];
  const lines = records(text).values();
  for (const line of lines) {
    const sign = line.charAt(0);
    if (sign === '#') {
      const [name = '', ...value] = line.slice(2).split(' ');
      headers.set(name, value.join(' '));
    } else if (sign === '1' || sign === '2' || sign === 'u' || sign === '?') {
      const { kind, fields } = shapes[sign];
      entries.push({ kind, path: line.split(' ').slice(fields).join(' ') });
      // The old name of a renamed file is a record of its own.
      if (kind === 'renamed') lines.next();
    }
  }
  return { headers, entries };
}
