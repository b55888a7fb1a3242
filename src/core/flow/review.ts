import type { RandomBytes, TaskId } from '../model/ids.ts';
import { newId } from '../model/ids.ts';
import type { Refusal, Verdict } from '../model/review.ts';
import type { Task } from '../model/task.ts';
import type { Git } from '../ports.ts';
import type { Store } from '../store.ts';

export interface ReviewWorld {
  readonly store: Pick<Store, 'task' | 'decide' | 'reopenReview'>;
  readonly git: Pick<Git, 'resolve' | 'changes'>;
  readonly random: RandomBytes;
  now(): number;
}

/** A verdict, on the commit that the reviewer has read. */
export interface Decision {
  readonly task: TaskId;
  readonly verdict: Verdict;
  /** The commit that was read; absent: the one in review. */
  readonly head?: string;
  readonly reviewer: string;
}

/**
 * Decides a review. The branch must still be where the reviewer saw it: when it has moved, a new review is opened and the
 * verdict refused; an approval is refused while the worktree holds changes that no commit has.
 */
export async function decide(world: ReviewWorld, decision: Decision): Promise<Task | Refusal> {
  const task = await world.store.task(decision.task);
  if (!task) return { refused: `there is no task ${decision.task}` };
  if (task.head === undefined) return { refused: `“${task.title}” has handed over nothing yet` };
  const asked = decision.head ?? task.head;
  if ((task.state === 'in_review' || task.state === 'approved') && decision.verdict.kind !== 'reject') {
    const tip = await world.git.resolve(`refs/heads/${task.branch}`);
    if (tip === undefined) return { refused: `the branch ${task.branch} is gone` };
    if (tip !== task.head) {
      const reason = `${task.branch} has moved on to ${tip.slice(0, 10)}`;
      await world.store.reopenReview({
        task: task.id,
        review: newId('review', world.random),
        base: task.base,
        head: tip,
        reason,
        now: world.now(),
      });
      return { refused: `${reason}; read that one first` };
    }
    if (decision.verdict.kind === 'approve' && task.worktree !== undefined) {
      const left = await world.git.changes(task.worktree);
      if (left.length > 0) {
        return {
          refused: `its worktree has changes that are not committed: ${left.slice(0, 5).join(', ')}${left.length > 5 ? ' …' : ''}`,
        };
      }
    }
  }
  return world.store.decide({
    task: task.id,
    verdict: decision.verdict,
    head: asked,
    reviewer: decision.reviewer,
    entry: newId('entry', world.random),
    now: world.now(),
  });
}
