import type { Claim } from '../core/model/claim.ts';
import type { RepoId } from '../core/model/ids.ts';
import type { Overview } from '../core/model/snapshot.ts';
import { currentRepo } from './current.ts';
import { openNodeSqlite } from './engine/nodeSqlite.ts';
import type { Tx } from './transaction.ts';
import { drive } from './transaction.ts';
import { liveClaims } from './transactions/claims.ts';
import { overview } from './transactions/overview.ts';

export interface GlanceOptions {
  /** The store's file. */
  readonly path: string;
  /** The folder that all worktrees of the repository share; absent: the only repository in the store. */
  readonly commonDir?: string;
}

/** Longest time to wait for a store that is busy being recovered, in milliseconds. */
const busyMs = 2_000;

/** What there is to see: the overview, and who holds which files. */
export interface Glance {
  readonly repo: RepoId;
  readonly overview: Overview;
  readonly claims: readonly Claim[];
}

/**
 * The overview, for a command that shows it and ends: reads only, and loads nothing that writing needs, not even the native
 * module, which alone takes longer than all of this. Undefined when there is nothing to read as it is (no store yet, not of
 * this version, damaged): `openStore` then makes it, brings it up to date or says why not.
 */
export function glance({ path, commonDir }: GlanceOptions): Glance | undefined {
  try {
    const database = openNodeSqlite(path, { readOnly: true });
    try {
      database.exec(`pragma busy_timeout = ${busyMs}`);
      database.exec('begin');
      return drive(look(commonDir), (statement) => {
        const { sql, parameters } = statement.compile();
        return database.prepare(sql).all(...parameters);
      });
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

function* look(commonDir: string | undefined): Tx<Glance | undefined> {
  const repo = yield* currentRepo(commonDir);
  if (repo === undefined) return undefined;
  const now = Date.now();
  return { repo, overview: yield* overview(repo, now), claims: yield* liveClaims({ repo }, { now }) };
}
