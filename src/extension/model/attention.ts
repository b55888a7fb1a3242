import type { Task } from '../../core/model/task.ts';
import type { Seen } from './seen.ts';

/** What does not go on without a person. */
export interface Attention {
  /** Their sessions stand still until somebody answers in the terminal. */
  readonly asking: readonly Task[];
  readonly toReview: readonly Task[];
  /** Approved, but git or the checkout refused the landing. */
  readonly refused: readonly Task[];
}

/** Everything in one repository that waits for a person. */
export function attentionIn(seen: Seen): Attention {
  const { tasks } = seen.overview;
  return {
    asking: tasks.filter((task) => task.state === 'waiting'),
    toReview: tasks.filter((task) => task.state === 'in_review'),
    refused: tasks.filter((task) => task.state === 'approved' && seen.entries.get(task.id)?.state === 'refused'),
  };
}

/** How many things wait for a person, over all repositories. */
export const attentionCount = (all: readonly Seen[]): number =>
  all.map(attentionIn).reduce((sum, each) => sum + each.asking.length + each.toReview.length + each.refused.length, 0);
