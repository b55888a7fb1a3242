import { UsageError } from '../../base/errors.ts';
import type { Batch, ReviewPolicy } from '../model/batch.ts';
import type { BatchId, FaceId, RandomBytes, RepoId, TaskId } from '../model/ids.ts';
import { isId, newId } from '../model/ids.ts';
import type { SessionMode } from '../model/session.ts';
import { permissionModes } from '../model/session.ts';
import { branchName, hasEnded, titleOf } from '../model/task.ts';
import type { Settings } from '../settings.ts';
import type { NewTask, Store } from '../store.ts';
import type { TaskRequest } from './plan.ts';

/** Longest prompt, in UTF-16 units; beyond it a file in the repository serves better. */
export const longestPrompt = 1_000_000;
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
}

export interface FanOutWorld {
  readonly store: Pick<Store, 'addBatch' | 'task'>;
  readonly settings: Settings;
  readonly repo: RepoId;
  readonly face: FaceId;
  readonly random: RandomBytes;
  /** Commit of a branch or commit name; undefined when there is none. */
  resolve(name: string): Promise<string | undefined>;
  now(): number;
}

/** Checks a fan-out and gives every task its id, title, branch and dependencies. Changes nothing. Throws a UsageError for what is wrong. */
export async function planFanOut(world: FanOutWorld, asked: FanOut): Promise<FannedOut> {
  const { requests } = asked;
  if (requests.length === 0) throw new UsageError('there is nothing to do: no prompt was given');
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
  const tasks: NewTask[] = [];
  for (const { id, request, where } of numbered) {
    const target = request.target ?? asked.target;
    const base = request.base ?? asked.base;
    const branch = `refs/heads/${target}`;
    for (const name of base === undefined ? [branch] : [branch, base]) {
      if (!targets.has(name)) targets.set(name, (await world.resolve(name)) !== undefined);
      if (!targets.get(name)) {
        const what = name === branch ? `branch “${target}”` : `commit or branch “${name}”`;
        throw new UsageError(`${where}: there is no ${what}`);
      }
    }
    tasks.push(
      await newTask(world, id, batchId, where, { ...request, target, ...(base === undefined ? {} : { base }) }, named),
    );
  }
  refuseCycles(tasks);
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
  return { batch, tasks };
}

/** Queues a planned fan-out: the batch, its tasks and their events in one transaction. */
export async function fanOut(world: FanOutWorld, asked: FanOut): Promise<FannedOut> {
  const planned = await planFanOut(world, asked);
  await world.store.addBatch({ ...planned, now: world.now() });
  return planned;
}

async function newTask(
  world: FanOutWorld,
  id: TaskId,
  batch: BatchId,
  where: string,
  request: TaskRequest & { target: string },
  named: ReadonlyMap<string, TaskId>,
): Promise<NewTask> {
  if (request.prompt.trim() === '') throw new UsageError(`${where} has an empty prompt`);
  if (request.prompt.length > longestPrompt) {
    throw new UsageError(`${where}: the prompt has ${request.prompt.length} characters, more than ${longestPrompt}`, {
      hint: 'Put the text into a file of the repository and name the file in the prompt.',
    });
  }
  if (request.prompt.includes('\u0000')) throw new UsageError(`${where}: the prompt holds a NUL character`);
  const mode = request.options?.permissionMode;
  if (mode !== undefined && !permissionModes.includes(mode)) {
    throw new UsageError(`${where}: permissionMode must be one of ${permissionModes.join(', ')}`);
  }
  const title = titleOf(request.title ?? request.prompt) || 'task';
  const after: TaskId[] = [];
  for (const name of request.after ?? []) after.push(named.get(name) ?? (await existing(world, name, where)));
  return {
    id,
    title,
    prompt: request.prompt,
    target: request.target,
    ...(request.base === undefined ? {} : { requestedBase: request.base }),
    after,
    branch: branchName(world.settings['branches.template'], { id, batch, title }),
    options: request.options ?? {},
  };
}

async function existing(world: FanOutWorld, name: string, where: string): Promise<TaskId> {
  const task = isId('task', name) ? await world.store.task(name) : undefined;
  if (!task) throw new UsageError(`${where}: there is no task “${name}” to come after`);
  if (hasEnded(task.state) && task.state !== 'merged' && task.state !== 'skipped') {
    throw new UsageError(`${where}: “${task.title}” is ${task.state}, nothing can come after it`);
  }
  return task.id;
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
