// Leases and finishes tasks until none is left, once for each start: node leaser.ts ours|plain
import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
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

/** A task's two transactions: it is leased (false: none is left), it is finished. */
interface Queue {
  lease(): Promise<boolean>;
  finish(): Promise<void>;
  close(): void;
}

const { self } = await openProcesses();

async function ours({ path, worker }: Work): Promise<Queue> {
  const store = await openStore({ path });
  await store.workerStarted({ worker, process: self, now: Date.now() });
  const id = { attempt: () => newId('attempt', randomBytes), review: () => newId('review', randomBytes) };
  let lease: Parameters<typeof store.finish>[0]['lease'] | undefined;
  return {
    async lease() {
      const answer = await store.leaseNext({
        worker,
        attempt: id.attempt(),
        owner: self,
        leaseMs: 30_000,
        max: 64,
        startAfter: 'merged',
        now: Date.now(),
      });
      lease = answer.kind === 'leased' ? answer.task.lease : undefined;
      return lease !== undefined;
    },
    async finish() {
      if (lease === undefined) throw new Error('nothing is leased');
      const outcome = { kind: 'in_review', base: 'a'.repeat(40), head: 'b'.repeat(40) } as const;
      const entry = newId('entry', randomBytes);
      const said = await store.finish({ lease, outcome, review: id.review(), entry, now: Date.now() });
      if (said === 'lost') throw new Error('a lease was lost');
    },
    close: () => store.dispose(),
  };
}

/** What one writes first: immediate transactions that wait by SQLite's own timeout. */
async function plain({ path, worker }: Work): Promise<Queue> {
  const database = new Database(path, { timeout: 60_000 });
  database.pragma('journal_mode = wal');
  database.pragma('synchronous = normal');
  const next = database.prepare(`update tasks set worker = ? where id = (select min(id) from tasks where worker is null) returning id`);
  const done = database.prepare('update tasks set done = done + 1 where id = ?');
  const lease = database.transaction(() => next.pluck().get(worker) as number | undefined);
  const finish = database.transaction((id: number) => done.run(id));
  let task: number | undefined;
  return {
    async lease() {
      task = lease.immediate();
      return task !== undefined;
    },
    async finish() {
      if (task !== undefined) finish.immediate(task);
    },
    close: () => database.close(),
  };
}

const open = process.argv[2] === 'ours' ? ours : plain;

Program.answers(async (work: Work): Promise<Worked> => {
  const queue = await open(work);
  let done = 0;
  let slowestMs = 0;
  const step = async <T>(action: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const answer = await action();
    slowestMs = Math.max(slowestMs, performance.now() - started);
    // A worker has something else to do between two transactions, if ever so little.
    await new Promise(setImmediate);
    return answer;
  };
  await new Promise((resolve) => setTimeout(resolve, work.at - Date.now()));
  while (await step(() => queue.lease())) {
    await step(() => queue.finish());
    done += 1;
  }
  queue.close();
  return { done, slowestMs };
});
