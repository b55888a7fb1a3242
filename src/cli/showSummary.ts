import { costText, stateCell } from './look.ts';
import type { Output } from './output.ts';
import type { TaskView } from './views.ts';

/** The table at the end of a wait: how each task stands and what it took. */
export function showSummary(tasks: readonly TaskView[], output: Output): void {
  output.table(
    ['STATE', 'TRIES', 'COST', 'TITLE', 'BRANCH', 'REASON'],
    tasks.map((task) => [
      stateCell(task.state),
      String(task.attempt),
      costText(task.costUsd),
      task.title,
      task.branch,
      task.reason ?? task.waitingFor ?? '',
    ]),
    3,
  );
}
