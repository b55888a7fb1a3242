import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { AppError } from '../../../src/base/errors.ts';
import { silentLog } from '../../../src/base/log.ts';
import { inRoom } from '../../../src/core/flow/room.ts';
import type { WorkerWorld } from '../../../src/core/flow/worker.ts';
import type { TaskId, WorkerId } from '../../../src/core/model/ids.ts';

const full = (code: string) => new AppError(code, 'no room');

/** A world that notes what it is asked; its store may be full, too. */
function world(notes: string[], storeIsFull = false) {
  const note = async (text: string) => {
    notes.push(text);
    if (storeIsFull) throw full('store_full');
  };
  return {
    worker: 'w000000001' as WorkerId,
    say: (text: string) => notes.push(`say ${text}`),
    log: silentLog,
    clock: { ...systemClock, sleep: async (ms: number) => void notes.push(`wait ${ms}`) },
    store: {
      workerPhase: ({ phase }: { phase?: string }) => note(`phase ${phase}`),
      warned: ({ text }: { text: string }) => note(`warn ${text}`),
    },
  } as unknown as WorkerWorld;
}

const told = ['say', 'phase', 'warn', 'wait'];
const task = 't000000001' as TaskId;

test.each([
  ['git', full('disk_full')],
  ['the store', full('store_full')],
  ['a file', Object.assign(new Error('no room'), { code: 'ENOSPC' })],
])('what finds no room for %s is tried until it does, and told once', async (_, error) => {
  const notes: string[] = [];
  let tries = 0;
  const done = await inRoom(world(notes), task, new AbortController().signal, async () => {
    tries += 1;
    if (tries < 4) throw error;
    return 'done';
  });
  expect([done, tries, notes.map((note) => note.split(' ')[0])]).toEqual(['done', 4, [...told, 'wait', 'wait']]);
});

test('a store that is full, too, cannot be told, and stops nothing', async () => {
  const notes: string[] = [];
  let tries = 0;
  const done = await inRoom(world(notes, true), task, new AbortController().signal, async () => {
    tries += 1;
    if (tries < 2) throw full('disk_full');
    return 'done';
  });
  expect([done, notes.map((note) => note.split(' ')[0])]).toEqual(['done', ['say', 'phase', 'wait']]);
});

test('other failures are not waited for, and neither is anything once it was stopped', async () => {
  const notes: string[] = [];
  const fail = (error: Error, signal = new AbortController().signal) =>
    inRoom(world(notes), task, signal, () => Promise.reject(error)).catch((thrown: unknown) => thrown);
  const [other, stopped] = [full('path_exists'), full('disk_full')];
  expect([await fail(other), await fail(stopped, AbortSignal.abort()), notes]).toEqual([other, stopped, []]);
});
