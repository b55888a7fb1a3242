import { AppError } from '../../base/errors.ts';
import type { Task } from '../model/task.ts';
import { slugOf } from '../model/task.ts';
import type { Git } from '../ports.ts';
import type { Settings } from '../settings.ts';

/** Where a task's work happens. */
export interface Place {
  readonly worktree: string;
  /** The left side of the coming review. */
  readonly base: string;
  readonly warnings: readonly string[];
}

export interface PlaceWorld {
  readonly git: Git;
  readonly settings: Settings;
  /** Absolute folder for worktrees. */
  readonly worktrees: string;
  /** A session was started there before, so placing was done once and what it found is not its base. */
  readonly begun: boolean;
  task(id: Task['id']): Promise<Task | undefined>;
}

/** The path of a task's worktree inside the folder for worktrees. */
export const worktreePath = (folder: string, task: Pick<Task, 'id' | 'title'>): string =>
  `${folder.replace(/[/\\]+$/, '')}/${slugOf(task.title)}-${task.id}`;

/**
 * Makes the task's worktree, or finds it, and brings into it what the next attempt needs to see. `saved` is called with
 * the worktree and the base before anything is made, so that a later attempt knows its own branch again.
 */
export async function placeTask(
  world: PlaceWorld,
  task: Task,
  saved: (worktree: string, base: string) => Promise<void>,
): Promise<Place> {
  const { git } = world;
  const warnings: string[] = [];
  const worktree = task.worktree ?? worktreePath(world.worktrees, task);
  // Before the first session nothing has worked there: a placing that was cut short is done again, which changes nothing twice.
  const mine = task.base !== undefined || task.options.continues === true;
  const [begin, taken] = await Promise.all([
    task.base === undefined || !world.begun ? baseFor(world, task) : { base: task.base, stacked: [] },
    mine ? undefined : git.resolve(`refs/heads/${task.branch}`),
  ]);
  const first = task.base ?? begin.base;
  let base = first;
  if (taken !== undefined) {
    // Once the base is saved the branch counts as the task's own, so a stranger's must be told before.
    throw new AppError('branch_exists', `there is a branch ${task.branch} already, and it is not this task’s`, {
      hint: 'Rename it, or name it in the task (`branch: …`) to go on with it.',
    });
  }
  await saved(worktree, base);
  const { carried } = await git.addWorktree({
    path: worktree,
    branch: task.branch,
    base,
    mine,
    include: world.settings['worktrees.include'],
  });
  if (carried.length > 0) warnings.push(`carried over: ${carried.join(', ')}`);
  for (const head of begin.stacked) {
    if ((await git.mergeIn(worktree, head)) === 'conflict') {
      throw new AppError('dependencies_conflict', 'the tasks that this one starts from conflict with each other', {
        hint: 'Merge them first, then retry this task.',
      });
    }
    base = await git.head(worktree);
  }
  const mergeIn = task.feedback?.mergeIn;
  if (mergeIn !== undefined && !(await git.isAncestor(mergeIn, await git.head(worktree)))) {
    await bringIn(git, worktree, mergeIn, `Work in progress: ${task.title}`);
    base = mergeIn;
  }
  if (base !== first) await saved(worktree, base);
  return { worktree, base, warnings };
}

/** Merges a commit into the worktree; an attempt that was cut off may have left the conflict of that very merge there. */
async function bringIn(git: Git, worktree: string, commit: string, message: string): Promise<void> {
  try {
    if ((await git.changes(worktree)).length > 0) await git.commitAll(worktree, message);
  } catch (error) {
    if (AppError.is(error, 'conflicts_left')) return;
    throw error;
  }
  await git.mergeIn(worktree, commit);
}

/** The commit a new branch starts from, and heads of further unmerged dependencies to merge into it. */
async function baseFor(world: PlaceWorld, task: Task): Promise<{ base: string; stacked: readonly string[] }> {
  const name = task.requestedBase ?? `refs/heads/${task.target}`;
  const tip = await world.git.resolve(name);
  if (tip === undefined) {
    throw new AppError('base_missing', `there is no commit or branch “${task.requestedBase ?? task.target}” any more`, {
      hint: 'Cancel the task and ask for it again.',
    });
  }
  const started = task.options.continues ? await world.git.resolve(`refs/heads/${task.branch}`) : undefined;
  if (started !== undefined) return { base: (await world.git.mergeBase(started, tip)) ?? tip, stacked: [] };
  const heads: string[] = [];
  for (const id of task.after) {
    const before = await world.task(id);
    if (before?.head !== undefined && before.state !== 'skipped' && !(await world.git.isAncestor(before.head, tip)))
      heads.push(before.head);
  }
  const [first, ...rest] = heads;
  return first === undefined ? { base: tip, stacked: [] } : { base: first, stacked: [...rest, tip] };
}
