import { realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { Disposable } from '../base/lifecycle.ts';
import { DisposableStore } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';
import type { OpenSwarm } from '../bridge/open.ts';
import { openSwarm, systemRandom } from '../bridge/open.ts';
import { writeOwnSettings } from '../bridge/ownSettings.ts';
import { readyToCoordinate } from '../bridge/readyToCoordinate.ts';
import { readiness } from '../claude/readiness.ts';
import { Coordinator } from '../core/flow/coordinate.ts';
import type { FaceId } from '../core/model/ids.ts';
import type { WorkerLauncher } from '../core/ports.ts';
import type { PartialSettings } from '../core/settings.ts';
import { childLauncher, landingLauncher } from '../process/childLauncher.ts';
import type { LocalProcesses } from '../process/identity.ts';
import { openProcesses } from '../process/identity.ts';
import { ClaudeGate } from './claudeGate.ts';
import { Feed } from './feed.ts';
import { FileLists } from './fileLists.ts';
import type { Seen } from './model/seen.ts';
import type { Programs } from './programs.ts';
import { terminalLauncher } from './terminalLauncher.ts';
import { WorkerTerminals } from './workerTerminals.ts';

export interface RepositoryOptions {
  readonly folder: string;
  readonly face: FaceId;
  readonly programs: Programs;
  readonly log: Log;
  /** The settings that the person has made in VS Code. */
  readonly own: () => PartialSettings;
  readonly trusted: () => boolean;
  /** Something went wrong that nobody waits for. */
  trouble(what: string, error: unknown): void;
}

/** A folder that leads into a repository, possibly over symbolic links; `inside` is relative, with `/` between parts, empty for the top. */
interface Way {
  readonly folder: string;
  readonly inside: string;
}

/** One repository that is open in this window: its swarm, what is seen of it, and the coordinator that this window runs for it. */
export class Repository implements Disposable {
  readonly open: OpenSwarm;
  readonly feed: Feed;
  readonly files: FileLists;
  readonly gate: ClaudeGate;
  readonly terminals: WorkerTerminals;
  /** The workspace's folder as the window names it, and where in the repository it leads. */
  readonly way: Way;
  readonly #options: RepositoryOptions;
  readonly #owned = new DisposableStore();
  readonly #ended = new AbortController();
  readonly #settingsFile: string;
  readonly #processes: LocalProcesses;
  #coordination: Promise<void> = Promise.resolve();

  constructor(open: OpenSwarm, processes: LocalProcesses, way: Way, options: RepositoryOptions) {
    this.open = open;
    this.way = way;
    this.#options = options;
    this.#processes = processes;
    this.#settingsFile = join(open.places.folder, 'settings', `${options.face}.json`);
    const trouble = (what: string) => (error: unknown) => options.trouble(what, error);
    this.#owned.add(open);
    this.feed = this.#owned.add(new Feed(open, trouble('the store could not be read')));
    this.files = this.#owned.add(new FileLists(open.git, trouble('the changed files could not be read')));
    this.gate = this.#owned.add(new ClaudeGate(() => this.#readiness()));
    this.terminals = this.#owned.add(new WorkerTerminals(processes));
    this.#owned.add(this.feed.onDidChange(({ before, after }) => this.#look(before, after)));
    this.#owned.add({ dispose: () => this.#ended.abort() });
  }

  get id(): string {
    return this.open.store.repo;
  }

  /** Begins to coordinate. Throws `store_broken` for a damaged store. */
  async start(): Promise<void> {
    await this.settingsChanged();
    await readyToCoordinate(this.open);
    const { store, git, face, settings } = this.open;
    const coordinator = new Coordinator({
      face,
      store,
      git,
      processes: this.#processes,
      workers: this.#launcher(),
      landings: landingLauncher(this.#ownProgram()),
      clock: systemClock,
      random: systemRandom,
      log: { ...this.#options.log, error: (what, cause) => this.#options.trouble(what, cause) },
      settings,
    });
    this.#coordination = coordinator.run(this.#ended.signal).catch((error: unknown) => {
      this.#options.log.error('coordination has ended', error);
    });
  }

  /** Writes the settings down for the workers that this window starts, and looks at everything with the new ones. */
  async settingsChanged(): Promise<void> {
    await writeOwnSettings(this.#settingsFile, this.#options.own());
    this.gate.forget();
    this.feed.poke();
  }

  /** Lets go of everything; resolves when the coordinator has given its lease back. */
  async close(): Promise<void> {
    this.#ended.abort();
    await this.#coordination;
    this.#owned.dispose();
  }

  dispose(): void {
    void this.close();
  }

  /** Workers that outlived a reload are known again; work that waits for Claude makes us look for it. */
  #look(before: Seen | undefined, after: Seen): void {
    if (before === undefined) {
      const known = this.terminals.adopt(after.overview.workers);
      void known.then((count) => count > 0 && this.#options.log.info(`${count} worker terminals are known again`));
    }
    const queued = after.overview.tasks.filter((task) => task.state === 'queued').map((task) => task.batch);
    const mine = after.overview.batches.some((batch) => batch.face === this.open.face && queued.includes(batch.id));
    if (mine) void this.gate.want();
    // Others' work is started here only when they do not start it themselves; then nobody is asked to sign in.
    else if (queued.length > 0 && this.gate.latest === undefined) void this.gate.look();
  }

  /** Offers nothing until Claude is ready, so that no worker is asked for that could only fail. */
  #launcher(): WorkerLauncher {
    const { places } = this.open;
    const { gate, terminals } = this;
    const inTerminals = terminalLauncher({
      programs: this.#options.programs,
      root: this.open.repo.root,
      options: ['--store', places.store, '--settings', this.#settingsFile],
      opened: (worker, terminal) => terminals.opened(worker, terminal),
      hasOthers: () => terminals.count > 0,
    });
    const asChildren = childLauncher(this.#ownProgram());
    return {
      get modes() {
        return gate.isReady ? [...inTerminals.modes, ...asChildren.modes] : [];
      },
      launch: (worker, ended) => (worker.mode === 'interactive' ? inTerminals : asChildren).launch(worker, ended),
    };
  }

  #ownProgram() {
    const { places, repo } = this.open;
    return {
      cli: this.#options.programs.cli,
      options: ['--store', places.store, '--settings', this.#settingsFile],
      root: repo.root,
      logs: join(places.folder, 'logs', 'processes'),
      env: process.env,
    };
  }

  async #readiness() {
    const settings = await this.open.settings();
    return readiness({
      setting: settings['claude.path'],
      keepApiKey: settings['claude.keepApiKey'],
      mode: 'interactive',
      env: process.env,
      root: this.open.repo.root,
    });
  }
}

/** Opens the swarm of the repository around a folder; nothing is coordinated before it is started. Throws what `openSwarm` throws. */
export async function openRepository(options: RepositoryOptions): Promise<Repository> {
  const { folder, face, own, trusted } = options;
  const [processes, open, real] = await Promise.all([
    openProcesses(),
    openSwarm({ folder, face, own, trusted }),
    realpath(folder),
  ]);
  const inside = relative(open.repo.root, real).split(sep).join('/');
  return new Repository(open, processes, { folder, inside }, options);
}
