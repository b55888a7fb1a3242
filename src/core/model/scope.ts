import type { ClaimPath } from './claim.ts';
import { claimPath, overlaps } from './claim.ts';
import { isGlob } from './glob.ts';
import type { Refusal } from './review.ts';
import type { TaskOptions } from './task.ts';

/**
 * What one of a task's `paths` or `forbidden` names: a glob, a folder when it ends with `/`, else a file. Refused, in words,
 * as `claimPath` does.
 */
export function declaredPath(text: string): ClaimPath | Refusal {
  // Whoever names the folders that a glob finds means what is in them.
  if (isGlob(text)) return claimPath('glob', text.endsWith('/') ? `${text}**` : text);
  return claimPath(text.endsWith('/') ? 'folder' : 'file', text);
}

/** A declared path as a task keeps it, from which `declaredPath` makes the same again. */
export const declaredText = ({ kind, path }: ClaimPath): string => (kind === 'folder' ? `${path}/` : path);

/** The declared ones among these; what a task keeps has been checked before. */
export const declaredPaths = (texts: readonly string[] | undefined): readonly ClaimPath[] =>
  (texts ?? []).flatMap((text) => {
    const path = declaredPath(text);
    return 'refused' in path ? [] : [path];
  });

/** Changed files where a task was not to change any. */
export interface Strays {
  /** Not within its declared paths, if it has any. */
  readonly outside: readonly string[];
  /** Within what it must not change. */
  readonly forbidden: readonly string[];
}

/** Which of these files a task should not have changed. */
export function straysOf(
  { paths, forbidden }: Pick<TaskOptions, 'paths' | 'forbidden'>,
  files: readonly string[],
): Strays {
  const within = (declared: readonly ClaimPath[]) => (path: string) =>
    declared.some((each) => overlaps(each, { kind: 'file', path }));
  const isExpected = within(declaredPaths(paths));
  const isForbidden = within(declaredPaths(forbidden));
  return {
    outside: paths === undefined || paths.length === 0 ? [] : files.filter((path) => !isExpected(path)),
    forbidden: files.filter(isForbidden),
  };
}
