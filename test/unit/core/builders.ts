import type { Batch } from '../../../src/core/model/batch.ts';
import type { BatchId, FaceId, RepoId, TaskId, WorkerId } from '../../../src/core/model/ids.ts';
import type { Overview, Situation } from '../../../src/core/model/snapshot.ts';
import { emptyOverview } from '../../../src/core/model/snapshot.ts';
import type { Task } from '../../../src/core/model/task.ts';
import type { Worker } from '../../../src/core/model/worker.ts';

/** A task with everything filled in; a state's own fields are given with it. */
export function task(over: Partial<Task> & Record<string, unknown> = {}): Task {
  return {
    id: 't1' as TaskId,
    repo: 'r1' as RepoId,
    batch: 'b1' as BatchId,
    kind: 'change',
    title: 'Do it',
    prompt: 'Do it',
    target: 'main',
    after: [],
    branch: 'swarm/do-it-t1',
    options: {},
    attempts: 0,
    rounds: 0,
    costUsd: 0,
    tokens: 0,
    turns: 0,
    createdAt: 0,
    updatedAt: 0,
    state: 'queued',
    ...over,
  } as Task;
}

export function batch(over: Partial<Batch> = {}): Batch {
  return {
    id: 'b1' as BatchId,
    repo: 'r1' as RepoId,
    face: 'f1' as FaceId,
    mode: 'print',
    workers: 3,
    review: 'human',
    land: false,
    createdAt: 0,
    ...over,
  };
}

export function worker(over: Partial<Worker> = {}): Worker {
  return {
    id: 'w1' as WorkerId,
    repo: 'r1' as RepoId,
    name: 'worker 1',
    mode: 'print',
    state: 'idle',
    machine: 'here',
    startedAt: 0,
    updatedAt: 0,
    ...over,
  };
}

/** What a coordinator reads of a repository in which nothing is to be done. */
export function situation(over: Partial<Situation> = {}): Situation {
  return { workers: [], tasks: [], batches: [], sessions: [], entries: [], leases: [], launches: [], ...over };
}

export function overview(over: Partial<Overview> = {}): Overview {
  return { ...emptyOverview, ...over };
}
