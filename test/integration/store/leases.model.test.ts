import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttemptId, TaskId, WorkerId } from '../../../src/core/model/ids.ts';
import type { Lease, LeaseSighting, TaskLease } from '../../../src/core/model/lease.ts';
import { judgeLeases, taskLeaseName } from '../../../src/core/model/lease.ts';
import { openStore } from '../../../src/store/open.ts';
import type { OpenStore } from '../../../src/store/store.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { newIdOf, Stage } from './stage.ts';

/** What should be true, kept in maps. */
interface Model {
  /** Tasks that wait, oldest first. */
  waiting: TaskId[];
  /** Who holds which task. */
  held: Map<TaskId, { worker: WorkerId; token: number; renewals: number }>;
  idle: Set<WorkerId>;
  done: Set<TaskId>;
  lastToken: number;
  /** The reaper's monotonic clock and what it remembers. */
  clock: number;
  seen: ReadonlyMap<string, LeaseSighting>;
}

/** The store, and what its workers believe to hold: a lease that was lost is still believed in. */
interface Real {
  readonly store: OpenStore;
  readonly stage: Stage;
  readonly order: readonly TaskId[];
  readonly workers: readonly WorkerId[];
  readonly beliefs: Map<WorkerId, { lease: TaskLease; attempt: AttemptId }>;
}

type Command = fc.AsyncCommand<Model, Real>;

const leaseMs = 100;
const holds = (model: Model, lease: TaskLease) => model.held.get(lease.task)?.token === lease.token;

const command = (name: string, run: (model: Model, real: Real) => Promise<void>): Command => ({
  check: () => true,
  run,
  toString: () => name,
});

const take = (index: number) =>
  command(`worker ${index} asks`, async (model, real) => {
    const worker = real.workers[index] as WorkerId;
    if (!model.idle.has(worker) && real.beliefs.has(worker)) return;
    const attempt = newIdOf('attempt');
    const owner = { machine: 'here', pid: index + 1, startTime: 'x' };
    const args = { worker, attempt, owner, leaseMs, max: 3, startAfter: 'merged', modes: {}, now: 1 } as const;
    const answer = await real.store.leaseNext(args);
    if (!model.idle.has(worker)) return expect(answer).toEqual({ kind: 'stop' });
    const next = model.held.size < 3 ? model.waiting[0] : undefined;
    if (next === undefined) return expect(answer).toEqual({ kind: 'nothing', queued: model.waiting.length });
    if (answer.kind !== 'leased') throw new Error(`nothing was leased, though ${next} waits`);
    const { lease } = answer.task;
    expect(lease.task).toBe(next);
    expect(lease.token).toBeGreaterThan(model.lastToken);
    model.lastToken = lease.token;
    model.waiting.shift();
    model.idle.delete(worker);
    model.held.set(next, { worker, token: lease.token, renewals: 0 });
    real.beliefs.set(worker, { lease, attempt });
  });

const renew = (index: number) =>
  command(`worker ${index} renews`, async (model, real) => {
    const belief = real.beliefs.get(real.workers[index] as WorkerId);
    if (!belief) return;
    const mine = holds(model, belief.lease);
    expect(await real.store.renewTask({ lease: belief.lease, now: 1 })).toBe(mine ? 'renewed' : 'lost');
    const held = model.held.get(belief.lease.task);
    if (mine && held) held.renewals++;
  });

const end = (index: number, back: boolean) =>
  command(`worker ${index} ${back ? 'gives back' : 'fails'}`, async (model, real) => {
    const worker = real.workers[index] as WorkerId;
    const belief = real.beliefs.get(worker);
    if (!belief) return;
    const { lease } = belief;
    const mine = holds(model, lease);
    const outcome = back
      ? ({ kind: 'requeue', countsAsRound: false, outcome: 'stopped' } as const)
      : ({ kind: 'failed', reason: 'x' } as const);
    expect(await real.stage.finish(lease, outcome)).toBe(mine ? 'finished' : 'lost');
    real.beliefs.delete(worker);
    if (!mine) return;
    model.held.delete(lease.task);
    model.idle.add(worker);
    if (back) wait(model, real, lease.task);
    else model.done.add(lease.task);
  });

const cancel = (index: number) =>
  command(`task ${index} is cancelled`, async (model, real) => {
    const task = real.order[index] as TaskId;
    const answer = await real.store.cancelTask({ task, reason: 'x', now: 1 });
    expect('refused' in answer).toBe(model.done.has(task));
    if (model.done.has(task)) return;
    const held = model.held.get(task);
    if (held) model.idle.add(held.worker);
    model.held.delete(task);
    model.waiting = model.waiting.filter((each) => each !== task);
    model.done.add(task);
  });

/** The reaper looks, as a coordinator does, after its clock went on; sometimes what it saw is old when it acts. */
const reap = (passed: number, stale: boolean) =>
  command(`the reaper looks ${passed} ms later${stale ? ', acts late' : ''}`, async (model, real) => {
    model.clock += passed;
    const leases = await taskLeases(real);
    const judged = judgeLeases(leases, model.seen, model.clock, () => false);
    model.seen = judged.seen;
    if (stale) {
      for (const { lease } of real.beliefs.values()) {
        const held = model.held.get(lease.task);
        if (held && holds(model, lease)) {
          await real.store.renewTask({ lease, now: 1 });
          held.renewals++;
        }
      }
    }
    const expected = judged.lost.filter((lease) => matches(model, lease)).map((lease) => lease.name);
    expect(await real.store.reap({ lost: judged.lost, now: 1 })).toEqual(expected);
    expect(await real.store.reap({ lost: judged.lost, now: 1 })).toEqual([]);
    for (const [task] of [...model.held]) {
      if (!expected.includes(taskLeaseName(task))) continue;
      model.held.delete(task);
      wait(model, real, task);
    }
  });

/** The workers have leases of their own besides. */
const taskLeases = async ({ store }: Real) =>
  (await store.situation()).leases.filter(({ name }) => name.startsWith('task/'));

function matches(model: Model, lease: Lease): boolean {
  return [...model.held].some(
    ([task, held]) =>
      taskLeaseName(task) === lease.name && held.token === lease.token && held.renewals === lease.renewals,
  );
}

function wait(model: Model, real: Real, task: TaskId): void {
  const waiting = new Set([...model.waiting, task]);
  model.waiting = real.order.filter((each) => waiting.has(each));
}

const commands = fc.commands(
  [
    fc.nat(3).map(take),
    fc.nat(3).map(take),
    fc.nat(3).map(renew),
    fc.tuple(fc.nat(3), fc.boolean()).map(([index, back]) => end(index, back)),
    fc.nat(5).map(cancel),
    fc.tuple(fc.constantFrom(10, 60, 200), fc.boolean()).map(([ms, stale]) => reap(ms, stale)),
  ],
  { maxCommands: 60 },
);

test('leases behave like a map of holders, whatever happens in whatever order', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(commands, async (list) => {
      const place = join(folder.path, String(++runs));
      const store = await openStore({ path: `${path}.${runs}`, repo: { root: place, commonDir: place } });
      try {
        const stage = new Stage(store);
        const order = await stage.queue(6);
        const workers = [await stage.worker(), await stage.worker(), await stage.worker(), await stage.worker()];
        const real: Real = { store, stage, order, workers, beliefs: new Map() };
        const model: Model = {
          waiting: [...order],
          held: new Map(),
          idle: new Set(workers),
          done: new Set(),
          lastToken: 0,
          clock: 0,
          seen: new Map(),
        };
        await fc.asyncModelRun(() => ({ model, real }), list);
        await expectSame(model, real);
      } finally {
        store.dispose();
      }
    }),
    { numRuns: 60 },
  );
});

async function expectSame(model: Model, real: Real): Promise<void> {
  const { tasks, workers } = await real.store.situation();
  const leases = await taskLeases(real);
  const held = [...model.held].map(([task, { token, renewals }]) => ({ name: taskLeaseName(task), token, renewals }));
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect(leases.map(({ name, token, renewals }) => ({ name, token, renewals })).sort(byName)).toEqual(
    held.sort(byName),
  );
  expect(tasks.filter((task) => task.state === 'queued').map((task) => task.id)).toEqual(model.waiting);
  const busy = workers.filter((worker) => worker.state === 'busy').map((worker) => worker.id);
  expect(new Set(busy)).toEqual(new Set([...model.held.values()].map((each) => each.worker)));
  const idle = workers.filter((worker) => worker.state === 'idle').map((worker) => worker.id);
  expect(new Set(idle)).toEqual(model.idle);
}
