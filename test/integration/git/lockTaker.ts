import { open, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../src/base/clock.ts';
import { awaitLease, underLease } from '../../../src/core/flow/leased.ts';
import { openProcesses } from '../../../src/process/identity.ts';
import { openStore } from '../../../src/store/open.ts';

/**
 * One of many processes that want the same lock again and again. `node lockTaker.ts <store> <marker> <how> <times> <ms>`
 *
 * `how` is `lease`, or `naive`: a lock file that is looked for first and written then. Inside of the lock a marker is made that
 * only one may make; whoever finds it there tells `overlap`. It tells `inside` each time, and at last how many times it was.
 */
const [store = '', marker = '', how = 'lease', times = '1', ms = '5000'] = process.argv.slice(2);
const tell = (what: unknown) => process.send?.(what);

async function inside(): Promise<void> {
  const made = await open(marker, 'wx').catch(() => undefined);
  tell(made ? 'inside' : 'overlap');
  if (how === 'holder') await sleep(1_000_000);
  await sleep(2);
  await made?.close();
  if (made) await rm(marker, { force: true });
}

async function naively(): Promise<void> {
  const lock = `${marker}.lock`;
  while (await stat(lock).catch(() => undefined)) await sleep(1);
  await writeFile(lock, String(process.pid));
  await inside();
  await rm(lock, { force: true });
}

const team = await openStore({ path: store });
const processes = await openProcesses();
const world = { store: team, processes, clock: systemClock };
const never = new AbortController().signal;
tell('ready');
await new Promise((resolve) => process.once('message', resolve));
for (let time = 0; time < Number(times); time += 1) {
  if (how === 'naive') await naively();
  else {
    const lease = await awaitLease(world, { name: 'push/origin', ms: Number(ms), waitMs: 60_000 }, never);
    if ('held' in lease) throw new Error('waited in vain');
    await underLease(world, lease, inside);
  }
}
team.dispose();
tell(Number(times));
process.disconnect?.();
