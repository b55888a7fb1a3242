import { isLive } from '../../core/model/worker.ts';
import { attentionIn } from './attention.ts';
import type { Seen } from './seen.ts';
import type { Words } from './words.ts';

/** What the one item in the status bar shows. */
export interface StatusItem {
  readonly text: string;
  /** Markdown with command links. */
  readonly tooltip: string;
  readonly warning: boolean;
  readonly spoken: string;
}

/** Undefined: there is nothing to show, the item is hidden. */
export function statusItem(all: readonly Seen[], { t, money }: Words): StatusItem | undefined {
  const live = all.flatMap((seen) => seen.overview.workers.filter(isLive));
  const busy = live.filter((worker) => worker.state === 'busy').length;
  const found = all.map(attentionIn);
  const asking = found.flatMap((each) => each.asking).length;
  const toReview = found.flatMap((each) => each.toReview).length;
  const refused = found.flatMap((each) => each.refused).length;
  const tasks = all.flatMap((seen) => seen.overview.tasks);
  const queued = tasks.filter((task) => task.state === 'queued').length;
  const needed = asking + toReview + refused;
  if (live.length + queued + needed === 0) return undefined;
  const workers =
    live.length === 1 ? t('{0} of 1 worker is busy', busy) : t('{0} of {1} workers are busy', busy, live.length);
  const cost = tasks.reduce((sum, task) => sum + task.costUsd, 0);
  const lines = [
    `**Swarm** — ${workers}`,
    ...(queued === 0 ? [] : [queued === 1 ? t('1 task is queued') : t('{0} tasks are queued', queued)]),
    ...(asking === 0
      ? []
      : [link('swarm.revealAsking', asking === 1 ? t('1 session asks you') : t('{0} sessions ask you', asking))]),
    ...(toReview === 0
      ? []
      : [
          link(
            'swarm.reviewChanges',
            toReview === 1 ? t('1 task is ready for review') : t('{0} tasks are ready for review', toReview),
          ),
        ]),
    ...(refused === 0
      ? []
      : [
          link(
            'swarm.tasks.focus',
            refused === 1 ? t('1 task could not land') : t('{0} tasks could not land', refused),
          ),
        ]),
    ...(cost === 0 ? [] : [t('{0} so far', money(cost))]),
    `${link('swarm.fanOut', t('Fan out tasks'))} · ${link('swarm.tasks.focus', t('Show tasks'))}`,
  ];
  return {
    text: `$(organization) ${busy}/${live.length}${needed === 0 ? '' : ` $(bell-dot) ${needed}`}`,
    tooltip: lines.join('\n\n'),
    warning: needed > 0,
    spoken: `Swarm: ${workers}${needed === 0 ? '' : `, ${t('{0} things need you', needed)}`}`,
  };
}

/** The commands that the tooltip links to; VS Code runs no others from it. */
export const linkedCommands: readonly string[] = [
  'swarm.fanOut',
  'swarm.reviewChanges',
  'swarm.revealAsking',
  'swarm.tasks.focus',
];

const link = (command: string, label: string): string => `[${label}](command:${command})`;
