import { resolve as resolvePath } from 'node:path';
import type { Repository } from './repository.ts';
import { records } from './run.ts';

/** A worktree as git has it on record. */
export interface WorktreeRecord {
  /** Absolute; the folder may be gone. */
  readonly path: string;
  /** The commit checked out; all zeros when the record is damaged. */
  readonly head: string;
  /** Short name; absent when HEAD is detached. */
  readonly branch?: string;
  readonly bare: boolean;
  /** Why it is locked; empty when locked without a reason. */
  readonly locked?: string;
}

/** All worktrees of the repository, the main one first. */
export async function listWorktrees(repo: Repository): Promise<readonly WorktreeRecord[]> {
  return parseWorktrees((await repo.git.exact(repo.root, ['worktree', 'list', '--porcelain', '-z'])).text);
}

/** Reads `git worktree list --porcelain -z`. */
export function parseWorktrees(text: string): readonly WorktreeRecord[] {
  return text
    .split('\0\0')
    .filter((block) => block !== '')
    .map((block) => {
      const fields = new Map(
        records(block).map((line) => {
          const space = line.indexOf(' ');
          return space < 0 ? ([line, ''] as const) : ([line.slice(0, space), line.slice(space + 1)] as const);
        }),
      );
      const branch = fields.get('branch')?.replace(/^refs\/heads\//, '');
      const locked = fields.get('locked');
      return {
        path: resolvePath(fields.get('worktree') ?? ''),
        head: fields.get('HEAD') ?? '',
        ...(branch === undefined ? {} : { branch }),
        bare: fields.has('bare'),
        ...(locked === undefined ? {} : { locked }),
      };
    });
}
