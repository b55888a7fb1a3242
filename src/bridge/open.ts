import { randomBytes } from 'node:crypto';
import { systemClock } from '../base/clock.ts';
import type { Disposable } from '../base/lifecycle.ts';
import { DisposableStore } from '../base/lifecycle.ts';
import type { FaceId, RandomBytes } from '../core/model/ids.ts';
import { newId } from '../core/model/ids.ts';
import type { RepoState } from '../core/ports.ts';
import type { PartialSettings, Settings } from '../core/settings.ts';
import { mergeSettings } from '../core/settings.ts';
import { Swarm } from '../core/swarm.ts';
import type { Repo } from '../git/open.ts';
import { openRepo } from '../git/open.ts';
import { openStore } from '../store/open.ts';
import type { OpenStore } from '../store/store.ts';
import type { Places } from './places.ts';
import { placesOf, userFolder } from './places.ts';
import type { SettingsSource } from './settingsFiles.ts';
import { settingsSources } from './settingsFiles.ts';

/** The computer's source of chance. */
export const systemRandom: RandomBytes = (length) => randomBytes(length);

export interface OpenOptions {
  /** Any folder inside the repository. */
  readonly folder: string;
  /** Path of the store's file, when not the repository's own. */
  readonly store?: string;
  /** This face's id when it has one already (a window keeps it over reloads). */
  readonly face?: FaceId;
  /** Settings of this face: VS Code's or flags. Read anew each time. */
  readonly own?: () => PartialSettings | Promise<PartialSettings>;
  /** Whether the person trusts this repository's settings that can start programs. */
  readonly trusted: (root: string) => boolean | Promise<boolean>;
  /** Path of better-sqlite3's binary where it is not beside its package. */
  readonly nativeBinding?: string;
  /** Longest time that one store access may block the process, in milliseconds. */
  readonly busyMs?: number;
}

/** A repository's swarm with all it stands on. */
export interface OpenSwarm extends Disposable {
  readonly swarm: Swarm;
  readonly store: OpenStore;
  readonly git: Repo;
  /** Root of the main worktree, and the folder that all worktrees share. `git.inspect()` tells more. */
  readonly repo: Pick<RepoState, 'root' | 'commonDir'>;
  readonly face: FaceId;
  readonly places: Places;
  /** The settings that hold now. */
  settings(): Promise<Settings>;
  /** Where they come from; later ones win. */
  sources(): Promise<readonly SettingsSource[]>;
}

/**
 * Opens the swarm of the repository that holds `folder`. Throws a UsageError for a folder that cannot be worked with, and
 * AppErrors of the git and store rooms.
 */
export async function openSwarm(options: OpenOptions): Promise<OpenSwarm> {
  const git = await openRepo(options.folder, {
    maxSnapshotMegabytes: async () => (await settings())['snapshots.maxFileMegabytes'],
    scratchFolder: async () => places.scratch(await settings()),
  });
  const repo = { root: git.root, commonDir: git.commonDir };
  const places = placesOf(repo, options.store);
  const sources = async () =>
    settingsSources({
      root: git.root,
      userFolder: userFolder(),
      trusted: await options.trusted(git.root),
      ...(options.own === undefined ? {} : { own: await options.own() }),
    });
  const settings = async () => mergeSettings(...(await sources()).map((source) => source.values));
  await settings();
  const owned = new DisposableStore();
  const store = owned.add(
    await openStore({
      path: places.store,
      repo,
      ...(options.nativeBinding === undefined ? {} : { nativeBinding: options.nativeBinding }),
      ...(options.busyMs === undefined ? {} : { busyMs: options.busyMs }),
    }),
  );
  const face = options.face ?? newId('face', systemRandom);
  const swarm = new Swarm({ store, git, repo: store.repo, face, clock: systemClock, random: systemRandom, settings });
  return { swarm, store, git, repo, face, places, settings, sources, dispose: () => owned.dispose() };
}
