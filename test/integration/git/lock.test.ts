import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { awaitLease } from '../../../src/core/flow/leased.ts';
import { openProcesses } from '../../../src/process/identity.ts';
import { openStore } from '../../../src/store/open.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { waitFor } from '../../support/waitFor.ts';

/** A store, and processes that want one lock of it; they are ended with it. */
async function ground() {
  const temp = await tempFolder();
  const path = join(temp.path, 'the store.db');
  const marker = join(temp.path, 'marker');
  const store = await openStore({ path, repo: { root: temp.path, commonDir: temp.path } });
  const children: ChildProcess[] = [];
  return {
    store,
    marker,
    /** Starts one that waits for `go`; `told` is what it has told so far. */
    async taker(how: 'lease' | 'naive' | 'holder', times: number, ms = 5_000) {
      const child = fork(join(import.meta.dirname, 'lockTaker.ts'), [path, marker, how, String(times), String(ms)]);
      children.push(child);
      const told: unknown[] = [];
      child.on('message', (message) => told.push(message));
      const ended = once(child, 'exit');
      await waitFor('a process to be ready', () => told.includes('ready') || child.exitCode !== null);
      return { child, told, ended, go: () => child.send('go') };
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill('SIGKILL');
      store.dispose();
      await temp[Symbol.asyncDispose]();
    },
  };
}

const processes = 8;
const times = 40;

/** How often somebody was inside while another was, and how often anybody was inside at all. */
async function race(how: 'lease' | 'naive'): Promise<{ overlaps: number; entered: number }> {
  await using place = await ground();
  const takers = await Promise.all(Array.from({ length: processes }, () => place.taker(how, times)));
  for (const { go } of takers) go();
  await Promise.all(takers.map(({ ended }) => ended));
  const told = takers.flatMap((taker) => taker.told);
  const overlaps = told.filter((what) => what === 'overlap').length;
  return { overlaps, entered: overlaps + told.filter((what) => what === 'inside').length };
}

test('of many processes that want one lock hundreds of times never two have it at once', async () => {
  expect(await race('lease')).toEqual({ overlaps: 0, entered: processes * times });
}, 120_000);

test('a lock file that is looked for before it is written lets several in, and is seen to', async () => {
  const { overlaps, entered } = await race('naive');
  expect([overlaps > 0, entered]).toEqual([true, processes * times]);
}, 120_000);

test.each([
  ['was killed', 'SIGKILL', 60_000, 5_000],
  ['stands still', 'SIGSTOP', 1_500, 10_000],
] as const)(
  'the lock of one that %s is taken over, whatever the wall clock says',
  async (_how, signal, ms, within) => {
    await using place = await ground();
    const holder = await place.taker('holder', 1, ms);
    holder.go();
    await waitFor('the lock to be held', () => holder.told.includes('inside'));
    const { self, isDead } = await openProcesses();
    let wall = 0;
    // The wall clock of whoever waits jumps to and fro by days.
    const clock = { ...systemClock, now: () => Date.now() + (wall++ % 2 === 0 ? -1 : 1) * 1e9 };
    const world = { store: place.store, processes: { self, isDead }, clock };
    const never = new AbortController().signal;
    const lock = { name: 'push/origin', ms: 5_000 };
    // While it is renewed it is not taken, however long that goes on.
    expect(await awaitLease(world, { ...lock, waitMs: Math.min(ms, 2_000) * 1.5 }, never)).toMatchObject({
      held: { owner: { pid: holder.child.pid } },
    });
    const began = performance.now();
    holder.child.kill(signal);
    const taken = await awaitLease(world, { ...lock, waitMs: 60_000 }, never);
    expect([taken, performance.now() - began < within]).toEqual([expect.objectContaining({ owner: self }), true]);
    if (signal === 'SIGSTOP') {
      // It has not noticed, and its token is worth nothing any more.
      await rm(place.marker, { force: true });
      expect(performance.now() - began).toBeGreaterThan(ms * 0.9);
    }
  },
  60_000,
);

test('whoever waits in vain is told who holds it', async () => {
  await using place = await ground();
  const { self, isDead } = await openProcesses();
  const world = { store: place.store, processes: { self, isDead }, clock: systemClock };
  const never = new AbortController().signal;
  const lock = { name: 'push/origin', ms: 60_000, waitMs: 300 };
  const mine = await awaitLease(world, lock, never);
  expect(await awaitLease(world, lock, never)).toEqual({ held: mine });
  const stop = AbortSignal.abort(new Error('stopped'));
  await expect(awaitLease(world, lock, stop)).rejects.toThrow('stopped');
});
