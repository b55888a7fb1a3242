import type { SwarmEvent } from '../../core/model/event.ts';
import type { Task } from '../../core/model/task.ts';
import type { Worker } from '../../core/model/worker.ts';
import { code, plain, quoted } from './markdown.ts';
import type { Seen } from './seen.ts';
import { taskOf, workerOf } from './seen.ts';
import { sentence } from './sentence.ts';
import { stateWord, taskDescription } from './taskState.ts';
import type { Words } from './words.ts';
import { workerWord } from './workersTree.ts';

type Fact = readonly [label: string, value: string | undefined];

const factLines = (facts: readonly Fact[]): string =>
  facts.flatMap(([label, value]) => (value === undefined || value === '' ? [] : [`${label}: ${value}  `])).join('\n');

const short = (commit: string | undefined): string | undefined =>
  commit === undefined ? undefined : code(commit.slice(0, 10));

/** What the hover over a task says, as Markdown; `events` are its last ones. */
export function taskHover(seen: Seen, words: Words, task: Task, events: readonly SwarmEvent[]): string {
  const { t } = words;
  const said = taskDescription(seen, words, task);
  const reason = 'reason' in task ? task.reason : undefined;
  return [
    `**${plain(task.title)}**`,
    plain([stateWord(words, task), reason === undefined ? said : ''].filter(Boolean).join(': ')),
    ...(reason === undefined ? [] : [quoted(reason, 8)]),
    ...(task.feedback === undefined ? [] : [`${t('Sent back with')}:`, quoted(task.feedback.text, 8)]),
    ...warnings(seen, task),
    factLines(taskFacts(seen, words, task)),
    ...lastEvents(words, events),
  ].join('\n\n');
}

/** The facts of a task that both its hover and its page show. */
export function taskFacts(seen: Seen, words: Words, task: Task): readonly Fact[] {
  const { t, count, money } = words;
  const session = seen.sessions.get(task.id);
  return [
    [t('Branch'), `${code(task.branch)} → ${code(task.target)}`],
    [t('Base'), short(task.base)],
    [t('Head'), short(task.head)],
    [t('Landed as'), 'landed' in task ? short(task.landed) : undefined],
    [t('Worktree'), task.worktree === undefined ? undefined : code(task.worktree)],
    [t('Worker'), plain(workerOf(seen, task)?.name ?? '')],
    [t('Session'), session === undefined ? undefined : code(session.claudeSessionId)],
    [t('Says'), plain(seen.sayings.get(task.id)?.status ?? '')],
    [t('Claims'), claimsInShort(seen, words, task)],
    [t('Attempts'), task.attempts === 0 ? undefined : count(task.attempts)],
    [t('Sent back'), task.rounds === 0 ? undefined : count(task.rounds)],
    [
      t('Used'),
      task.turns === 0 && task.tokens === 0
        ? undefined
        : t('{0}, {1} tokens, {2} turns', money(task.costUsd), count(task.tokens), count(task.turns)),
    ],
  ];
}

/** What a person should know before they trust what the session of a task does, as Markdown. */
export function warnings(seen: Seen, task: Task): readonly string[] {
  const { stuck, unenforced } = seen.sayings.get(task.id) ?? {};
  return [unenforced, stuck].flatMap((text) => (text === undefined ? [] : `⚠ **${plain(sentence(text))}**`));
}

const mostNamed = 5;

function claimsInShort(seen: Seen, { t, count }: Words, task: Task): string | undefined {
  const claims = seen.team?.holdings.byHolder.get(task.id)?.claims;
  if (!claims) return undefined;
  const named = claims.slice(0, mostNamed).map(({ path }) => code(path));
  const left = claims.length - named.length;
  return [...named, ...(left === 0 ? [] : [t('and {0} more', count(left))])].join(', ');
}

/** What the hover over a worker says: the evidence that it lives, and what it did last. */
export function workerHover(seen: Seen, words: Words, worker: Worker, events: readonly SwarmEvent[]): string {
  const { t, time, money } = words;
  const session = seen.overview.sessions.find((each) => each.worker === worker.id && each.state !== 'ended');
  const task = worker.task === undefined ? undefined : seen.tasks.get(worker.task);
  const about = taskOf(seen, worker);
  const facts: readonly Fact[] = [
    [t('Task'), task === undefined ? undefined : plain(task.title)],
    [t('Says'), plain((about && seen.sayings.get(about.id)?.status) ?? '')],
    [t('Phase'), worker.phase === undefined ? undefined : plain(worker.phase)],
    [
      t('Process'),
      worker.process === undefined
        ? t('none yet')
        : t('pid {0} on {1}', worker.process.pid, plain(worker.process.machine)),
    ],
    [t('Since'), time(worker.startedAt)],
    [t('Session'), session === undefined ? undefined : code(session.claudeSessionId)],
    [t('Claude Code'), session?.process === undefined ? undefined : t('pid {0}', session.process.pid)],
    [t('Cost'), session === undefined || session.usage.costUsd === 0 ? undefined : money(session.usage.costUsd)],
  ];
  return [
    `**${plain(worker.name)}** ${plain(workerWord(words, seen, worker))}`,
    ...(about === undefined ? [] : warnings(seen, about)),
    factLines(facts),
    ...lastEvents(words, events),
  ].join('\n\n');
}

function lastEvents({ t, time }: Words, events: readonly SwarmEvent[]): readonly string[] {
  if (events.length === 0) return [];
  const lines = events.map((event) => `- ${plain(time(event.at))} ${plain(event.text.slice(0, 200))}`);
  return [`${t('Last')}:\n${lines.join('\n')}`];
}
