import type { Claim } from '../../core/model/claim.ts';
import { keyOf } from '../../core/model/claim.ts';
import { globFolder, globPattern } from '../../core/model/glob.ts';

interface Pattern {
  readonly pattern: ReturnType<typeof globPattern>;
  readonly claim: Claim;
}

/** Finds the claims on a file by its path alone: as many lookups as it has folders above it, and the globs of these. */
export class ClaimIndex {
  /** Of files and folders, by key. */
  readonly #paths: ReadonlyMap<string, readonly Claim[]>;
  /** By the key of the folder that everything they match is in. */
  readonly #globs: ReadonlyMap<string, readonly Pattern[]>;

  constructor(claims: readonly Claim[]) {
    this.#paths = Map.groupBy(
      claims.filter(({ kind }) => kind !== 'glob'),
      ({ path }) => keyOf(path),
    );
    const patterns = claims
      .filter(({ kind }) => kind === 'glob')
      .map((claim) => ({ claim, folder: globFolder(keyOf(claim.path)), pattern: globPattern(keyOf(claim.path)) }));
    this.#globs = Map.groupBy(patterns, ({ folder }) => folder);
  }

  /** The claims on a file or folder, relative to the repository: on exactly it, then on folders above it, nearest first, then globs. */
  on(path: string): readonly Claim[] {
    const key = keyOf(path);
    const exact = this.#paths.get(key) ?? [];
    const folders: Claim[] = [];
    const matched: Claim[] = [];
    for (let end = key.lastIndexOf('/'); ; end = key.lastIndexOf('/', end - 1)) {
      const folder = end === -1 ? '' : key.slice(0, end);
      for (const claim of this.#paths.get(folder) ?? []) if (claim.kind === 'folder') folders.push(claim);
      for (const { pattern, claim } of this.#globs.get(folder) ?? []) if (pattern.test(key)) matched.push(claim);
      if (end <= 0) break;
    }
    return exact.length + folders.length + matched.length === 0 ? none : [...exact, ...folders, ...matched];
  }
}

const none: readonly Claim[] = [];
