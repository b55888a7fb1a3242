// Leases and finishes tasks until none is left: node leaser.ts ours|plain
import { randomBytes } from 'node:crypto';
import type { WorkerId } from '../../src/core/model/ids.ts';
import { newId } from '../../src/core/model/ids.ts';
import { openProcesses } from '../../src/process/identity.ts';
import { openStore } from '../../src/store/open.ts';
import { Program } from '../program.ts';

export interface Work {
  readonly path: string;
  readonly worker: WorkerId;
  /** Wall-clock milliseconds at which everybody begins. */
  readonly at: number;
}

export interface Worked {
  readonly done: number;
  /** The longest that one transaction took, waiting included, in milliseconds. */
  readonly slowestMs: number;
}

/** Waits as SQLite does by itself, blocking for up to a minute, or as the store does. */
const waiting = process.argv[2] === 'plain' ? { busyMs: 60_000 } : {};
const { self } = await openProcesses();

Program.answers(async ({ path, worker, at }: Work): Promise<Worked> => {
  const store = await openStore({ path, ...waiting });
  await store.workerStarted({ worker, process: self, leaseMs: 30_000, now: Date.now() });
  let done = 0;
  let slowestMs = 0;
  const step = async <T>(transaction: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const answer = await transaction();
    slowestMs = Math.max(slowestMs, performance.now() - started);
    return answer;
  };
  const next = () =>
    store.leaseNext({
      worker,
      attempt: newId('attempt', randomBytes),
      owner: self,
      leaseMs: 60_000,
      max: 64,
      startAfter: 'merged',
      modes: {},
      now: Date.now(),
    });
  await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
  for (;;) {
    const answer = await step(next);
    if (answer.kind !== 'leased') break;
    const outcome = { kind: 'failed', reason: 'this was only a race' } as const;
    const [review, entry] = [newId('review', randomBytes), newId('entry', randomBytes)];
    await step(() => store.finish({ lease: answer.task.lease, outcome, review, entry, now: Date.now() }));
    done += 1;
  }
  store.dispose();
  return { done, slowestMs };
});
