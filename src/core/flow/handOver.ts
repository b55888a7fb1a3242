import { AppError } from '../../base/errors.ts';
import type { Batch } from '../model/batch.ts';
import type { Task } from '../model/task.ts';
import type { Settings } from '../settings.ts';
import type { Outcome } from '../store.ts';
import type { WorkerWorld } from './worker.ts';

/** What a worker holds while it drives a task. */
export interface Held {
  readonly task: Task;
  readonly batch: Batch;
  readonly worktree: string;
  readonly base: string;
  readonly logs: string;
}

/** Decides what becomes of a task whose session says it is complete: commits what was left, checks where nobody reviews. */
export async function handOver(
  world: Pick<WorkerWorld, 'git' | 'checks'>,
  held: Held,
  settings: Settings,
  signal: AbortSignal,
): Promise<Outcome> {
  const { git } = world;
  const { task, worktree, base } = held;
  const mayTryAgain = task.rounds < settings['tasks.maxRounds'];
  let head: string | undefined;
  if (settings['tasks.commitLeftovers']) {
    try {
      head = await git.commitAll(worktree, `${task.title}\n\nWhat the session left uncommitted, committed by Swarm.`);
    } catch (error) {
      if (!AppError.is(error, 'conflicts_left')) throw error;
      if (!mayTryAgain) return { kind: 'failed', reason: error.message };
      const feedback = { kind: 'conflict', text: error.message } as const;
      return { kind: 'requeue', feedback, countsAsRound: true, outcome: 'failed' };
    }
  } else if ((await git.changes(worktree)).length > 0) {
    return { kind: 'failed', reason: 'the session left changes that are not committed; they are in its worktree' };
  }
  head ??= await git.head(worktree);
  if ((await git.resolve(`refs/heads/${task.branch}`)) !== head) {
    return {
      kind: 'failed',
      reason: `its work is not on its branch ${task.branch}: the session has left it for ${head.slice(0, 10)}`,
    };
  }
  if (head === base) return { kind: 'no_changes' };
  if (held.batch.review === 'human') return { kind: 'in_review', base, head };
  if (held.batch.check === undefined) return { kind: 'approved', base, head };
  const timeoutMs = settings['check.timeoutSeconds'] * 1000;
  const result = await world.checks.run(held.batch.check, worktree, timeoutMs, `${held.logs}/check.log`, signal);
  signal.throwIfAborted();
  if (result.passed) return { kind: 'approved', base, head };
  if (!mayTryAgain) return { kind: 'in_review', base, head };
  const text = `\`${held.batch.check}\` ended with ${result.summary}:\n\n${result.tail}`;
  return { kind: 'requeue', feedback: { kind: 'check_failed', text }, countsAsRound: true, outcome: 'failed' };
}
