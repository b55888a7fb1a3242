import type { Composed, Git } from '../ports.ts';
import type { TaskAtWork } from './atWork.ts';
import { standOf } from './atWork.ts';

/** What became of a merge into a task's branch; only `merged` has changed anything. */
export type TakenIn =
  | { readonly kind: 'merged' | 'up_to_date'; readonly head: string }
  | Extract<Composed, { kind: 'conflict' }>
  /** Uncommitted changes, or a merge that is not finished, stand in the way; git's words. */
  | { readonly kind: 'refused'; readonly reason: string };

/** How often one starts over because the session commits meanwhile. */
const mostMoves = 5;

/**
 * Merges a commit into the branch of a task, files and all, or leaves everything as it was: the merge is made in memory, and
 * the worktree follows only when nothing uncommitted is touched by it.
 */
export async function takeIn(git: Git, task: TaskAtWork, commit: string, what: string): Promise<TakenIn> {
  for (let move = 0; move < mostMoves; move++) {
    const head = await standOf(git, task);
    if (await git.isAncestor(commit, head)) return { kind: 'up_to_date', head };
    const composed: Composed = (await git.isAncestor(head, commit))
      ? { kind: 'clean', commit }
      : await git.compose(head, commit, `Merge ${what} into ${task.branch}`);
    if (composed.kind === 'conflict') return composed;
    const landed = await git.land(task.branch, head, composed.commit);
    if (landed.kind === 'landed') return { kind: 'merged', head: composed.commit };
    if (landed.kind === 'refused') return landed;
  }
  return { kind: 'refused', reason: `${task.branch} was moved by others ${mostMoves} times meanwhile` };
}
