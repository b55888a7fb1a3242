import type { OpenSwarm } from '../bridge/open.ts';
import type { Refusal } from '../core/model/review.ts';
import type { Task } from '../core/model/task.ts';
import type { ExitCode } from './exitCodes.ts';
import { exitCodes } from './exitCodes.ts';
import type { Invocation } from './invocation.ts';
import { stateCell } from './look.ts';
import { taskViews } from './views.ts';

/**
 * Does one thing to several tasks, one after the other, and shows how each of them is then. A task that may not be
 * treated so does not keep the others from it; the exit code tells of it.
 */
export async function toEachTask(
  { output }: Invocation,
  opened: OpenSwarm,
  tasks: readonly Task[],
  verb: (task: Task) => Promise<object | Refusal>,
): Promise<ExitCode> {
  const refused: { task: string; reason: string }[] = [];
  for (const task of tasks) {
    const answer = await verb(task);
    if ('refused' in answer) refused.push({ task: task.id, reason: answer.refused });
  }
  const startAfter = (await opened.settings())['tasks.startAfter'];
  const ids = new Set<string>(tasks.map((task) => task.id));
  const views = taskViews(await opened.store.overview(), startAfter).filter((view) => ids.has(view.id));
  if (output.json) output.document({ tasks: views, refused });
  for (const view of output.json ? [] : views) {
    if (!refused.some(({ task }) => task === view.id))
      output.line(`${view.id}  `, stateCell(view.state), `  ${view.title}`);
  }
  for (const { task, reason } of output.json ? [] : refused) output.note({ text: `${task}: `, style: 'red' }, reason);
  return refused.length === 0 ? exitCodes.done : exitCodes.refused;
}
