import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import type { RandomBytes, RepoId } from '../core/model/ids.ts';
import { newId } from '../core/model/ids.ts';
import type { Engine } from './engine/engine.ts';
import { openSqlite } from './engine/sqlite.ts';
import { applied, migrate, missing } from './migrate.ts';
import { migrations } from './migrations/all.ts';
import type { Migration } from './migrations/migration.ts';
import { refuseUnsafePlace } from './place.ts';
import { queriesFor } from './queries.ts';
import type { RepoPlace } from './repo.ts';
import { findRepo, moveRepo, readRepos, saveRepo } from './repo.ts';
import type { OpenStore } from './store.ts';
import { storeOn } from './store.ts';

export interface StoreOptions {
  /** The repository; absent: the only one that the store holds. */
  readonly repo?: RepoPlace;
  readonly clock?: Clock;
  readonly random?: RandomBytes;
  /** The migrations to hold; others than the product's own only in tests. */
  readonly migrations?: readonly Migration[];
}

export interface OpenStoreOptions extends StoreOptions {
  /** The store's file, on a local disk; its folder is made. */
  readonly path: string;
  /** Path of better-sqlite3's binary where it is not beside its package. */
  readonly nativeBinding?: string;
  /** Longest time, in milliseconds, that one try to write may block the process; others are waited for without blocking. */
  readonly busyMs?: number;
}

/**
 * Opens the store of a repository in a file, made or brought up to date where needed. Throws AppError: `store_broken` (not a
 * store, truncated, vanished), `store_too_new`, `migration_edited`, `store_read_only`, `store_full`, `store_busy`, `store_place`,
 * `store_driver` (SQLite could not be loaded), `repo_unknown`.
 */
export async function openStore(options: OpenStoreOptions): Promise<OpenStore> {
  const { path, nativeBinding, busyMs = 0, clock = systemClock } = options;
  await refuseUnsafePlace(path);
  const engine = await openSqlite({ path, busyMs, clock, ...(nativeBinding === undefined ? {} : { nativeBinding }) });
  return openStoreOn(engine, options);
}

/** Opens the store of a repository on an engine, which it then owns. */
export async function openStoreOn(engine: Engine, options: StoreOptions): Promise<OpenStore> {
  const { clock = systemClock } = options;
  try {
    await bringUpToDate(engine, options.migrations ?? migrations, clock.now());
    const repo = await repoOf(engine, options);
    return storeOn(engine, repo, clock);
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

const lock = 'swarm';

async function bringUpToDate(engine: Engine, known: readonly Migration[], now: number): Promise<void> {
  const fresh = await engine.isFresh();
  if (fresh || missing(known, await engine.read(applied)).length > 0) {
    await engine.write(() => migrate(known, fresh ? engine.birth : [], now), { lock, durable: true });
  }
  await engine.established();
}

async function repoOf(engine: Engine, options: StoreOptions): Promise<RepoId> {
  const { repo: place, clock = systemClock, random = randomBytes } = options;
  const repos = await engine.read(readRepos);
  const found = findRepo(repos, place?.commonDir);
  if (found !== undefined || place === undefined) {
    if (found === undefined) throw new Error('a store without a place has no repository');
    return found;
  }
  const q = queriesFor(engine.dialect);
  const [only, ...others] = repos;
  const mayHaveMoved = engine.isLocal && others.length === 0;
  if (mayHaveMoved && only !== undefined && (await isGone(only.common_dir))) {
    await engine.write(() => moveRepo(q, { id: only.id, place }), { lock, durable: true });
    return only.id;
  }
  const id = newId('repo', random);
  return engine.write(() => saveRepo(q, { id, place, now: clock.now() }), { lock, durable: true });
}

async function isGone(folder: string): Promise<boolean> {
  try {
    await stat(folder);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
