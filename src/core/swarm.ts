import type { Clock } from '../base/clock.ts';
import { UsageError } from '../base/errors.ts';
import type { FannedOut, FanOut, FanOutWorld } from './flow/fanOut.ts';
import { fanOut, planFanOut, queueFanOut } from './flow/fanOut.ts';
import type { Preview } from './flow/merge.ts';
import { previewMerge } from './flow/merge.ts';
import type { Decision } from './flow/review.ts';
import { decide, previewDecision } from './flow/review.ts';
import { Teamwork } from './flow/teamwork.ts';
import type { FaceId, RandomBytes, RepoId, TaskId } from './model/ids.ts';
import { newId } from './model/ids.ts';
import type { MergeEntry } from './model/merge.ts';
import type { Party } from './model/party.ts';
import type { Refusal } from './model/review.ts';
import type { Task } from './model/task.ts';
import type { Git } from './ports.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store.ts';

/** What one repository's swarm is made of. */
export interface SwarmParts {
  readonly store: Store;
  readonly git: Git;
  readonly repo: RepoId;
  readonly face: FaceId;
  readonly clock: Clock;
  readonly random: RandomBytes;
  settings(): Promise<Settings>;
}

/** One task of a merge preview. */
export interface PlannedMerge {
  readonly task: Task;
  readonly preview: Preview;
}

/** The verbs of one repository, for both faces. Faces parse and print; what they ask is decided here. */
export class Swarm {
  readonly store: Store;
  readonly git: Git;
  readonly #parts: SwarmParts;

  constructor(parts: SwarmParts) {
    this.store = parts.store;
    this.git = parts.git;
    this.#parts = parts;
  }

  /** What `fanOut` would make. Changes nothing. */
  async planFanOut(asked: FanOut): Promise<FannedOut> {
    return planFanOut(await this.#fanOutWorld(), asked);
  }

  /** Queues a batch of tasks. Throws a UsageError for what is wrong with it, and then nothing was changed. */
  async fanOut(asked: FanOut): Promise<FannedOut> {
    return fanOut(await this.#fanOutWorld(), asked);
  }

  /** Queues what was planned. */
  async queue(planned: FannedOut): Promise<void> {
    await queueFanOut(await this.#fanOutWorld(), planned);
  }

  /** Decides a review. */
  decide(decision: Decision): Promise<Task | Refusal> {
    const { store, git, random, clock } = this.#parts;
    return decide({ store, git, random, now: () => clock.now() }, decision);
  }

  /** What `decide` would refuse, in words, else the task as it is. Changes nothing. */
  async previewDecision(decision: Decision): Promise<Task | Refusal> {
    return previewDecision(this.#parts, decision);
  }

  /** Ends a task wherever it is; branch and worktree stay. */
  cancel(task: TaskId, reason: string): Promise<Task | Refusal> {
    return this.store.cancelTask({ task, reason, now: this.#parts.clock.now() });
  }

  /** Queues an ended task again, on the same branch, with the same conversation. */
  retry(task: TaskId): Promise<Task | Refusal> {
    return this.store.retryTask({ task, now: this.#parts.clock.now() });
  }

  /** What landing these approved tasks in this order would do now, each on top of those before it. Changes no branch. */
  async previewMerge(tasks: readonly TaskId[]): Promise<readonly PlannedMerge[]> {
    const planned: PlannedMerge[] = [];
    const tips = new Map<string, string>();
    const before = new Set<TaskId>();
    const { clock } = this.#parts;
    const world = { store: this.store, git: this.git, clock, settings: await this.#parts.settings() };
    for (const id of tasks) {
      const task = await this.store.task(id);
      if (!task) throw new UsageError(`there is no task ${id}`);
      if (task.head === undefined) throw new UsageError(`“${task.title}” has handed over nothing yet`);
      const tip = tips.get(task.target);
      const { commit, ...preview } = await previewMerge(world, task, task.head, {
        tasks: before,
        ...(tip === undefined ? {} : { tip }),
      });
      if (commit !== undefined) {
        tips.set(task.target, commit);
        before.add(id);
      }
      planned.push({ task, preview });
    }
    return planned;
  }

  /** Puts approved tasks into the merge queue of their targets, in this order. */
  merge(tasks: readonly TaskId[]): Promise<readonly (MergeEntry | Refusal)[]> {
    const entries = tasks.map((task) => ({ id: newId('entry', this.#parts.random), task }));
    return this.store.enqueue({ entries, now: this.#parts.clock.now() });
  }

  /** What a party may do with the others. */
  teamwork(party: Party): Teamwork {
    const { store, clock, random, settings } = this.#parts;
    return new Teamwork({ store, clock, random, modes: async () => (await settings())['claims.modes'] }, party);
  }

  async #fanOutWorld(): Promise<FanOutWorld> {
    const { store, git, repo, face, random, clock } = this.#parts;
    return {
      store,
      git,
      repo,
      face,
      random,
      settings: await this.#parts.settings(),
      now: () => clock.now(),
    };
  }
}
