import { lstatSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { UsageError } from '../base/errors.ts';
import type { ClaimPath } from '../core/model/claim.ts';
import { claimPath } from '../core/model/claim.ts';
import { globFolder, isGlob } from '../core/model/glob.ts';

/** Where paths are spoken of. */
export interface ClaimPlace {
  /** The folder that all worktrees of the repository share. */
  readonly commonDir: string;
  /** What relative paths are relative to. */
  readonly folder: string;
}

/**
 * What somebody means who names paths to claim: relative to the repository, whatever worktree, symbolic link or separator they
 * came by. A folder is one that exists or ends with a slash; a name with `*`, `?`, `[` or `{` that is not there is a glob. Throws a
 * UsageError for the first that is not inside the repository, or is no path to claim.
 */
export function claimPaths(texts: readonly string[], { commonDir, folder }: ClaimPlace): readonly ClaimPath[] {
  const common = realpathSync.native(commonDir);
  return texts.map((text) => {
    const found = pathOf(text, folder, common);
    if ('refused' in found) throw new UsageError(found.refused);
    return found;
  });
}

function pathOf(text: string, folder: string, common: string): ClaimPath | { readonly refused: string } {
  // The file system has no answer for these, and the rules have one.
  if (text === '' || text.includes('\0') || text.length > 4096) return claimPath('file', text);
  const named = withSlashes(text, folder);
  const there = kindOf(resolve(folder, named));
  const isPattern = there === undefined && isGlob(named);
  const start = isPattern ? globFolder(named) : named;
  // Of an absolute pattern right below the root nothing is left.
  const fixed = start === '' && isAbsolute(named) ? '/' : start;
  // Whoever names the folders that a glob finds means what is in them.
  const rest = isPattern ? named.slice(start.length).replace(/^\/+/, '').replace(/\/+$/, '/**') : '';
  const place = insideOf(realPath(resolve(folder, fixed)), common);
  if (place === undefined) return { refused: `${JSON.stringify(text.slice(0, 80))} is not inside the repository` };
  const kind = isPattern ? 'glob' : there === 'folder' || /\/$/.test(named) ? 'folder' : 'file';
  return claimPath(kind, [place, rest].filter((part) => part !== '').join('/'));
}

/** On Windows a backslash separates; elsewhere it may belong to a name, and separates only where there is no such name. */
function withSlashes(text: string, folder: string): string {
  if (!text.includes('\\')) return text;
  return sep === '\\' || kindOf(resolve(folder, text)) === undefined ? text.replaceAll('\\', '/') : text;
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  try {
    const entry = statSync(path, { throwIfNoEntry: false }) ?? lstatSync(path, { throwIfNoEntry: false });
    return entry && (entry.isDirectory() ? 'folder' : 'file');
  } catch {
    return undefined;
  }
}

/** The path below the top of the worktree of this repository that it lies in; undefined when it lies in none. */
function insideOf(path: string, common: string): string | undefined {
  for (let top = path; ; top = dirname(top)) {
    if (commonDirOf(top) === common) return path.slice(top.length).replaceAll(sep, '/').replace(/^\/+/, '');
    if (dirname(top) === top) return undefined;
  }
}

/** The folder that all worktrees share, of the repository whose worktree has its top here. */
function commonDirOf(top: string): string | undefined {
  const git = join(top, '.git');
  try {
    const entry = statSync(git, { throwIfNoEntry: false });
    if (entry === undefined) return undefined;
    if (entry.isDirectory()) return realpathSync.native(git);
    const [, named = ''] = /^gitdir: (.*)\n?$/.exec(readFileSync(git, 'utf8')) ?? [];
    const gitDir = resolve(top, named);
    return realpathSync.native(resolve(gitDir, readFileSync(join(gitDir, 'commondir'), 'utf8').trim()));
  } catch {
    return undefined;
  }
}

/** As many links as Linux follows. */
const mostLinks = 40;

/** Where a path leads: the links of its existing part resolved. A link to nothing leads to where a write through it would land. */
function realPath(path: string, links = 0): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    if (parent === path || links > mostLinks) return path;
    const folder = realPath(parent, links);
    const target = targetOf(path);
    return target === undefined ? join(folder, basename(path)) : realPath(resolve(folder, target), links + 1);
  }
}

function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
