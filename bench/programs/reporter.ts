// Keeps many workers busy in a store and says what the first of them does: node reporter.ts STORE REPOSITORY WORKERS
import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskId, WorkerId } from '../../src/core/model/ids.ts';
import { newId } from '../../src/core/model/ids.ts';
import { openProcesses } from '../../src/process/identity.ts';
import { openStore } from '../../src/store/open.ts';
import { fillStore } from '../fillStore.ts';
import { Program } from '../program.ts';

/** What is to be told: to the store, or into a file of that folder. */
export interface News {
  readonly text: string;
  readonly folder?: string;
}

const [path = '', root = '', count = ''] = process.argv.slice(2);
const store = await openStore({ path, repo: { root, commonDir: join(root, '.git') } });
const { self } = await openProcesses();
const busy: { worker: WorkerId; task: TaskId }[] = [];
await fillStore(store, { tasks: Number(count), mode: 'print', random: randomBytes });
for (let index = 0; index < Number(count); index += 1) {
  const worker = newId('worker', randomBytes);
  const launch = newId('launch', randomBytes);
  const face = newId('face', randomBytes);
  const now = Date.now();
  await store.requestWorker({ worker, launch, face, mode: 'print', machine: self.machine, max: 64, now });
  await store.workerStarted({ worker, process: self, leaseMs: 30_000, now });
  const answer = await store.leaseNext({
    worker,
    attempt: newId('attempt', randomBytes),
    owner: self,
    leaseMs: 3_600_000,
    max: 64,
    startAfter: 'merged',
    modes: {},
    now,
  });
  if (answer.kind === 'leased') busy.push({ worker, task: answer.task.id });
}

/** Answers when it was committed, in wall-clock milliseconds with fractions. */
Program.answers(async ({ text, folder }: News): Promise<number> => {
  const [first] = busy;
  if (first === undefined) throw new Error('no worker got a task');
  if (folder === undefined) await store.workerPhase({ ...first, phase: text, now: Date.now() });
  else {
    await writeFile(join(folder, '..', 'draft'), text);
    await rename(join(folder, '..', 'draft'), join(folder, 'text'));
  }
  return performance.timeOrigin + performance.now();
});
process.once('disconnect', () => store.dispose());
