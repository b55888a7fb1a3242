import { AppError, messageOf } from '../../base/errors.ts';
import type { SessionEnd, SessionMode } from '../model/session.ts';
import type { Task } from '../model/task.ts';
import { interrupted } from '../model/task.ts';
import type { Outcome } from '../store.ts';

/** The worker was asked to stop: the task waits for the next one, and whoever was cut off will hear of it. */
export const stoppedOutcome = (task: Task, hadSession: boolean): Outcome => ({
  kind: 'requeue',
  ...(hadSession ? { feedback: interrupted(task.feedback) } : {}),
  countsAsRound: false,
  outcome: 'stopped',
});

/** Somebody, or the system for want of memory, has killed Claude Code: it goes on where it was, but not for ever. */
export const killedOutcome = (task: Task): Outcome => ({
  kind: 'requeue',
  feedback: interrupted(task.feedback),
  countsAsRound: true,
  outcome: 'failed',
});

/** What the person at the terminal reads of a task that has left this worker. */
export function outcomeText(task: Task['id'], outcome: Outcome): string {
  switch (outcome.kind) {
    case 'in_review':
      return `${task} is ready for review`;
    case 'approved':
      return `${task} is approved by its check`;
    case 'no_changes':
      return `${task} has changed nothing`;
    case 'failed':
      return `${task} failed: ${sentence(outcome.reason)} \`swarm task retry ${task}\` goes on with it.`;
    case 'waits_for_files':
      return `${task} waits for ${outcome.files.join(', ')}, which others have claimed`;
    case 'requeue':
      return `${task} is back in the queue with all its work`;
  }
}

/** Why an attempt could not go on, and what to do about it. */
export function reasonOf(error: unknown): string {
  const text = messageOf(error);
  if (!AppError.is(error) || error.hint === undefined) return text;
  return `${sentence(text)} ${error.hint}`;
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** How a Claude Code process ended, in a few words. */
export const exitText = (end: SessionEnd): string =>
  end.signal !== undefined ? `killed by ${end.signal}` : `exit ${end.exitCode ?? 'unknown'}`;

/** Why a session that ended by itself has not completed its task. */
export function failureOf(end: SessionEnd, mode: SessionMode): string {
  const denied = end.denied.length > 0 ? `; denied: ${[...new Set(end.denied)].join(', ')}` : '';
  if (end.reason !== undefined) return `${end.reason}${denied}`;
  if (mode === 'interactive' && end.exitCode === 0) return `the session was closed before it was finished${denied}`;
  return `Claude Code ended: ${exitText(end)}${denied}`;
}
