import { UsageError } from '../../base/errors.ts';
import type { Batch, ReviewPolicy } from '../model/batch.ts';
import type { FaceId, RandomBytes, RepoId, TaskId } from '../model/ids.ts';
import { newId } from '../model/ids.ts';
import type { SessionMode } from '../model/session.ts';
import type { Git } from '../ports.ts';
import type { NewTask, Store } from '../store.ts';
import type { NewTaskWorld } from './newTask.ts';
import { newTask } from './newTask.ts';
import type { TaskRequest } from './plan.ts';
import { startWarnings } from './startWarnings.ts';

const mostTasks = 10_000;

/** A fan-out as a face asks for it. */
export interface FanOut {
  readonly requests: readonly TaskRequest[];
  /** The branch that the work lands on, unless a request names its own. */
  readonly target: string;
  /** Where the work starts instead of at the target's tip. */
  readonly base?: string;
  readonly workers: number;
  readonly mode: SessionMode;
  readonly review: ReviewPolicy;
  readonly land: boolean;
  /** The command that must pass before landing, instead of the setting's; empty: none. */
  readonly check?: string;
}

/** What a fan-out would make, or has made. */
export interface FannedOut {
  readonly batch: Batch;
  readonly tasks: readonly NewTask[];
  /** What the person should hear about where the work starts. */
  readonly warnings: readonly string[];
}

export interface FanOutWorld extends NewTaskWorld {
  readonly store: Pick<Store, 'addBatch' | 'task'>;
  readonly git: Pick<Git, 'resolve' | 'isFolder' | 'upstream' | 'missing'>;
  readonly repo: RepoId;
  readonly face: FaceId;
  readonly random: RandomBytes;
  now(): number;
}

interface Start {
  readonly target: string;
  readonly base: string | undefined;
}

/** Checks a fan-out and gives every task its id, title, branch and dependencies. Changes nothing. Throws a UsageError for what is wrong. */
export async function planFanOut(world: FanOutWorld, asked: FanOut): Promise<FannedOut> {
  const { requests } = asked;
  if (requests.length === 0)
    throw new UsageError('there is nothing to do: no prompt was given', {
      hint: 'Say in a sentence what is to be done.',
    });
  if (requests.length > mostTasks)
    throw new UsageError(`${requests.length} tasks are more than the ${mostTasks} of one fan-out`);
  if (!Number.isInteger(asked.workers) || asked.workers < 1 || asked.workers > 64) {
    throw new UsageError('the number of workers must be a whole number from 1 to 64');
  }
  const batchId = newId('batch', world.random);
  const named = new Map<string, TaskId>();
  const numbered = requests.map((request, index) => {
    const id = newId('task', world.random);
    if (request.name !== undefined) {
      if (named.has(request.name)) throw new UsageError(`two tasks are named “${request.name}”`);
      named.set(request.name, id);
    }
    return { id, request, where: `task ${index + 1}` };
  });
  const targets = new Map<string, boolean>();
  const starts = new Map<string, Start>();
  const tasks: NewTask[] = [];
  for (const { id, request, where } of numbered) {
    const target = request.target ?? asked.target;
    const base = request.base ?? asked.base;
    const branch = `refs/heads/${target}`;
    for (const name of base === undefined ? [branch] : [branch, base]) {
      if (!targets.has(name)) targets.set(name, (await world.git.resolve(name)) !== undefined);
      if (!targets.get(name)) {
        const what = name === branch ? `branch “${target}”` : `commit or branch “${name}”`;
        throw new UsageError(`${where}: there is no ${what}`, { hint: '`git branch --all` shows what there is.' });
      }
    }
    starts.set(JSON.stringify([target, base]), { target, base });
    tasks.push(
      await newTask(world, id, batchId, where, { ...request, target, ...(base === undefined ? {} : { base }) }, named),
    );
  }
  refuseCycles(tasks);
  refuseSharedBranches(tasks);
  const check = (asked.check ?? world.settings['check.command']).trim();
  const batch: Batch = {
    id: batchId,
    repo: world.repo,
    face: world.face,
    mode: asked.mode,
    workers: asked.workers,
    review: asked.review,
    land: asked.land,
    ...(check === '' ? {} : { check }),
    createdAt: world.now(),
  };
  const warnings: string[] = [];
  for (const { target, base } of starts.values()) warnings.push(...(await startWarnings(world.git, target, base)));
  return { batch, tasks, warnings };
}

/** Queues a planned fan-out: the batch, its tasks and their events in one transaction. */
export async function queueFanOut(
  { store, now }: Pick<FanOutWorld, 'store' | 'now'>,
  { batch, tasks }: FannedOut,
): Promise<void> {
  await store.addBatch({ batch, tasks, now: now() });
}

/** Plans a fan-out and queues it. */
export async function fanOut(world: FanOutWorld, asked: FanOut): Promise<FannedOut> {
  const planned = await planFanOut(world, asked);
  await queueFanOut(world, planned);
  return planned;
}

function refuseCycles(tasks: readonly NewTask[]): void {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const done = new Set<TaskId>();
  const visit = (task: NewTask, path: readonly NewTask[]): void => {
    if (done.has(task.id)) return;
    if (path.includes(task)) {
      const names = [...path.slice(path.indexOf(task)), task].map((each) => `“${each.title}”`);
      throw new UsageError(`these tasks wait for each other: ${names.join(' → ')}`);
    }
    for (const id of task.after) {
      const before = byId.get(id);
      if (before) visit(before, [...path, task]);
    }
    done.add(task.id);
  };
  for (const task of tasks) visit(task, []);
}

function refuseSharedBranches(tasks: readonly NewTask[]): void {
  const taken = new Map<string, NewTask>();
  for (const task of tasks) {
    const other = taken.get(task.branch);
    if (other) {
      throw new UsageError(`“${other.title}” and “${task.title}” would both work on the branch ${task.branch}`, {
        hint: 'Give each its own; the setting `branches.template` should hold `{id}`.',
      });
    }
    taken.set(task.branch, task);
  }
}
