import { expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import { heartbeatOf } from '../../../src/core/flow/heartbeat.ts';
import type { WorkerWorld } from '../../../src/core/flow/worker.ts';
import type { TaskId, WorkerId } from '../../../src/core/model/ids.ts';
import { fakeClock, settled } from './fakeClock.ts';

const lease = { task: 't1' as TaskId, worker: 'w1' as WorkerId, token: 1 };

/** The heartbeat of a lease of 30 s, over a store that answers as it is told. */
function beating() {
  const clock = fakeClock();
  const calls: string[] = [];
  const answers = { renew: 'renewed', look: 'held' };
  let change: (() => void) | undefined;
  const ask = (name: 'renew' | 'look') => async () => {
    calls.push(name);
    if (answers[name] === 'broken') throw new Error('the store cannot be asked');
    return answers[name];
  };
  const store = {
    renewTask: ask('renew'),
    taskHeld: ask('look'),
    onDidChange: (listener: () => void) => {
      change = listener;
      return {
        dispose: () => {
          change = undefined;
        },
      };
    },
  };
  const world = { store, clock, log: silentLog } as unknown as Pick<WorkerWorld, 'store' | 'clock' | 'log'>;
  const heartbeat = heartbeatOf(world, lease, 30_000);
  return { heartbeat, clock, calls, answers, changed: () => change?.(), listens: () => change !== undefined };
}

test('a lease is renewed at a third of its length until it is stopped', async () => {
  const { heartbeat, clock, calls, listens } = beating();
  await clock.advance(30_000);
  heartbeat.stop();
  await clock.advance(60_000);
  expect([calls, listens(), heartbeat.lost.aborted]).toEqual([['renew', 'renew', 'renew'], false, false]);
});

test('a store that cannot be asked is not a lost lease', async () => {
  const { heartbeat, clock, calls, answers, changed } = beating();
  Object.assign(answers, { renew: 'broken', look: 'broken' });
  changed();
  await clock.advance(20_000);
  expect([calls, heartbeat.lost.aborted]).toEqual([['look', 'renew', 'renew'], false]);
  heartbeat.stop();
});

test.each(['renew', 'look'] as const)('a lease that is lost is known by a %s', async (which) => {
  const { heartbeat, clock, answers, changed } = beating();
  answers[which] = 'lost';
  if (which === 'look') changed();
  await clock.advance(which === 'look' ? 0 : 10_000);
  expect([heartbeat.lost.aborted, heartbeat.lost.reason, heartbeat.stopAsked.aborted]).toEqual([true, 'lost', false]);
  heartbeat.stop();
});

test('being asked to stop shows at once, and loses nothing', async () => {
  const { heartbeat, answers, changed } = beating();
  answers.look = 'stop';
  changed();
  await settled();
  expect([heartbeat.stopAsked.aborted, heartbeat.lost.aborted]).toEqual([true, false]);
  heartbeat.stop();
});

test('however often something changes, it is looked at ten times a second at most, and the last change is seen', async () => {
  const { heartbeat, clock, calls, answers, changed } = beating();
  for (let each = 0; each < 50; each++) {
    changed();
    await clock.advance(10);
  }
  expect(calls.length).toBeLessThanOrEqual(6);
  answers.look = 'lost';
  changed();
  await clock.advance(100);
  expect(heartbeat.lost.aborted).toBe(true);
  heartbeat.stop();
});

test('an answer that comes after the end is not heard', async () => {
  const { heartbeat, clock, answers, changed } = beating();
  Object.assign(answers, { renew: 'lost', look: 'lost' });
  changed();
  heartbeat.stop();
  await clock.advance(30_000);
  expect([heartbeat.lost.aborted, heartbeat.stopAsked.aborted]).toEqual([false, false]);
});
