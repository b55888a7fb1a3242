import { expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import { snapshotsOf } from '../../../src/core/flow/snapshots.ts';
import type { WorkerWorld } from '../../../src/core/flow/worker.ts';
import type { TaskId } from '../../../src/core/model/ids.ts';
import { fakeClock, settled } from './fakeClock.ts';

function worktree() {
  const clock = fakeClock();
  const labels: string[] = [];
  const pending: (() => void)[] = [];
  let slow = false;
  const world = {
    clock,
    log: silentLog,
    git: {
      snapshot: async (_task: TaskId, _worktree: string, label: string) => {
        labels.push(label);
        if (slow) await new Promise<void>((resolve) => pending.push(resolve));
        return undefined;
      },
    },
    store: {},
  } as unknown as WorkerWorld;
  return {
    clock,
    labels,
    snapshots: snapshotsOf(world, 't000000001' as TaskId, '/home/ada/tea'),
    takeTime: () => {
      slow = true;
    },
    finishOne: () => pending.shift()?.(),
  };
}

test('a burst of edits makes one snapshot, a second after the last of them', async () => {
  const { clock, labels, snapshots } = worktree();
  snapshots.poke();
  await clock.advance(900);
  snapshots.poke();
  await clock.advance(900);
  expect(labels).toEqual([]);
  await clock.advance(100);
  expect(labels).toEqual(['after edits']);
  await clock.advance(60_000);
  snapshots.poke();
  await clock.advance(1_000);
  expect(labels).toEqual(['after edits', 'after edits']);
});

test('edits that do not end are kept every ten seconds', async () => {
  const { clock, labels, snapshots } = worktree();
  for (let at = 0; at < 25_000; at += 500) {
    snapshots.poke();
    await clock.advance(500);
  }
  expect(labels).toEqual(['after edits', 'after edits']);
});

test('a snapshot of now takes the place of the one that was due', async () => {
  const { clock, labels, snapshots } = worktree();
  snapshots.poke();
  await snapshots.keep('stopped');
  await clock.advance(60_000);
  expect(labels).toEqual(['stopped']);
});

test('what is in a commit needs no snapshot; one that is being taken is waited for', async () => {
  const { clock, labels, snapshots, takeTime, finishOne } = worktree();
  takeTime();
  snapshots.poke();
  await clock.advance(1_000);
  snapshots.poke();
  let isOver = false;
  const over = snapshots.committed().then(() => {
    isOver = true;
  });
  await settled();
  expect([labels, isOver]).toEqual([['after edits'], false]);
  finishOne();
  await over;
  await clock.advance(60_000);
  expect(labels).toEqual(['after edits']);
});
