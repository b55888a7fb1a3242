import { setTimeout as sleep } from 'node:timers/promises';
import { type Disposable as CodeDisposable, type Uri, window, workspace } from 'vscode';
import { AppError, messageOf } from '../base/errors.ts';
import { Emitter } from '../base/event.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';
import type { FaceId } from '../core/model/ids.ts';
import type { PartialSettings } from '../core/settings.ts';
import type { ClaudeSetup } from './claudeSetup.ts';
import type { Seen } from './model/seen.ts';
import { sentences } from './model/sentence.ts';
import type { Programs } from './programs.ts';
import type { Repository } from './repository.ts';
import { onSettingsChange, ownSettings } from './settings.ts';
import type { Tell } from './tell.ts';
import { words } from './words.ts';

/** Why there is nothing to work with yet, or that there is. */
export type WindowState = 'no_folder' | 'untrusted' | 'opening' | 'no_repository' | 'broken' | 'ready';

/** What the window needs to open repositories. */
export interface RepositoriesOptions {
  readonly face: FaceId;
  readonly programs: Programs;
  readonly log: Log;
  readonly tell: Tell;
  readonly setup: ClaudeSetup;
}

/** What was read of one repository, before (absent the first time) and now. */
export interface Sight {
  readonly repository: Repository;
  readonly before: Seen | undefined;
  readonly after: Seen;
}

/** The repositories of the window's folders: one swarm each, however many of its folders are open. */
export class Repositories implements Disposable {
  readonly #options: RepositoriesOptions;
  readonly #changed = new Emitter<void>();
  readonly #sights = new Emitter<Sight>();
  readonly #listeners: readonly CodeDisposable[];
  readonly #complaints = new Set<string>();
  /** By folder; asking VS Code for each one takes milliseconds, and the coordinator asks each round. */
  readonly #settings = new Map<string, PartialSettings>();
  /** By the workspace folder that each was opened for. */
  #open: ReadonlyMap<string, Repository> = new Map();
  #refreshing: Promise<void> = Promise.resolve();
  #state: WindowState = 'opening';
  #problem: string | undefined;
  /** Something that views show has changed besides what the stores hold: the state, Claude, what is known of files. */
  readonly onDidChange = this.#changed.event;
  readonly onDidSee = this.#sights.event;

  constructor(options: RepositoriesOptions) {
    this.#options = options;
    this.#listeners = [
      workspace.onDidChangeWorkspaceFolders(() => this.refresh()),
      workspace.onDidGrantWorkspaceTrust(() => this.refresh()),
      window.onDidChangeWindowState(({ focused }) => {
        if (focused && (this.#state === 'no_repository' || this.#state === 'broken')) void this.refresh();
      }),
      onSettingsChange(() => this.#settingsChanged()),
    ];
  }

  get state(): WindowState {
    return this.#state;
  }

  /** What is wrong, when the state alone does not say it. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get all(): readonly Repository[] {
    return [...this.#open.values()];
  }

  /** What was last read of each repository. */
  get seen(): readonly Seen[] {
    return this.all.flatMap((repository) => repository.feed.latest ?? []);
  }

  /** Opens what is not open yet and closes what is no longer there. Never rejects. */
  refresh(): Promise<void> {
    this.#refreshing = this.#refreshing
      .then(() => this.#refresh())
      .catch((error: unknown) => this.#options.tell.trouble(words.t('Swarm could not look at the folders'), error));
    return this.#refreshing;
  }

  /** The repository of that id, as soon as those that are being opened are open. */
  async opened(id: string): Promise<Repository | undefined> {
    await this.#refreshing;
    return this.all.find((repository) => repository.id === id);
  }

  /** Closes all of them; resolves when each has let go of what others wait for. */
  async close(): Promise<void> {
    const open = this.all;
    this.#open = new Map();
    await Promise.all(open.map((repository) => repository.close()));
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
    this.#changed.dispose();
    this.#sights.dispose();
    void this.close();
  }

  async #refresh(): Promise<void> {
    const folders = (workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
    if (folders.length === 0) return this.#become('no_folder');
    // Looking at a repository runs git, and git runs what the repository's configuration says.
    if (!workspace.isTrusted) return this.#become('untrusted');
    const wanted = new Map(folders.map((folder) => [folder.uri.fsPath, folder.uri]));
    const kept = new Map([...this.#open].filter(([folder]) => wanted.has(folder)));
    const gone = [...this.#open].filter(([folder]) => !wanted.has(folder));
    await Promise.all(gone.map(([, repository]) => repository.close()));
    if (kept.size === 0) this.#become('opening');
    let failure: unknown;
    for (const [folder, uri] of wanted) {
      if (kept.has(folder)) continue;
      try {
        const repository = await this.#openFolder(folder, uri);
        if ([...kept.values()].some((other) => other.open.repo.commonDir === repository.open.repo.commonDir)) {
          await repository.close();
        } else {
          await started(repository);
          kept.set(folder, repository);
        }
      } catch (error) {
        failure = error;
        this.#options.log.warn(`${folder}: ${messageOf(error)}`);
      }
    }
    this.#open = kept;
    if (kept.size > 0) return this.#become('ready');
    if (AppError.is(failure, 'not_a_repository')) return this.#become('no_repository');
    this.#become('broken', sentences(messageOf(failure), AppError.is(failure) ? failure.hint : undefined));
  }

  async #openFolder(folder: string, uri: Uri): Promise<Repository> {
    const { openRepository } = await loadRooms();
    const { face, programs, log, tell, setup } = this.#options;
    const repository = await openRepository({
      folder,
      face,
      programs,
      log,
      own: () => this.#settingsOf(folder, uri),
      trusted: () => workspace.isTrusted,
      trouble: (what, error) => tell.trouble(what, error),
    });
    repository.feed.onDidChange(({ before, after }) => this.#sights.fire({ repository, before, after }));
    repository.gate.onDidChange(() => this.#changed.fire());
    repository.files.onDidLoad(() => this.#changed.fire());
    repository.gate.onDidBlock((found) => setup.blocked(repository, found));
    repository.gate.onDidChange((found) => found.state === 'ready' && setup.ready());
    return repository;
  }

  #become(state: WindowState, problem?: string): void {
    this.#state = state;
    this.#problem = problem;
    this.#changed.fire();
  }

  #settingsOf(folder: string, uri: Uri): PartialSettings {
    const known = this.#settings.get(folder) ?? ownSettings(uri, (problem) => this.#complain(problem));
    this.#settings.set(folder, known);
    return known;
  }

  #settingsChanged(): void {
    this.#settings.clear();
    for (const repository of this.all) {
      repository.settingsChanged().catch((error: unknown) => {
        this.#options.tell.trouble(words.t('the settings could not be written down for workers'), error);
      });
    }
  }

  #complain(problem: string): void {
    if (this.#complaints.has(problem)) return;
    this.#complaints.add(problem);
    this.#options.tell.refusal(words.t('the setting {0}; the default is used', problem));
  }
}

/** Loads what a repository needs one part at a time, so that VS Code gets its turn in between. */
async function loadRooms(): Promise<typeof import('./repository.ts')> {
  const rooms = [
    () => import('../store/open.ts'),
    () => import('../git/open.ts'),
    () => import('../claude/readiness.ts'),
    () => import('../bridge/open.ts'),
  ];
  for (const load of rooms) {
    await load();
    // What is only put off with `setImmediate` is still done in the same turn.
    await sleep(1);
  }
  return import('./repository.ts');
}

/** One that cannot start is closed again. */
async function started(repository: Repository): Promise<void> {
  try {
    await repository.start();
  } catch (error) {
    await repository.close();
    throw error;
  }
}
