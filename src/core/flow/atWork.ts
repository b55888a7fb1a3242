import { AppError } from '../../base/errors.ts';
import type { TaskId } from '../model/ids.ts';
import type { Task } from '../model/task.ts';
import { isLeased } from '../model/task.ts';
import type { Git } from '../ports.ts';
import type { Store } from '../store.ts';

/** A task that a worker drives, in its place. */
export type TaskAtWork = Extract<Task, { lease: unknown }> & { readonly worktree: string; readonly base: string };

/** The task of a session that may still add to it. Throws `not_at_work` once it was handed over or has ended. */
export async function atWork(store: Pick<Store, 'task'>, id: TaskId): Promise<TaskAtWork> {
  const task = await store.task(id);
  if (!task) throw new AppError('task_missing', `there is no task ${id}`);
  if ('lease' in task && isLeased(task.state) && task.worktree !== undefined && task.base !== undefined)
    return { ...task, worktree: task.worktree, base: task.base };
  throw new AppError('not_at_work', `“${task.title}” is ${task.state.replace('_', ' ')}: nothing is added to it now`, {
    hint: 'End your turn; the person decides how it goes on.',
  });
}

/** The commit a task stands on. Throws `branch_left` when its worktree is not on its branch. */
export async function standOf(git: Pick<Git, 'head' | 'resolve'>, task: TaskAtWork): Promise<string> {
  const [head, tip] = await Promise.all([git.head(task.worktree), git.resolve(`refs/heads/${task.branch}`)]);
  if (head === tip) return head;
  throw new AppError('branch_left', `${task.worktree} is not on ${task.branch}, the branch of the task`, {
    hint: `Go back to it with \`git switch ${task.branch}\`.`,
  });
}
