import type { StartAfter } from '../core/flow/waiting.ts';
import type { Claim } from '../core/model/claim.ts';
import type { Overview } from '../core/model/snapshot.ts';
import type { TaskState } from '../core/model/task.ts';
import { isLive } from '../core/model/worker.ts';
import type { Cell, Style } from './columns.ts';
import type { Output } from './output.ts';
import { holderName, pathText } from './team/views.ts';
import type { TaskView } from './views.ts';
import { statusView, taskViews } from './views.ts';

/** Which tasks are shown; all of them unless it says otherwise. */
export interface TaskFilter {
  readonly states?: readonly string[];
}

const styles: Readonly<Partial<Record<TaskState, Style>>> = {
  running: 'cyan',
  leased: 'cyan',
  waiting: 'yellow',
  in_review: 'yellow',
  approved: 'green',
  merging: 'green',
  merged: 'green',
  failed: 'red',
  dead: 'red',
  cancelled: 'dim',
  skipped: 'dim',
};

/** A state as people read it. */
export const stateCell = (state: string): Cell => {
  const style = styles[state as TaskState];
  const text = state.replace('_', ' ');
  return style === undefined ? text : { text, style };
};

/** Dollars as people read them; nothing for nothing. */
export const costText = (costUsd: number): string => (costUsd === 0 ? '' : `$${costUsd.toFixed(2)}`);

const taskHeads = ['ID', 'STATE', 'TRIES', 'COST', 'TITLE', 'NOTE'];
const titleColumn = 4;

const taskRow = (task: TaskView): readonly Cell[] => [
  { text: task.id, style: 'dim' },
  stateCell(task.state),
  String(task.attempt),
  costText(task.costUsd),
  task.title,
  task.waitingFor ?? task.reason ?? '',
];

/** Shows tasks as a table, or as JSON. */
export function showTasks(
  overview: Pick<Overview, 'tasks' | 'blocked'>,
  startAfter: StartAfter,
  output: Output,
  filter: TaskFilter = {},
): void {
  const { states } = filter;
  const tasks = taskViews(overview, startAfter).filter((task) => states === undefined || states.includes(task.state));
  if (output.json) output.document({ tasks });
  else if (tasks.length > 0) output.table(taskHeads, tasks.map(taskRow), titleColumn);
  else output.note('no tasks');
}

/** Shows everything that goes on, or everything there is as JSON. */
export function showStatus(overview: Overview, claims: readonly Claim[], startAfter: StartAfter, output: Output): void {
  if (output.json) {
    output.document(statusView(overview, claims, startAfter));
    return;
  }
  showTasks(overview, startAfter, output);
  const workers = overview.workers.filter(isLive);
  if (workers.length > 0) {
    if (output.isTerminal) output.line('');
    const titles = new Map(overview.tasks.map((task) => [task.id, task.title]));
    output.table(
      ['WORKER', 'STATE', 'PID', 'DOES'],
      workers.map((worker) => [
        worker.name,
        worker.state,
        String(worker.process?.pid ?? ''),
        [worker.phase, worker.task && titles.get(worker.task)].filter((text) => text !== undefined).join(': '),
      ]),
    );
  }
  const waiting = overview.entries.filter((entry) => entry.state === 'queued' || entry.state === 'landing');
  if (waiting.length > 0) {
    if (output.isTerminal) output.line('');
    output.table(
      ['MERGE', 'STATE', 'TASK', 'TARGET'],
      waiting.map((entry) => [String(entry.position), entry.state, entry.task, entry.target]),
    );
  }
  if (claims.length > 0) {
    if (output.isTerminal) output.line('');
    output.table(
      ['CLAIMED', 'BY', 'FOR'],
      claims.map((claim) => [pathText(claim), holderName(claim), claim.title]),
    );
  }
  if (overview.unread > 0) {
    output.note(`${overview.unread} ${overview.unread === 1 ? 'message' : 'messages'} for you: \`swarm inbox\``);
  }
}
