import type { OpenSwarm } from '../bridge/open.ts';
import type { EventKind } from '../core/model/event.ts';
import type { Overview } from '../core/model/snapshot.ts';
import type { Task, TaskState } from '../core/model/task.ts';
import { taskStates } from '../core/model/task.ts';
import type { Cell } from './columns.ts';
import { textOf } from './columns.ts';
import { costText, stateCell } from './look.ts';
import type { Output } from './output.ts';

const shown: readonly EventKind[] = [
  'entry.conflict',
  'entry.check_failed',
  'entry.refused',
  'session.denied',
  'task.cancelled',
  'task.dead',
  'task.failed',
  'task.in_review',
  'task.approved',
  'task.merged',
  'task.merging',
  'task.queued',
  'task.running',
  'task.skipped',
  'task.waiting',
  'task.warned',
];
const page = 500;
const wordWidth = Math.max(...shown.map((kind) => kind.length - kind.indexOf('.') - 1));

/** Tells the person, line by line, what happens to tasks while a command waits for them. */
export class Progress {
  readonly #output: Output;
  readonly #store: OpenSwarm['store'];
  readonly #concerns: (task: Task['id']) => boolean;
  readonly #startedAt = performance.now();
  #seq: number;

  /** Begins after event `seq`; `concerns` says which tasks are meant. */
  constructor(opened: OpenSwarm, output: Output, seq: number, concerns: (task: Task['id']) => boolean) {
    this.#store = opened.store;
    this.#output = output;
    this.#seq = seq;
    this.#concerns = concerns;
  }

  /** Tells what is new; with `--json` nothing, for then only the result counts. */
  async tell(overview: Overview): Promise<void> {
    if (this.#output.json) return;
    const titles = new Map(overview.tasks.map((task) => [task.id, task.title]));
    for (;;) {
      const events = await this.#store.eventsAfter(this.#seq, page);
      for (const event of events) {
        this.#seq = event.seq;
        if (event.task === undefined || !this.#concerns(event.task) || !shown.includes(event.kind)) continue;
        this.#output.note(...eventCells(event.kind, event.text, titles.get(event.task) ?? event.task));
      }
      if (events.length < page) break;
    }
    const tasks = overview.tasks.filter((task) => this.#concerns(task.id));
    this.#output.live(`${summaryOf(tasks)}  ${elapsed(performance.now() - this.#startedAt)}`);
  }

  /** Takes the live line away. */
  end(): void {
    this.#output.live('');
  }
}

function eventCells(kind: EventKind, text: string, title: string): readonly Cell[] {
  const word = kind.replace(/^.*\./, '');
  const isState = kind.startsWith('task.') && (taskStates as readonly string[]).includes(word);
  const cell = isState ? stateCell(word) : ({ text: word.replace('_', ' '), style: 'yellow' } as const);
  const padding = ' '.repeat(Math.max(0, wordWidth - textOf(cell).length));
  return [
    cell,
    `${padding}  ${title}`,
    ...(text === '' || text === title ? [] : [{ text: `  ${text}`, style: 'dim' } as const]),
  ];
}

/** `2 running, 1 in review, $0.42`. */
export function summaryOf(tasks: readonly Task[]): string {
  const counts = new Map<TaskState, number>();
  for (const { state } of tasks) counts.set(state, (counts.get(state) ?? 0) + 1);
  const parts = taskStates.flatMap((state) => {
    const count = counts.get(state);
    return count === undefined ? [] : [`${count} ${state.replace('_', ' ')}`];
  });
  const cost = costText(tasks.reduce((sum, task) => sum + task.costUsd, 0));
  return [...parts, ...(cost === '' ? [] : [cost])].join(', ');
}

function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}
