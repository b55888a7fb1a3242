/** A folder that holds the files of a repository: its checkout, a worktree of a task, or another way to one of them. */
export interface Root {
  /** Absolute, as in a URI: `/` between parts. */
  readonly folder: string;
  /** The repository's id. */
  readonly repo: string;
  /** Where in the repository the folder is; empty at its top. */
  readonly prefix: string;
}

/** A file or folder of a repository. */
export interface Place {
  readonly repo: string;
  /** Relative to the repository; empty for its top. */
  readonly path: string;
  /** Absolute, the checkout or worktree that it is in. */
  readonly root: string;
}

/** Drive letters come in both cases. */
const plainPath = (path: string): string =>
  path.replace(/^\/([A-Z]):/, (_, drive: string) => `/${drive.toLowerCase()}:`);

/** Finds out which file of which repository a path means; of roots within roots the innermost counts. */
export class Places {
  readonly #roots: ReadonlyMap<string, Root>;

  constructor(roots: readonly Root[]) {
    this.#roots = new Map(roots.map((root) => [plainPath(root.folder), root]));
  }

  /** Undefined for what is in no repository of the window. */
  of(path: string): Place | undefined {
    const plain = plainPath(path);
    for (let end = plain.length; end > 0; end = plain.lastIndexOf('/', end - 1)) {
      const root = this.#roots.get(plain.slice(0, end));
      if (!root) continue;
      const below = plain.slice(end + 1);
      return { repo: root.repo, root: root.folder, path: [root.prefix, below].filter(Boolean).join('/') };
    }
    return undefined;
  }
}
