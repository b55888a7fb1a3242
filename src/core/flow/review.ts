import type { RandomBytes, TaskId } from '../model/ids.ts';
import { newId } from '../model/ids.ts';
import type { Refusal, Verdict } from '../model/review.ts';
import { judge } from '../model/review.ts';
import type { Task } from '../model/task.ts';
import type { Git } from '../ports.ts';
import type { Store } from '../store.ts';

interface LookWorld {
  readonly store: Pick<Store, 'task'>;
  readonly git: Pick<Git, 'resolve' | 'changes'>;
}

export interface ReviewWorld extends LookWorld {
  readonly store: Pick<Store, 'task' | 'decide' | 'reopenReview'>;
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
  const found = await look(world, decision);
  if ('movedTo' in found) {
    const { task, movedTo: head, reason } = found;
    const review = newId('review', world.random);
    await world.store.reopenReview({ task: task.id, review, base: task.base, head, reason, now: world.now() });
  }
  if ('refused' in found) return { refused: found.refused };
  return world.store.decide({
    task: decision.task,
    verdict: decision.verdict,
    head: found.asked,
    reviewer: decision.reviewer,
    entry: newId('entry', world.random),
    now: world.now(),
  });
}

/** The task as it is when `decide` would take the verdict, else why it would not. Changes nothing. */
export async function previewDecision(world: LookWorld, decision: Decision): Promise<Task | Refusal> {
  const found = await look(world, decision);
  if ('refused' in found) return { refused: found.refused };
  const judged = judge(found.task, decision.verdict, found.asked);
  return 'refused' in judged ? judged : found.task;
}

type InReview = Extract<Task, { state: 'in_review' | 'approved' }>;
type Looked =
  | { readonly task: Task; readonly asked: string }
  | Refusal
  | (Refusal & { readonly task: InReview; readonly movedTo: string; readonly reason: string });

/** What the repository has to say on a verdict. */
async function look(world: LookWorld, decision: Decision): Promise<Looked> {
  const task = await world.store.task(decision.task);
  if (!task) return { refused: `there is no task ${decision.task}` };
  if (task.head === undefined) return { refused: `“${task.title}” has handed over nothing yet` };
  const asked = decision.head ?? task.head;
  if ((task.state !== 'in_review' && task.state !== 'approved') || decision.verdict.kind === 'reject')
    return { task, asked };
  const tip = await world.git.resolve(`refs/heads/${task.branch}`);
  if (tip === undefined) return { refused: `the branch ${task.branch} is gone` };
  if (tip !== task.head) {
    const reason = `${task.branch} has moved on to ${tip.slice(0, 10)}`;
    return { refused: `${reason}; read that one first`, task, movedTo: tip, reason };
  }
  if (decision.verdict.kind !== 'approve' || task.worktree === undefined) return { task, asked };
  const left = await world.git.changes(task.worktree);
  if (left.length === 0) return { task, asked };
  const names = `${left.slice(0, 5).join(', ')}${left.length > 5 ? ' …' : ''}`;
  return { refused: `its worktree has changes that are not committed: ${names}` };
}
