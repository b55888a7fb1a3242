import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import type { WorkerWorld } from '../../../src/core/flow/worker.ts';
import { workLoop } from '../../../src/core/flow/workLoop.ts';
import { defaultSettings } from '../../../src/core/settings.ts';
import type { LeaseAnswer } from '../../../src/core/store.ts';
import { fakeClock } from './fakeClock.ts';

test('a worker that has nothing to do says so once, however often it asks', async () => {
  const answers: LeaseAnswer[] = [...Array(5).fill({ kind: 'nothing', queued: 1 }), { kind: 'stop' }];
  const said: string[] = [];
  const world = {
    mode: 'interactive',
    store: {
      leaseNext: async () => answers.shift(),
      renewWorker: async () => {},
      onDidChange: () => ({ dispose: () => {} }),
    },
    processes: { self: { machine: 'here', pid: 1, startTime: '1' } },
    clock: { ...systemClock, sleep: async () => {} },
    random: (length: number) => new Uint8Array(length),
    settings: async () => defaultSettings,
    say: (line: string) => said.push(line),
  } as unknown as WorkerWorld;
  await workLoop(world, new AbortController().signal);
  expect({ said, left: answers.length }).toEqual({ said: ['waiting for a task …'], left: 0 });
});

test('an idle worker shows that it lives at a third of its lease, however often it asks, and at once when that has changed', async () => {
  const clock = fakeClock();
  const ended = new AbortController();
  const renewals: number[] = [];
  let seconds = 30;
  const world = {
    mode: 'interactive',
    store: {
      leaseNext: async () => ({ kind: 'nothing', queued: 1 }),
      renewWorker: async ({ leaseMs }: { leaseMs: number }) => void renewals.push(leaseMs),
      onDidChange: () => ({ dispose: () => {} }),
    },
    processes: { self: { machine: 'here', pid: 1, startTime: '1' } },
    clock,
    random: (length: number) => new Uint8Array(length),
    settings: async () => ({ ...defaultSettings, 'workers.leaseSeconds': seconds }),
    say: () => {},
  } as unknown as WorkerWorld;
  const life = workLoop(world, ended.signal);
  await clock.advance(31_000);
  seconds = 600;
  await clock.advance(30_000);
  ended.abort();
  await life;
  expect(renewals).toEqual([30_000, 30_000, 30_000, 30_000, 600_000]);
});
