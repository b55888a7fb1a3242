import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { TaskId, WorkerId } from '../src/core/model/ids.ts';
import { newId } from '../src/core/model/ids.ts';
import type { ProcessIdentity } from '../src/core/model/process.ts';
import type { OpenStore } from '../src/store/store.ts';
import { fillStore } from './fillStore.ts';

/** A worker with the task that it drives. */
export interface AtWork {
  readonly worker: WorkerId;
  readonly task: TaskId;
  /** Where it works, as the store has it; nothing is there. */
  readonly worktree: string;
}

/** Puts so many workers to work in a store, each on a task of its own; `processOf` says which process each is. */
export async function putToWork(
  store: OpenStore,
  count: number,
  processOf: (index: number) => ProcessIdentity = (index) => ({
    machine: hostname(),
    pid: 4_000_000 + index,
    startTime: `bench/${index}`,
  }),
): Promise<readonly AtWork[]> {
  await fillStore(store, { tasks: count, mode: 'print', random: randomBytes });
  const crew: AtWork[] = [];
  for (let index = 0; index < count; index += 1) {
    const [worker, launch, face] = [
      newId('worker', randomBytes),
      newId('launch', randomBytes),
      newId('face', randomBytes),
    ];
    const owner = processOf(index);
    const now = Date.now();
    await store.requestWorker({ worker, launch, face, mode: 'print', machine: owner.machine, max: 64, now });
    await store.workerStarted({ worker, process: owner, leaseMs: 3_600_000, now });
    const attempt = newId('attempt', randomBytes);
    const lease = {
      worker,
      attempt,
      owner,
      leaseMs: 3_600_000,
      max: 64,
      startAfter: 'merged',
      modes: {},
      now,
    } as const;
    const answer = await store.leaseNext(lease);
    if (answer.kind !== 'leased') throw new Error(`worker ${index} got no task: ${answer.kind}`);
    const worktree = `/bench/worktrees/${answer.task.id}`;
    await store.placed({ lease: answer.task.lease, worktree, base: '0'.repeat(40), now });
    crew.push({ worker, task: answer.task.id, worktree });
  }
  return crew;
}
