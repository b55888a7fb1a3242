import type { AttemptId, BatchId, EntryId, RepoId, SessionId, TaskId } from './ids.ts';
import type { TaskLease } from './lease.ts';
import type { PermissionMode } from './session.ts';

/** Every state a task can be in, in the order of its way. */
export const taskStates = [
  'proposed',
  'queued',
  'leased',
  'running',
  'waiting',
  'in_review',
  'approved',
  'merging',
  'merged',
  'failed',
  'cancelled',
  'skipped',
  'dead',
] as const;
export type TaskState = (typeof taskStates)[number];

/** Where each state may lead. The only table of it; the store refuses what is not here. */
export const transitions: Readonly<Record<TaskState, readonly TaskState[]>> = {
  proposed: ['queued', 'cancelled'],
  queued: ['leased', 'cancelled', 'failed'],
  leased: ['running', 'queued', 'cancelled', 'failed'],
  running: ['waiting', 'in_review', 'approved', 'queued', 'skipped', 'cancelled', 'failed', 'dead'],
  waiting: ['running', 'in_review', 'approved', 'queued', 'skipped', 'cancelled', 'failed', 'dead'],
  in_review: ['approved', 'queued', 'leased', 'cancelled'],
  approved: ['merging', 'in_review', 'queued', 'leased', 'cancelled'],
  merging: ['merged', 'approved', 'in_review', 'queued'],
  merged: [],
  failed: ['queued'],
  cancelled: ['queued'],
  skipped: ['queued', 'leased'],
  dead: ['queued'],
};

/** States in which a worker holds the task's lease. */
export const leasedStates = ['leased', 'running', 'waiting'] as const satisfies readonly TaskState[];
/** States that nothing leaves by itself. */
export const endedStates = ['merged', 'failed', 'cancelled', 'skipped', 'dead'] as const satisfies readonly TaskState[];

export const isLeased = (state: TaskState): state is (typeof leasedStates)[number] =>
  (leasedStates as readonly TaskState[]).includes(state);
export const hasEnded = (state: TaskState): state is (typeof endedStates)[number] =>
  (endedStates as readonly TaskState[]).includes(state);

/** What a person may set for one task; whatever is absent comes from the settings when the session starts. */
export interface TaskOptions {
  readonly model?: string;
  readonly permissionMode?: PermissionMode;
  /** Folders outside the worktree that the session may read and edit (absolute paths). */
  readonly addDirs?: readonly string[];
  /** Commands the session may run, each also with arguments: `npm test`. */
  readonly allowedCommands?: readonly string[];
  /** Permission rules in Claude Code's own form, such as `WebFetch` or `Bash(make:*)`. */
  readonly allowedTools?: readonly string[];
  readonly disallowedTools?: readonly string[];
  /** Globs of what it is expected to change: claimed before it starts; changes elsewhere are reported. */
  readonly paths?: readonly string[];
  /** Globs of what it must not change. */
  readonly forbidden?: readonly string[];
  /** Its branch was there before and is gone on with, by the person's word. */
  readonly continues?: true;
}

/** Why a task came back to the queue, and what its author must know. */
export interface Feedback {
  readonly kind: 'changes_asked' | 'conflict' | 'check_failed' | 'files_free' | 'interrupted';
  /** Plain text for the session: the reviewer's words, the conflicting hunks, the end of the check's log, the files it waited for. */
  readonly text: string;
  /** The commit to merge into the branch first, so that the author sees what is to be solved. */
  readonly mergeIn?: string;
}

/** What a session is told that was cut off; what it had been told before is kept, so that no request is forgotten. */
export function interrupted(before: Feedback | undefined): Feedback {
  if (before === undefined) return { kind: 'interrupted', text: '' };
  return before.kind === 'interrupted'
    ? before
    : { ...before, kind: 'interrupted', text: `Before that you were told:\n\n${before.text}\n\n` };
}

/** What every task has, whatever its state. */
export interface TaskCommon {
  readonly id: TaskId;
  readonly repo: RepoId;
  readonly batch: BatchId;
  readonly kind: 'change';
  /** One line, at most 80 characters, without control characters. */
  readonly title: string;
  readonly prompt: string;
  /** The branch its work lands on. */
  readonly target: string;
  /** A base other than the target's tip, as the person named it. */
  readonly requestedBase?: string;
  /** Tasks that must be merged (or by setting in review) before this one starts. */
  readonly after: readonly TaskId[];
  readonly branch: string;
  /** Absolute path of its worktree, from the first attempt on. */
  readonly worktree?: string;
  /** The commit the branch started from or last took in; the left side of the review. From the first attempt on. */
  readonly base?: string;
  /** The last commit handed over. */
  readonly head?: string;
  readonly options: TaskOptions;
  /** Attempts begun so far. */
  readonly attempts: number;
  /** Times it was sent back to its author. */
  readonly rounds: number;
  readonly feedback?: Feedback;
  /** Sum over all attempts. */
  readonly costUsd: number;
  readonly tokens: number;
  readonly turns: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A task; a field of a state exists only while the task is in it. */
export type Task = TaskCommon &
  (
    | { readonly state: 'proposed' | 'queued' }
    | { readonly state: 'leased'; readonly lease: TaskLease; readonly attempt: AttemptId }
    | { readonly state: 'running'; readonly lease: TaskLease; readonly attempt: AttemptId; readonly session: SessionId }
    | {
        readonly state: 'waiting';
        readonly lease: TaskLease;
        readonly attempt: AttemptId;
        readonly session: SessionId;
        /** What it waits for, in words: `permission for Bash (npm publish)`. */
        readonly waitingFor: string;
      }
    | { readonly state: 'in_review' | 'approved'; readonly base: string; readonly head: string }
    | { readonly state: 'merging'; readonly base: string; readonly head: string; readonly entry: EntryId }
    | { readonly state: 'merged'; readonly head: string; readonly landed: string }
    | { readonly state: 'failed' | 'cancelled' | 'skipped' | 'dead'; readonly reason: string }
  );

/** A task's title made of its prompt: the first line with words, cut at 80 characters, control characters out. */
export function titleOf(prompt: string): string {
  const line = prompt.split(/\r?\n/).find((text) => text.trim() !== '') ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing control, bidi and zero-width characters is the point.
  const clean = line.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, ' ');
  const text = clean.replace(/\s+/g, ' ').trim();
  const characters = Array.from(text);
  return characters.length <= 80 ? text : `${characters.slice(0, 79).join('').trimEnd()}…`;
}

/** A part of a branch or folder name: `[a-z0-9-]{1,40}`, never empty, neither starting nor ending with a hyphen. */
export function slugOf(title: string): string {
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return slug === '' ? 'task' : slug;
}

/** True for a name that git takes for a branch (git-check-ref-format), and that no command line takes for an option. */
export function isBranchName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git forbids control characters in names.
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.$|^[-/]|\/$|^@$/.test(name) || name === '') return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

/** Fills a branch template: `{slug}`, `{id}`, `{batch}` are replaced. */
export function branchName(template: string, task: { id: TaskId; batch: BatchId; title: string }): string {
  return template
    .replaceAll('{slug}', slugOf(task.title))
    .replaceAll('{id}', task.id)
    .replaceAll('{batch}', task.batch);
}
