import type { StartAfter } from '../core/flow/waiting.ts';
import { waitsFor } from '../core/flow/waiting.ts';
import type { Claim } from '../core/model/claim.ts';
import type { MergeEntry } from '../core/model/merge.ts';
import type { Review } from '../core/model/review.ts';
import type { Overview } from '../core/model/snapshot.ts';
import type { Task } from '../core/model/task.ts';
import type { Worker } from '../core/model/worker.ts';
import { claimView } from './team/views.ts';

/** A task as scripts see it. Fields may be added, none will go. */
export interface TaskView {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly state: string;
  /** Attempts begun so far. */
  readonly attempt: number;
  readonly branch: string;
  readonly base: string | null;
  readonly head: string | null;
  readonly worker: string | null;
  /** What it waits for, in words. */
  readonly waitingFor: string | null;
  readonly costUsd: number;
  readonly batch: string;
  readonly target: string;
  readonly after: readonly string[];
  readonly worktree: string | null;
  /** Why it ended, where it did not end well. */
  readonly reason: string | null;
  /** The commit on the target that brought it home. */
  readonly landed: string | null;
}

export function taskView(
  task: Task,
  tasks: ReadonlyMap<Task['id'], Task>,
  startAfter: StartAfter,
  blocked: Overview['blocked'],
): TaskView {
  return {
    id: task.id,
    title: task.title,
    kind: task.kind,
    state: task.state,
    attempt: task.attempts,
    branch: task.branch,
    base: task.base ?? null,
    head: task.head ?? null,
    worker: 'lease' in task ? task.lease.worker : null,
    waitingFor: waitsFor(task, tasks, startAfter, blocked) ?? null,
    costUsd: task.costUsd,
    batch: task.batch,
    target: task.target,
    after: task.after,
    worktree: task.worktree ?? null,
    reason: 'reason' in task ? task.reason : null,
    landed: 'landed' in task ? task.landed : null,
  };
}

/** The views of all tasks of an overview, in its order. */
export function taskViews(overview: Pick<Overview, 'tasks' | 'blocked'>, startAfter: StartAfter): readonly TaskView[] {
  const tasks = new Map(overview.tasks.map((task) => [task.id, task]));
  return overview.tasks.map((task) => taskView(task, tasks, startAfter, overview.blocked));
}

/** A worker as scripts see it. */
export const workerView = (worker: Worker) => ({
  id: worker.id,
  name: worker.name,
  state: worker.state,
  task: worker.task ?? null,
  pid: worker.process?.pid ?? null,
  machine: worker.machine,
  mode: worker.mode,
  phase: worker.phase ?? null,
});

/** A review as scripts see it. */
export const reviewView = (review: Review) => ({
  id: review.id,
  task: review.task,
  head: review.head,
  state: review.state,
  reviewer: review.reviewer ?? null,
  base: review.base,
  note: review.note ?? null,
});

/** An entry of a merge queue as scripts see it. */
export const entryView = (entry: MergeEntry) => ({
  id: entry.id,
  task: entry.task,
  target: entry.target,
  state: entry.state,
  position: entry.position,
  landed: entry.landed ?? null,
  reason: entry.reason ?? null,
  log: entry.log ?? null,
});

/** Everything that `swarm status --json` says. */
export function statusView(overview: Overview, claims: readonly Claim[], startAfter: StartAfter) {
  return {
    workers: overview.workers.map(workerView),
    tasks: taskViews(overview, startAfter),
    claims: claims.map(claimView),
    reviews: overview.reviews.map(reviewView),
    merges: overview.entries.map(entryView),
    unread: overview.unread,
  };
}
