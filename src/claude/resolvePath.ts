import { readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';

/** As many as Linux follows. */
const maximumLinks = 40;

/**
 * Where an absolute path leads: the symbolic links of its nearest existing part resolved, the rest as it is, `/` between
 * parts (where that is a backslash otherwise; elsewhere a backslash belongs to a name). A link to nothing leads to where
 * it points, since that is where a write through it would land.
 */
export function resolvePath(path: string): string {
  return realPart(resolve(path), 0).replaceAll(sep, '/');
}

function realPart(path: string, links: number): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    // A circle of links leads nowhere; the root is nobody's worktree.
    if (parent === path || links > maximumLinks) return dirname('/');
    const folder = realPart(parent, links);
    const target = targetOf(path);
    return target === undefined ? join(folder, basename(path)) : realPart(resolve(folder, target), links + 1);
  }
}

function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
