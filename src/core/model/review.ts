import { assertNever } from '../../base/errors.ts';
import type { ReviewId, TaskId } from './ids.ts';
import type { Task } from './task.ts';

export const reviewStates = ['open', 'approved', 'changes_asked', 'rejected', 'superseded'] as const;
export type ReviewState = (typeof reviewStates)[number];

/** A reading of one commit. A new commit needs a new one. */
export interface Review {
  readonly id: ReviewId;
  readonly task: TaskId;
  readonly base: string;
  readonly head: string;
  readonly state: ReviewState;
  /** Who decided: `you`, or `check` where the batch asks for no human. */
  readonly reviewer?: string;
  readonly note?: string;
  readonly createdAt: number;
  readonly decidedAt?: number;
}

/** What a reviewer says of a commit. */
export type Verdict =
  | { readonly kind: 'approve' }
  | { readonly kind: 'request_changes'; readonly note: string }
  /** The work is not wanted: the task is cancelled, branch and worktree stay. */
  | { readonly kind: 'reject'; readonly note: string };

export interface Refusal {
  readonly refused: string;
}

/** Decides what a verdict on `head` does to the task, or refuses in words. */
export function judge(
  task: Task,
  verdict: Verdict,
  head: string,
): { readonly to: 'approved' | 'queued' | 'cancelled'; readonly review: ReviewState } | Refusal {
  if (task.state === 'approved' && verdict.kind === 'approve' && task.head === head) {
    return { to: 'approved', review: 'approved' };
  }
  if (task.state !== 'in_review' && task.state !== 'approved') {
    return { refused: `“${task.title}” is ${task.state.replace('_', ' ')}, not in review` };
  }
  if (task.head !== head) {
    return { refused: `“${task.title}” has moved on to commit ${task.head.slice(0, 10)}; read that one first` };
  }
  switch (verdict.kind) {
    case 'approve':
      return { to: 'approved', review: 'approved' };
    case 'request_changes':
      if (verdict.note.trim() === '') return { refused: 'say what should change' };
      return { to: 'queued', review: 'changes_asked' };
    case 'reject':
      return { to: 'cancelled', review: 'rejected' };
    default:
      return assertNever(verdict, 'verdict');
  }
}
