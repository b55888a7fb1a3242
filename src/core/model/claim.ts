import { globFolder, globPattern, globReaches, globsMeet, longestGlob } from './glob.ts';
import type { ClaimId, TaskId, WorkerId } from './ids.ts';
import type { Party } from './party.ts';
import type { Refusal } from './review.ts';

/**
 * How claims on a file work. `exclusive`: one party at a time. `shared-append`: any number may add to it, nobody may change
 * what is there. `warn`: whoever comes second is told and may go on. `off`: nobody claims it.
 */
export const claimModes = ['exclusive', 'shared-append', 'warn', 'off'] as const;
export type ClaimMode = (typeof claimModes)[number];

/** Where a claim came from: the task's declared paths, somebody's words, the first write, or changes that were found afterwards. */
export const claimOrigins = ['declared', 'asked', 'written', 'found'] as const;
export type ClaimOrigin = (typeof claimOrigins)[number];

/** What a claim is on: a path relative to the repository, `/` between parts, none at its ends. */
export interface ClaimPath {
  readonly kind: 'file' | 'folder' | 'glob';
  readonly path: string;
}

/** A claim that somebody wants, with the mode that the settings give its path. */
export interface WantedClaim extends ClaimPath {
  readonly mode: Exclude<ClaimMode, 'off'>;
}

/** Somebody's hold on files. */
export interface Claim extends WantedClaim {
  readonly id: ClaimId;
  readonly holder: Party;
  readonly origin: ClaimOrigin;
  /** Wall clock, milliseconds since 1970. */
  readonly claimedAt: number;
  /** The holder's title, as `Member.title`. */
  readonly title: string;
  /** Present when the holder is a task. */
  readonly task?: TaskId;
  /** The worker that drives the task. */
  readonly worker?: { readonly id: WorkerId; readonly name: string };
  /**
   * When it ends unless the holder shows that it lives. Absent where no process stands behind it: yours until you release
   * it, that of a task in review until it is merged or given up.
   */
  readonly expiresAt?: number;
}

/** A claim that was refused, and by whose. */
export interface RefusedClaim {
  readonly wanted: ClaimPath;
  readonly by: Claim;
}

export type ClaimAnswer =
  /** `beside` are claims of others on the same files, which the modes allow. */
  | { readonly kind: 'claimed'; readonly claims: readonly Claim[]; readonly beside: readonly Claim[] }
  /** None was taken. */
  | { readonly kind: 'refused'; readonly refused: readonly RefusedClaim[] }
  /** The one who asks may hold none: it has ended, or has too many. */
  | ({ readonly kind: 'not_allowed' } & Refusal);

/** A party's claims at most; beyond that it should claim folders. */
export const mostClaims = 1000;
const mostBytes = 4096;

/** What is compared: no file system tells two paths with the same key apart that some other one takes for the same file. */
export const keyOf = (path: string): string => path.normalize('NFC').toLowerCase();

/**
 * Checks a path relative to the repository (`\` counts as `/` only where the caller has made it so). Refused, in words: what
 * leaves the repository or is no path, git's own files, and the whole repository at once.
 */
export function claimPath(kind: ClaimPath['kind'], text: string): ClaimPath | Refusal {
  const path = text
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: such names would deceive whoever reads them.
  if (/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/.test(path))
    return { refused: `${shown} has control characters` };
  if (new TextEncoder().encode(path).length > mostBytes)
    return { refused: `${shown} is longer than ${mostBytes} bytes` };
  if (kind === 'glob' && path.length > longestGlob)
    return { refused: `${shown} is longer than ${longestGlob} characters` };
  const parts = path.split('/');
  if (text.startsWith('/') || /^[A-Za-z]:/.test(path) || parts.includes('..'))
    return { refused: `${shown} is not inside the repository` };
  if (parts.some((part) => /^\.git[. ]*$/i.test(part))) return { refused: `${shown} belongs to git` };
  if (path === '' || (kind === 'glob' && parts.every((part) => /^[*?]+$/.test(part))))
    return { refused: `${shown} is the whole repository; claim what you are going to change` };
  return { kind, path };
}

/** False only when no file can be in both. */
export function overlaps(one: ClaimPath, other: ClaimPath): boolean {
  const [a, b] = [keyOf(one.path), keyOf(other.path)];
  if (one.kind === 'glob') return other.kind === 'glob' ? globsMeet(a, b) : globTouches(a, other.kind, b);
  if (other.kind === 'glob') return globTouches(b, one.kind, a);
  return (
    a === b || (one.kind === 'folder' && b.startsWith(`${a}/`)) || (other.kind === 'folder' && a.startsWith(`${b}/`))
  );
}

function globTouches(glob: string, kind: 'file' | 'folder', path: string): boolean {
  return kind === 'file' ? globPattern(glob).test(path) : globReaches(glob, path);
}

/** Whether a wanted claim must be refused because of a live one of another party. */
export function collides(wanted: WantedClaim, live: WantedClaim): boolean {
  if (wanted.mode === 'warn' || live.mode === 'warn') return false;
  if (wanted.mode === 'shared-append' && live.mode === 'shared-append') return false;
  return overlaps(wanted, live);
}

/** The folders that a path is in, outermost first, by key; for a glob those of its `globFolder`, that one included. */
export function foldersAbove({ kind, path }: ClaimPath): readonly string[] {
  const key = keyOf(path);
  const start = kind === 'glob' ? globFolder(key) : key.split('/').slice(0, -1).join('/');
  const parts = start === '' ? [] : start.split('/');
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

/** Modes by glob, as the setting `claims.modes` has them; the last one that matches wins. */
export type ClaimModes = Readonly<Record<string, ClaimMode>>;

/** The mode of a path; `exclusive` where no glob says otherwise. A folder or glob has the mode of everything below it. */
export function modeOf(modes: ClaimModes, { kind, path }: ClaimPath): ClaimMode {
  const below = kind === 'folder' ? `${keyOf(path)}/x` : keyOf(path);
  return Object.entries(modes).findLast(([glob]) => globPattern(keyOf(glob)).test(below))?.[1] ?? 'exclusive';
}

/** The claims that paths need: each once, with its mode; none where the mode is `off`. */
export function wantedOf(modes: ClaimModes, paths: readonly ClaimPath[]): readonly WantedClaim[] {
  const wanted = new Map<string, WantedClaim>();
  for (const path of paths) {
    const mode = modeOf(modes, path);
    if (mode !== 'off') wanted.set(`${path.kind} ${keyOf(path.path)}`, { ...path, mode });
  }
  return [...wanted.values()];
}

/** True when a claim makes another one of the same holder needless: each file of that is in it, and as firmly. */
export function covers(claim: WantedClaim, wanted: WantedClaim): boolean {
  if (claim.mode !== 'exclusive' && claim.mode !== wanted.mode) return false;
  const [have, want] = [keyOf(claim.path), keyOf(wanted.path)];
  if (claim.kind === wanted.kind && have === want) return true;
  if (claim.kind === 'folder') {
    return wanted.kind === 'glob' ? `${globFolder(want)}/`.startsWith(`${have}/`) : want.startsWith(`${have}/`);
  }
  return claim.kind === 'glob' && wanted.kind === 'file' && globPattern(have).test(want);
}
