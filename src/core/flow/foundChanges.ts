import type { Claim, ClaimModes } from '../model/claim.ts';
import { newId } from '../model/ids.ts';
import { straysOf } from '../model/scope.ts';
import type { Task } from '../model/task.ts';
import { inline } from '../model/telling.ts';
import { claimsFor } from './audit.ts';
import type { Held } from './handOver.ts';
import { holderText } from './teamwork.ts';
import type { WorkerWorld } from './worker.ts';

export type FoundWorld = Pick<WorkerWorld, 'store' | 'git' | 'clock' | 'random'>;

/** How many files one sentence names. */
const named = 10;

/**
 * What a task has changed in its worktree by whatever means: claimed afterwards where it is free, told where it belongs to
 * somebody else or lies where the task was to change nothing. Each thing is told once.
 */
export class FoundChanges {
  readonly #world: FoundWorld;
  readonly #task: Task;
  readonly #held: Pick<Held, 'worktree' | 'base'>;
  readonly #modes: ClaimModes;
  /** Files that are the task's own, as far as was seen. */
  readonly #known = new Set<string>();
  readonly #told = new Set<string>();

  constructor(world: FoundWorld, task: Task, held: Pick<Held, 'worktree' | 'base'>, modes: ClaimModes) {
    this.#world = world;
    this.#task = task;
    this.#held = held;
    this.#modes = modes;
  }

  /** Looks at the worktree; returns what the session must be told, in sentences. */
  async look(): Promise<readonly string[]> {
    const { store, clock, random } = this.#world;
    const files = (await this.#files()).filter((path) => !this.#known.has(path));
    if (files.length === 0) return [];
    const paths = claimsFor(this.#modes, files);
    const ids = paths.map(() => newId('claim', random));
    const { violations } = await store.claimFound({ task: this.#task.id, paths, ids, now: clock.now() });
    const taken = new Map(violations.map(({ wanted, by }) => [wanted.path, by]));
    for (const path of files) if (!taken.has(path)) this.#known.add(path);
    return [...this.#violated(taken), ...(await this.strayed(files))];
  }

  /** Reports files that the task should not have changed, to the person and to the session. */
  async strayed(files: readonly string[]): Promise<readonly string[]> {
    const { outside, forbidden } = straysOf(this.#task.options, files);
    const facts: string[] = [];
    for (const [what, paths] of [
      ['files outside of what this task was declared to change', outside],
      ['files that this task must not change', forbidden],
    ] as const) {
      const news = paths.filter((path) => !this.#told.has(`${what} ${path}`));
      if (news.length === 0) continue;
      for (const path of news) this.#told.add(`${what} ${path}`);
      const text = `changed ${what}: ${list(news)}`;
      await this.#world.store.warned({ task: this.#task.id, text, now: this.#world.clock.now() });
      facts.push(
        `This session has ${text}. Undo that unless the task cannot be done without it; then say why in your answer.`,
      );
    }
    return facts;
  }

  /** Committed or not; what came into the branch from elsewhere is others' work. */
  async #files(): Promise<readonly string[]> {
    const { git, store } = this.#world;
    const { id, branch, target } = this.#task;
    // A session may have taken in its target since it was begun.
    const base = (await store.task(id))?.base ?? this.#held.base;
    const met = await git.mergeBase(`refs/heads/${branch}`, `refs/heads/${target}`).catch(() => undefined);
    const commits = met === undefined || met === base ? [base] : [base, met];
    const files = await git.differing(this.#held.worktree, commits);
    return [...new Set(files.map((path) => path.replace(/\/$/, '')))];
  }

  #violated(taken: ReadonlyMap<string, Claim>): readonly string[] {
    const news = [...taken].filter(([path, { id }]) => !this.#told.has(`${id} ${path}`));
    for (const [path, { id }] of news) this.#told.add(`${id} ${path}`);
    const now = this.#world.clock.now();
    const facts = news
      .slice(0, named)
      .map(
        ([path, by]) =>
          `${inline(path)} is claimed by ${inline(holderText(by, now))}, and a command of this session has changed it. Such a change cannot land: undo it (\`git restore\`), or ask the holder for the file.`,
      );
    return news.length > named ? [...facts, `So it is with ${news.length - named} more files.`] : facts;
  }
}

const list = (paths: readonly string[]): string => {
  const some = paths
    .slice(0, named)
    .map((each) => inline(each))
    .join(', ');
  return paths.length > named ? `${some} and ${paths.length - named} more` : some;
};
