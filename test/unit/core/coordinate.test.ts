import { expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import type { CoordinatorWorld } from '../../../src/core/flow/coordinate.ts';
import { Coordinator } from '../../../src/core/flow/coordinate.ts';
import type { EntryId, FaceId, LaunchId, TaskId, WorkerId } from '../../../src/core/model/ids.ts';
import type { Lease } from '../../../src/core/model/lease.ts';
import type { MergeEntry } from '../../../src/core/model/merge.ts';
import type { Session } from '../../../src/core/model/session.ts';
import type { Situation } from '../../../src/core/model/snapshot.ts';
import type { Task } from '../../../src/core/model/task.ts';
import type { Launch } from '../../../src/core/model/worker.ts';
import { defaultSettings } from '../../../src/core/settings.ts';
import { batch, overview, situation, task, worker } from './builders.ts';
import { fakeClock } from './fakeClock.ts';

const self = { machine: 'here', pid: 1, startTime: '1' };
const other = { machine: 'there', pid: 2, startTime: '2' };
const face = 'f1' as FaceId;

/** A lease at a process of another machine, of which only renewals tell that it lives. */
const lease = (name: string, renewals = 0): Lease => ({ name, token: 1, owner: other, renewals, ms: 30_000 });
const launch = (over: Partial<Launch> = {}): Launch => ({
  id: 'l1' as LaunchId,
  worker: 'w1' as WorkerId,
  face: 'f2' as FaceId,
  mode: 'print',
  state: 'asked',
  askedAt: 0,
  ...over,
});
const entry = (id: string, position: number): MergeEntry => ({
  id: id as EntryId,
  task: 't1' as TaskId,
  target: 'main',
  head: 'h',
  state: 'queued',
  position,
  createdAt: 0,
});

/** A coordinator in a repository whose situation the test sets; `told` is what it did, in order. */
function coordination(
  over: {
    launch?: () => Promise<void>;
    dead?: readonly number[];
    tasks?: readonly Task[];
    thin?: () => Promise<void>;
  } = {},
) {
  const told: string[] = [];
  const clock = fakeClock();
  let current = situation();
  let leader: Lease | undefined;
  let taken: readonly LaunchId[] = [];
  const store = {
    situation: async (): Promise<Situation> => ({
      ...current,
      leases: [...current.leases, ...(leader ? [leader] : [])],
    }),
    reap: async ({ lost }: { lost: readonly Lease[] }) => void told.push(`reap ${lost.map(({ name }) => name)}`),
    takeLease: async ({ name, ms }: Lease) => {
      leader = { name, token: 9, owner: self, renewals: 0, ms };
      return leader;
    },
    renewLease: async () => {
      if (leader) leader = { ...leader, renewals: leader.renewals + 1 };
      return 'renewed';
    },
    dropLease: async ({ name }: Lease) => void told.push(`drop ${name}`),
    workerLost: async ({ worker: id }: { worker: WorkerId }) => void told.push(`lost ${id}`),
    askWorkerToStop: async ({ worker: id }: { worker: WorkerId }) => void told.push(`stop ${id}`),
    requestWorker: async ({ face: asked, mode }: { face: FaceId; mode: string }) => {
      told.push(`ask ${asked} for a ${mode} worker`);
      return worker({ state: 'starting' });
    },
    takeLaunch: async ({ overdue }: { overdue: readonly LaunchId[] }) => {
      const next = current.launches.find(
        ({ id, state, face: asked }) =>
          state === 'asked' && (asked === face || overdue.includes(id)) && !taken.includes(id),
      );
      if (next) taken = [...taken, next.id];
      return next;
    },
    launchFailed: async ({ reason }: { reason: string }) => void told.push(`failed: ${reason}`),
    worker: async () => worker(),
    onDidChange: () => ({ dispose: () => {} }),
    overview: async () => overview({ tasks: over.tasks ?? [] }),
  };
  const git = {
    thinSnapshots: async (tasks: readonly TaskId[]) => {
      told.push(`thin ${tasks}`);
      await over.thin?.();
    },
    expireSnapshots: async (tasks: readonly TaskId[]) => {
      told.push(`expire ${tasks}`);
      return 0;
    },
  };
  const world = {
    face,
    store,
    git,
    processes: {
      self,
      isDead: ({ pid }: { pid: number }) => over.dead?.includes(pid) ?? false,
      endLeftovers: async ({ sessions }: { sessions: readonly Session[] }) => {
        told.push(`end what is left of ${sessions.map(({ id }) => id)}`);
        return 0;
      },
    },
    workers: {
      modes: ['print'],
      launch: async () => {
        told.push('launch');
        await over.launch?.();
      },
    },
    landings: { land: async (id: string) => void told.push(`land ${id}`) },
    clock,
    random: (length: number) => new Uint8Array(length),
    log: silentLog,
    settings: async () => defaultSettings,
  } as unknown as CoordinatorWorld;
  const coordinator = new Coordinator(world);
  return {
    told,
    clock,
    coordinator,
    /** What is to be read from now on. */
    given: (next: Partial<Situation>) => {
      current = situation(next);
      taken = [];
    },
    /** Rounds, a second apart, for as long as that. */
    async rounds(ms: number) {
      for (let passed = 0; passed < ms; passed += 1000) {
        await coordinator.round();
        await clock.advance(1000);
      }
      await coordinator.round();
    },
  };
}

test('a lease that stands still for its length is reaped; one that is renewed is not', async () => {
  const { coordinator, rounds, given, told } = coordination();
  await coordinator.round();
  for (let second = 0; second < 40; second += 5) {
    given({ leases: [lease('task/t1'), lease('task/t2', second)] });
    await rounds(4000);
  }
  expect(new Set(told)).toEqual(new Set(['reap task/t1']));
});

test('what stood still while this computer slept is given its whole time again', async () => {
  const { clock, rounds, given, told } = coordination();
  given({ leases: [lease('task/t1')], launches: [launch()], workers: [worker({ state: 'starting' })] });
  await rounds(20_000);
  await clock.advance(3_600_000);
  await rounds(29_000);
  expect(told).toEqual([]);
  await rounds(2_000);
  expect(told.slice(0, 2)).toEqual(['reap task/t1', 'launch']);
});

test('one that does not lead watches the leader only', async () => {
  const { coordinator, rounds, given, told } = coordination();
  for (let renewals = 0; renewals < 6; renewals++) {
    given({ leases: [lease('leader', renewals), lease('task/t1')] });
    await rounds(10_000);
  }
  expect([told, coordinator.leads]).toEqual([[], false]);
  await rounds(22_000);
  expect(new Set(told)).toEqual(new Set(['reap leader']));
});

test('a launch that its face does not answer is taken over by the leader’s own clock, however the wall clock jumps', async () => {
  const { clock, rounds, given, told } = coordination();
  given({ launches: [launch()], workers: [worker({ state: 'starting' })] });
  await rounds(5000);
  clock.jump(86_400_000);
  await rounds(20_000);
  clock.jump(-86_400_000 * 2);
  expect(told).toEqual([]);
  await rounds(10_000);
  expect(told).toEqual(['launch']);
});

test('a worker that somebody took upon himself to start and that does not report is given up', async () => {
  const { rounds, given, told } = coordination();
  given({ launches: [launch({ state: 'taken' })], workers: [worker({ state: 'starting' })] });
  await rounds(30_000);
  expect(told).toEqual([]);
  await rounds(1000);
  expect(told).toEqual(['lost w1']);
});

test('what a dead worker has left running is ended', async () => {
  const { coordinator, given, told } = coordination({ dead: [7] });
  const dead = worker({ state: 'idle', process: { machine: 'here', pid: 7, startTime: '7' } });
  const session = (id: string, of: string) => ({ id, worker: of, task: 't1', state: 'open' }) as unknown as Session;
  given({ workers: [dead, worker({ id: 'w2' as WorkerId })], sessions: [session('s1', 'w1'), session('s2', 'w2')] });
  await coordinator.round();
  expect(told).toContain('end what is left of s1');
});

test('launches that fail are tried less and less often, each for the worker that work asks for', async () => {
  const { coordinator, clock, given, told } = coordination({ launch: () => Promise.reject(new Error('no terminal')) });
  const asked: number[] = [];
  const began = clock.monotonic();
  for (let half = 0; half < 60; half++) {
    const before = told.length;
    given({ tasks: [task()], batches: [batch()], launches: [] });
    await coordinator.round();
    if (told.length > before) {
      asked.push(clock.monotonic() - began);
      given({ launches: [launch({ face })] });
      await coordinator.round();
    }
    await clock.advance(500);
  }
  expect([asked, new Set(told)]).toEqual([
    [0, 1000, 3000, 7000, 15_000],
    new Set(['ask f1 for a print worker', 'launch', 'failed: no terminal']),
  ]);
});

test('the first entry of a target is landed, and again after a while when it comes back to the queue', async () => {
  const { rounds, given, told } = coordination();
  given({ entries: [entry('e2', 2), entry('e1', 1)] });
  await rounds(7000);
  expect(told).toEqual(['land e1', 'land e1', 'land e1', 'land e1']);
  given({ entries: [entry('e2', 2)], leases: [lease('target/main')] });
  await rounds(1000);
  expect(told.length).toBe(4);
});

test('the leader gives its lease back when it is told to end', async () => {
  const { coordinator, clock, told, given } = coordination();
  const ended = new AbortController();
  const running = coordinator.run(ended.signal);
  await clock.advance(500);
  const led = coordinator.leads;
  given({ entries: [entry('e1', 1)] });
  await clock.advance(600);
  ended.abort();
  await running;
  expect([led, coordinator.leads, told]).toEqual([true, false, ['land e1', 'drop leader']]);
});

test('whoever leads lets go of old snapshots at once and every hour, and again after it has failed', async () => {
  const day = 86_400_000;
  const now = fakeClock().now();
  const merged = { state: 'merged', head: 'h', landed: 'l' } as const;
  const tasks = [
    task({ id: 't1' as TaskId, ...merged, updatedAt: now }),
    task({ id: 't2' as TaskId, ...merged, updatedAt: now - 15 * day }),
    task({ id: 't3' as TaskId, state: 'failed', reason: 'r', updatedAt: now - 15 * day }),
    task({ id: 't4' as TaskId, state: 'in_review', base: 'b', head: 'h', updatedAt: now - 15 * day }),
  ];
  let thins = 0;
  const thin = async () => {
    if (++thins === 1) throw new Error('git was killed');
  };
  const { coordinator, clock, told } = coordination({ tasks, thin });
  const hour = async () => {
    await coordinator.round();
    await clock.advance(1_800_000);
    await coordinator.round();
    await clock.advance(1_800_000);
  };
  await hour();
  expect(told).toEqual(['thin t1,t2']);
  await hour();
  expect(told).toEqual(['thin t1,t2', 'thin t1,t2', 'expire t2,t3']);
});

test('one that does not lead lets go of nothing', async () => {
  const { coordinator, given, told } = coordination({ tasks: [task({ state: 'failed', reason: 'r' })] });
  given({ leases: [lease('leader')] });
  await coordinator.round();
  expect(told).toEqual([]);
});
