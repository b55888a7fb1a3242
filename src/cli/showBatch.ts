import type { FannedOut } from '../core/flow/fanOut.ts';
import type { Output } from './output.ts';

/** Shows the tasks of a batch that was queued, or would be; `warnings` stand in the JSON document only. */
export function showBatch({ batch, tasks }: FannedOut, warnings: readonly string[], output: Output): void {
  if (output.json) {
    output.document({ batch: batch.id, tasks: tasks.map(newTaskView), warnings });
    return;
  }
  const titles = new Map(tasks.map((task) => [task.id, task.title]));
  output.table(
    ['ID', 'BRANCH', 'TARGET', 'TITLE', 'AFTER'],
    tasks.map((task) => [
      task.id,
      task.branch,
      task.target,
      task.title,
      task.after.map((id) => titles.get(id) ?? id).join(', '),
    ]),
    3,
  );
}

/** Tells the person what should be known before the work starts; scripts find it in their document. */
export function showWarnings(warnings: readonly string[], output: Output): void {
  for (const text of output.json ? [] : warnings) output.note({ text, style: 'yellow' });
}

/** A task that is queued, or would be, in the shape in which scripts see every task; its prompt besides. */
const newTaskView = (task: FannedOut['tasks'][number]) => ({
  id: task.id,
  title: task.title,
  kind: 'change',
  state: 'queued',
  attempt: 0,
  branch: task.branch,
  base: null,
  head: null,
  worker: null,
  waitingFor: null,
  costUsd: 0,
  target: task.target,
  after: task.after,
  prompt: task.prompt,
});
