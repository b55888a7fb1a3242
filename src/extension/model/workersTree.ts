import type { Worker } from '../../core/model/worker.ts';
import { isLive } from '../../core/model/worker.ts';
import type { Icon, Row } from './row.ts';
import type { Seen } from './seen.ts';
import { taskOf } from './seen.ts';
import type { Words } from './words.ts';

/** How long a worker that died is still shown, in milliseconds. */
const lostShownMs = 10 * 60_000;

/** The tree of workers at `now`; repositories are a level of their own only if there are several. */
export function workersTree(all: readonly Seen[], words: Words, now: number): readonly Row[] {
  const [only, ...others] = all;
  if (only && others.length === 0) return workerRows(only, words, now);
  return all.flatMap((seen) => {
    const children = workerRows(seen, words, now);
    const id = `workers/${seen.repo}`;
    if (children.length === 0) return [];
    return { id, label: seen.name, icon: { name: 'repo' }, context: 'repository', expanded: true, children };
  });
}

function workerRows(seen: Seen, words: Words, now: number): readonly Row[] {
  return seen.overview.workers
    .filter((worker) => isLive(worker) || (worker.state === 'lost' && now - worker.updatedAt < lostShownMs))
    .sort((a, b) => a.startedAt - b.startedAt)
    .map((worker) => workerRow(seen, words, worker));
}

function workerRow(seen: Seen, words: Words, worker: Worker): Row {
  const task = taskOf(seen, worker);
  const said = (task && seen.sayings.get(task.id)) ?? {};
  const isUnenforced = isLive(worker) && said.unenforced !== undefined;
  const description = [isUnenforced ? words.t('claims not enforced') : '', workerDescription(seen, words, worker)]
    .filter(Boolean)
    .join(' · ');
  const inTerminal = worker.mode === 'interactive' && isLive(worker);
  const session = seen.overview.sessions.find((each) => each.worker === worker.id && each.state !== 'ended');
  return {
    id: worker.id,
    label: worker.name,
    description,
    icon:
      isUnenforced && !asks(seen, worker)
        ? { name: 'unlock', color: 'list.warningForeground' }
        : workerIcon(seen, worker),
    context: ['worker', worker.state, isLive(worker) ? 'live' : 'gone', inTerminal ? 'openTerminal' : '']
      .join(' ')
      .trim(),
    spoken: `${worker.name}, ${workerWord(words, seen, worker)}, ${description}`,
    ...(inTerminal ? { opens: 'swarm.revealTerminal' } : {}),
    version: [worker.updatedAt, session?.id, session?.usage.costUsd, ...Object.values(said)].join(),
  };
}

const asks = (seen: Seen, worker: Worker): boolean =>
  worker.task !== undefined && seen.tasks.get(worker.task)?.state === 'waiting';

function workerIcon(seen: Seen, worker: Worker): Icon {
  switch (worker.state) {
    case 'starting':
      return { name: 'loading~spin' };
    case 'idle':
      return { name: 'circle-large-outline' };
    case 'busy':
      return asks(seen, worker)
        ? { name: 'bell-dot', color: 'list.warningForeground' }
        : { name: 'terminal', color: 'charts.green' };
    case 'stopping':
      return { name: 'debug-stop' };
    case 'stopped':
      return { name: 'circle-slash', color: 'disabledForeground' };
    case 'lost':
      return { name: 'error', color: 'list.errorForeground' };
  }
}

/** The state of a worker in a word for people. */
export function workerWord({ t }: Words, seen: Seen, worker: Worker): string {
  switch (worker.state) {
    case 'starting':
      return t('starting');
    case 'idle':
      return t('idle');
    case 'busy':
      return asks(seen, worker) ? t('waits for you') : t('busy');
    case 'stopping':
      return t('stopping');
    case 'stopped':
      return t('stopped');
    case 'lost':
      return t('its process has died');
  }
}

/** What is to be said of a worker now, behind its name. */
export function workerDescription(seen: Seen, words: Words, worker: Worker): string {
  const { t } = words;
  const task = worker.task === undefined ? undefined : seen.tasks.get(worker.task);
  switch (worker.state) {
    case 'starting':
      return t('starting');
    case 'idle':
      return idleDescription(seen, words, worker);
    case 'busy':
      if (!task) return worker.phase ?? t('busy');
      if (task.state === 'waiting') return `${task.title} · ${task.waitingFor}`;
      return task.state === 'leased' && worker.phase !== undefined ? `${task.title} · ${worker.phase}` : task.title;
    case 'stopping':
      return t('stopping, its task goes back to the queue');
    case 'stopped':
      return t('stopped');
    case 'lost':
      return t('its process has died');
  }
}

/** A free worker may still keep the session of a task open that was handed over. */
function idleDescription(seen: Seen, { t }: Words, worker: Worker): string {
  const open = seen.overview.sessions.find((session) => session.worker === worker.id && session.state === 'open');
  const task = open && seen.tasks.get(open.task);
  return task ? t('free · session of “{0}” is open', task.title) : t('waits for a task');
}
