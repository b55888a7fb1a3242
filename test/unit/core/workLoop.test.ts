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
    store: { leaseNext: async () => answers.shift(), onDidChange: () => ({ dispose: () => {} }) },
    processes: { self: { machine: 'here', pid: 1, startTime: '1' } },
    clock: { ...systemClock, sleep: async () => {} },
    random: (length: number) => new Uint8Array(length),
    settings: async () => defaultSettings,
    say: (line: string) => said.push(line),
  } as unknown as WorkerWorld;
  await workLoop(world, new AbortController().signal);
  expect({ said, left: answers.length }).toEqual({ said: ['waiting for a task …'], left: 0 });
});

test('an idle worker shows that it lives at a third of its lease, and no more often however often it asks', async () => {
  const clock = fakeClock();
  const ended = new AbortController();
  let renewals = 0;
  const world = {
    mode: 'interactive',
    store: {
      leaseNext: async () => ({ kind: 'nothing', queued: 1 }),
      renewWorker: async () => void renewals++,
      onDidChange: () => ({ dispose: () => {} }),
    },
    processes: { self: { machine: 'here', pid: 1, startTime: '1' } },
    clock,
    random: (length: number) => new Uint8Array(length),
    settings: async () => defaultSettings,
    say: () => {},
  } as unknown as WorkerWorld;
  const life = workLoop(world, ended.signal);
  await clock.advance(defaultSettings['workers.leaseSeconds'] * 1000 + 1000);
  ended.abort();
  await life;
  expect(renewals).toBe(3);
});
