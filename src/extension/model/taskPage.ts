import type { SwarmEvent } from '../../core/model/event.ts';
import type { MergeEntry } from '../../core/model/merge.ts';
import type { Review } from '../../core/model/review.ts';
import type { Attempt } from '../../core/model/session.ts';
import type { Task } from '../../core/model/task.ts';
import type { ChangedFile } from '../../core/ports.ts';
import { changesInShort } from './changes.ts';
import { kindWord } from './claimsTree.ts';
import { taskFacts, warnings } from './hovers.ts';
import { code, fenced, plain, quoted } from './markdown.ts';
import type { Seen } from './seen.ts';
import { stateWord, taskDescription } from './taskState.ts';
import type { Words } from './words.ts';

/** Everything that is known of one task. */
export interface TaskStory {
  readonly task: Task;
  readonly attempts: readonly Attempt[];
  readonly reviews: readonly Review[];
  readonly entry: MergeEntry | undefined;
  readonly files: readonly ChangedFile[];
  /** Its last events, oldest first. */
  readonly events: readonly SwarmEvent[];
}

/** Claims beyond these stand in the view of claims only. */
const mostClaims = 100;

/** The page of a task, as Markdown. */
export function taskPage(seen: Seen, words: Words, story: TaskStory): string {
  const { t, time } = words;
  const { task } = story;
  const facts = taskFacts(seen, words, task).filter(([, value]) => value !== undefined && value !== '');
  const reason = 'reason' in task ? task.reason : undefined;
  const claims = seen.team?.holdings.byHolder.get(task.id)?.claims.slice(0, mostClaims) ?? [];
  return [
    `# ${plain(task.title)}`,
    `**${plain(stateWord(words, task))}** ${reason === undefined ? plain(taskDescription(seen, words, task)) : ''}`,
    ...(reason === undefined ? [] : [quoted(reason, 40)]),
    ...warnings(seen, task),
    `| | |\n|---|---|\n${facts.map(([label, value]) => `| ${label} | ${cell(value ?? '')} |`).join('\n')}`,
    `## ${t('Prompt')}`,
    fenced(task.prompt.length > 20_000 ? `${task.prompt.slice(0, 20_000)}…` : task.prompt),
    ...(task.feedback === undefined ? [] : [`## ${t('Sent back with')}`, quoted(task.feedback.text, 200)]),
    ...section(
      `${t('Changes')}: ${changesInShort(words, story.files)}`,
      story.files.map(
        (file) => `- ${code(file.path)} ${file.added === undefined ? '' : `+${file.added} −${file.removed ?? 0}`}`,
      ),
    ),
    ...section(
      t('Claims'),
      claims.map(({ path, kind }) => `- ${code(path)}${kind === 'file' ? '' : ` (${kindWord(words, kind)})`}`),
    ),
    ...section(
      t('Attempts'),
      story.attempts.map((attempt) => attemptLine(words, attempt)),
    ),
    ...section(
      t('Reviews'),
      story.reviews.map((review) => reviewLine(words, review)),
    ),
    ...(story.entry === undefined ? [] : section(t('Merge'), [entryLine(words, story.entry)])),
    ...section(
      t('Events'),
      story.events.map((event) => `- ${plain(time(event.at))} ${plain(event.text.slice(0, 400))}`),
    ),
  ].join('\n\n');
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`## ${title}`, lines.join('\n')];

const cell = (text: string): string => text.replace(/(?<!\\)\|/g, '\\|');

function attemptLine({ t, time }: Words, attempt: Attempt): string {
  const end =
    attempt.endedAt === undefined
      ? t('goes on')
      : `${attempt.outcome?.replace('_', ' ') ?? ''} ${time(attempt.endedAt)}`;
  const reason = attempt.reason === undefined ? '' : `: ${plain(attempt.reason)}`;
  return `${attempt.number}. ${plain(time(attempt.startedAt))} – ${plain(end)}${reason}`;
}

function reviewLine({ time }: Words, review: Review): string {
  const by = review.reviewer === undefined ? '' : ` (${plain(review.reviewer)})`;
  const note = review.note === undefined ? '' : `\n\n  ${quoted(review.note, 40).replaceAll('\n', '\n  ')}`;
  return `- ${plain(time(review.createdAt))} ${code(review.head.slice(0, 10))} ${plain(review.state.replace('_', ' '))}${by}${note}`;
}

function entryLine({ t, time }: Words, entry: MergeEntry): string {
  const reason = entry.reason === undefined ? '' : `: ${plain(entry.reason)}`;
  const log = entry.log === undefined ? '' : ` ${t('Log')}: ${code(entry.log)}`;
  return `- ${plain(time(entry.createdAt))} ${code(entry.head.slice(0, 10))} → ${code(entry.target)} ${plain(entry.state.replace('_', ' '))}${reason}${log}`;
}
