import type { BatchId, FaceId, RandomBytes, TaskId } from '../src/core/model/ids.ts';
import { newId } from '../src/core/model/ids.ts';
import type { SessionMode } from '../src/core/model/session.ts';
import type { OpenStore } from '../src/store/store.ts';

interface Filling {
  readonly tasks: number;
  readonly mode: SessionMode;
  readonly random: RandomBytes;
}

/** Queues a batch of tasks as a fan-out does; returns their ids. */
export async function fillStore(store: OpenStore, { tasks, mode, random }: Filling): Promise<readonly TaskId[]> {
  const batch: BatchId = newId('batch', random);
  const face: FaceId = newId('face', random);
  const ids = Array.from({ length: tasks }, () => newId('task', random));
  await store.addBatch({
    batch: {
      id: batch,
      repo: store.repo,
      face,
      mode,
      workers: 64,
      review: 'human',
      land: false,
      createdAt: Date.now(),
    },
    tasks: ids.map((id, index) => ({
      id,
      title: `Task ${index + 1} of many`,
      prompt: `Do the ${index + 1}th thing, and do it well.`,
      target: 'main',
      after: [],
      branch: `swarm/task-${id}`,
      options: {},
    })),
    now: Date.now(),
  });
  return ids;
}
