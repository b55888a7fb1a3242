import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import type { Engine } from '../../../src/store/engine/engine.ts';
import { openSqlite } from '../../../src/store/engine/sqlite.ts';
import { openStoreOn } from '../../../src/store/open.ts';
import { plain } from '../../../src/store/transaction.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { base, head, newIdOf, Stage } from './stage.ts';

/** SQLite's numbers for `pragma synchronous`. */
const modes: Readonly<Record<number, string>> = { 1: 'normal', 2: 'full' };

test('what was asked, handed over, decided and landed is on the disk before it is answered; the rest may follow', async () => {
  await using folder = await tempFolder();
  const sqlite = await openSqlite({ path: join(folder.path, 'store.db'), busyMs: 0, clock: systemClock });
  const seen: string[] = [];
  /** The same engine, that notes how each transaction was committed. */
  const engine: Engine = {
    dialect: sqlite.dialect,
    isLocal: sqlite.isLocal,
    birth: sqlite.birth,
    isFresh: () => sqlite.isFresh(),
    established: () => sqlite.established(),
    read: (tx) => sqlite.read(tx),
    write: (tx, options) =>
      sqlite.write(function* () {
        const [mode] = yield* plain<{ synchronous: number }>('pragma synchronous');
        seen.push(modes[mode?.synchronous ?? 0] ?? 'unsafe');
        return yield* tx();
      }, options),
    onDidChange: (listener) => sqlite.onDidChange(listener),
    check: () => sqlite.check(),
    dispose: () => sqlite.dispose(),
  };
  const store = await openStoreOn(engine, { repo: { root: folder.path, commonDir: folder.path } });
  const stage = new Stage(store);
  const how: Record<string, string> = {};
  const noted = async <T>(name: string, call: Promise<T>): Promise<T> => {
    const answer = await call;
    how[name] = seen.at(-1) ?? 'unseen';
    return answer;
  };
  await noted('addBatch', stage.queue(1));
  const worker = await stage.worker();
  const leased = await noted('leaseNext', stage.lease(worker));
  const { lease } = leased.task;
  const { task } = lease;
  const session = stage.newSession(lease, leased.attempt.id);
  await noted('placed', store.placed({ lease, worktree: '/w', base, now: 1 }));
  await store.sessionStarting({ lease, session, now: 1 });
  await store.sessionOpen({ lease, session: session.id, process: stage.process(), now: 1 });
  await noted('sessionDid', store.sessionDid({ session: session.id, events: [], now: 1 }));
  await noted('renewTask', store.renewTask({ lease, now: 1 }));
  await noted('finish', stage.finish(lease, { kind: 'in_review', base, head }));
  await noted('decide', stage.decide(task, { kind: 'approve' }));
  const entry = newIdOf('entry');
  await noted('enqueue', store.enqueue({ entries: [{ id: entry, task }], now: 1 }));
  const held = await noted('takeLease', store.takeLease({ name: 'target/main', owner: stage.process(), ms: 1 }));
  if (held === 'held') throw new Error('held');
  const fence = { entry, target: 'main', token: held.token, now: 1 };
  await store.landingStarted(fence);
  const landing = { kind: 'merged', landed: 'c0ffee', files: [] } as const;
  await noted('landed', store.landed({ ...fence, landing, review: newIdOf('review') }));
  expect(how).toEqual({
    addBatch: 'full',
    leaseNext: 'normal',
    placed: 'normal',
    sessionDid: 'normal',
    renewTask: 'normal',
    finish: 'full',
    decide: 'full',
    enqueue: 'full',
    takeLease: 'normal',
    landed: 'full',
  });
  store.dispose();
});
