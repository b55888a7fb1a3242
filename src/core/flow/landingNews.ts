import type { LandedFile } from '../model/landing.ts';
import type { Task } from '../model/task.ts';
import { inline } from '../model/telling.ts';
import type { FoundWorld } from './foundChanges.ts';

/** How many landings one look brings. */
const mostLandings = 1000;
/** Files read or edited last that landings are compared with. */
const mostTouched = 1000;

/** What lands on a task's target while its session works from an older state of it. Kept as long as the session is open. */
export class LandingNews {
  readonly #world: Pick<FoundWorld, 'store' | 'git'>;
  readonly #task: Pick<Task, 'id' | 'target'>;
  readonly #worktree: string;
  readonly #touched = new Set<string>();
  /** Touched since the last look. */
  #fresh: string[] = [];
  #seq: number | undefined;
  /** Landings by file that the session was stopped for, or has been told of. */
  readonly #stopped = new Set<string>();
  readonly #told = new Set<string>();
  /** Commits that the worktree has taken in. */
  readonly #taken = new Set<string>();

  constructor(world: Pick<FoundWorld, 'store' | 'git'>, task: Pick<Task, 'id' | 'target'>, worktree: string) {
    this.#world = world;
    this.#task = task;
    this.#worktree = worktree;
  }

  /** The session has read or edited a file. */
  touch(path: string): void {
    if (!this.#touched.delete(path)) this.#fresh.push(path);
    this.#touched.add(path);
    const [oldest] = this.#touched;
    if (this.#touched.size > mostTouched && oldest !== undefined) this.#touched.delete(oldest);
  }

  /** Of the files that it has read or edited, what has landed and is not in its worktree; each landing once. */
  async look(): Promise<readonly string[]> {
    const { store } = this.#world;
    const { target } = this.#task;
    this.#seq ??= await store.lastLanding({ target });
    const paths = this.#fresh.splice(0);
    const [since, before] = await Promise.all([
      store.landedOnAfter({ target, seq: this.#seq, most: mostLandings }),
      paths.length === 0 ? [] : store.landedOn({ target, paths }),
    ]);
    this.#seq = since.at(-1)?.seq ?? this.#seq;
    const facts: string[] = [];
    for (const landed of [...before, ...since.filter(({ path }) => this.#touched.has(path))]) {
      if (this.#told.has(keyOf(landed)) || !(await this.#isUnknown(landed))) continue;
      this.#told.add(keyOf(landed));
      facts.push(
        `${inline(landed.path)}, which you have read or edited, was ${this.#landedText(landed)}. \`swarm pull\` takes that in.`,
      );
    }
    return facts;
  }

  /** Why a file should not be edited without knowledge of what has landed; said once for each landing. */
  async stop(path: string): Promise<string | undefined> {
    const [landed] = await this.#world.store.landedOn({ target: this.#task.target, paths: [path] });
    if (landed === undefined || this.#stopped.has(keyOf(landed)) || !(await this.#isUnknown(landed))) return undefined;
    this.#stopped.add(keyOf(landed));
    this.#told.add(keyOf(landed));
    return `${inline(path)} was ${this.#landedText(landed)}, and this worktree does not have that change yet. \`swarm pull\` takes it in; read the file again then. To edit it as it is all the same, make the same edit once more.`;
  }

  async #isUnknown({ commit, task }: LandedFile): Promise<boolean> {
    if (task === this.#task.id || this.#taken.has(commit)) return false;
    const { git } = this.#world;
    if (!(await git.isAncestor(commit, await git.head(this.#worktree)))) return true;
    this.#taken.add(commit);
    return false;
  }

  #landedText({ title, task }: LandedFile): string {
    return `changed on ${inline(this.#task.target)} by “${inline(title)}” (task ${task})`;
  }
}

const keyOf = ({ commit, path }: LandedFile): string => `${commit} ${path}`;
