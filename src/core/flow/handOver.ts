import { AppError } from '../../base/errors.ts';
import type { Batch } from '../model/batch.ts';
import { newId } from '../model/ids.ts';
import type { Task } from '../model/task.ts';
import type { Git } from '../ports.ts';
import type { Settings } from '../settings.ts';
import type { Outcome, Store } from '../store.ts';
import type { Findings } from './audit.ts';
import { claimsFor, filesOf, findingsOf, findingsText, needsPerson } from './audit.ts';
import type { WorkerWorld } from './worker.ts';

/** What a worker holds while it drives a task. */
export interface Held {
  readonly task: Task;
  readonly batch: Batch;
  readonly worktree: string;
  readonly base: string;
  readonly logs: string;
}

/** What a hand-over needs of the world. */
export interface HandOverWorld extends Pick<WorkerWorld, 'git' | 'checks' | 'clock' | 'random'> {
  readonly store: Pick<Store, 'task' | 'claimFound' | 'wants' | 'warned'>;
}

/**
 * Decides what becomes of a task whose session says it is complete. One that was refused files waits for them: it cannot be complete.
 * Else commits what was left, claims what it has changed and
 * tells what it should not have, checks where nobody reviews.
 */
export async function handOver(
  world: HandOverWorld,
  held: Held,
  settings: Settings,
  signal: AbortSignal,
): Promise<Outcome> {
  const { git } = world;
  const { task, worktree } = held;
  const mayTryAgain = task.rounds < settings['tasks.maxRounds'];
  const wanted = await world.store.wants(task.id);
  if (wanted.length > 0) return { kind: 'waits_for_files', files: wanted.map(({ path }) => path) };
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
  // The session may have taken in its target meanwhile.
  const known = (await world.store.task(task.id))?.base ?? held.base;
  if (head === known) return { kind: 'no_changes' };
  const base = await leftSide(git, task, known, head);
  const findings = await audit(world, task, settings, base, head);
  // What a person has not allowed must not land by itself; whoever reviews is warned, and decides.
  if (held.batch.review === 'human' || needsPerson(findings)) return { kind: 'in_review', base, head };
  if (held.batch.check === undefined) return { kind: 'approved', base, head };
  const timeoutMs = settings['check.timeoutSeconds'] * 1000;
  const result = await world.checks.run(held.batch.check, worktree, timeoutMs, `${held.logs}/check.log`, signal);
  signal.throwIfAborted();
  if (result.passed) return { kind: 'approved', base, head };
  if (!mayTryAgain) return { kind: 'in_review', base, head };
  const text = `\`${held.batch.check}\` ended with ${result.summary}:\n\n${result.tail}`;
  return { kind: 'requeue', feedback: { kind: 'check_failed', text }, countsAsRound: true, outcome: 'failed' };
}

/** The left side of the review: what `head` has in common with its target, where that is newer than the base, is no work of the task. */
async function leftSide(git: Git, { target }: Task, base: string, head: string): Promise<string> {
  const tip = await git.resolve(`refs/heads/${target}`);
  const met = tip === undefined ? undefined : await git.mergeBase(tip, head);
  if (met === undefined || met === base || met === head) return base;
  return (await git.isAncestor(base, met)) ? met : base;
}

/** Claims the files that the task has changed, and warns of those that it should not have. */
async function audit(
  { git, store, clock, random }: HandOverWorld,
  task: Task,
  settings: Settings,
  base: string,
  head: string,
): Promise<Findings> {
  const changes = await git.diff(base, head);
  const modes = settings['claims.modes'];
  const paths = claimsFor(modes, filesOf(changes));
  const ids = paths.map(() => newId('claim', random));
  const now = clock.now();
  const { violations } = await store.claimFound({ task: task.id, paths, ids, now });
  const findings = findingsOf(task, modes, changes, violations);
  for (const text of findingsText(findings, now)) await store.warned({ task: task.id, text, now });
  return findings;
}
