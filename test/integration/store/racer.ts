import { randomBytes } from 'node:crypto';
import type { WorkerId } from '../../../src/core/model/ids.ts';
import { newId } from '../../../src/core/model/ids.ts';
import { openStore } from '../../../src/store/open.ts';

/**
 * One worker process of a race: opens the store, says `ready`, and once told to go takes tasks and hands them over until none
 * is left; then it tells how many it has done. `node racer.ts <store> <worker>`
 */
const [path = '', id = ''] = process.argv.slice(2);
const worker = id as WorkerId;
const store = await openStore({ path });
const owner = { machine: 'here', pid: process.pid, startTime: id };
await store.workerStarted({ worker, process: owner, leaseMs: 30_000, now: 1 });
process.send?.('ready');
await new Promise((resolve) => process.once('message', resolve));

let done = 0;

for (;;) {
  const attempt = newId('attempt', randomBytes);
  const args = { worker, attempt, owner, leaseMs: 30_000, max: 64, startAfter: 'merged', modes: {}, now: 1 } as const;
  const answer = await store.leaseNext(args);
  if (answer.kind !== 'leased') break;
  const { lease } = answer.task;
  await store.placed({ lease, worktree: '/w', base: 'b', now: 1 });
  const session = newId('session', randomBytes);
  const { task } = lease;
  const mode = 'print' as const;
  const usage = { costUsd: 0, tokens: 0, turns: 0 };
  const row = {
    id: session,
    attempt,
    task,
    worker,
    claudeSessionId: 'c' as never,
    mode,
    state: 'starting',
    logs: '/l',
  } as const;
  await store.sessionStarting({ lease, session: { ...row, usage, startedAt: 1 }, now: 1 });
  await store.sessionOpen({ lease, session, process: owner, now: 1 });
  await store.sessionEnded({ session, exit: 'exit 0', now: 1 });
  const outcome = { kind: 'in_review', base: 'b', head: 'h' } as const;
  const review = newId('review', randomBytes);
  const entry = newId('entry', randomBytes);
  if ((await store.finish({ lease, outcome, review, entry, now: 1 })) === 'finished') done++;
}
store.dispose();
process.send?.(done);
process.disconnect?.();
