import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RepoId, WorkerId } from '../../../src/core/model/ids.ts';
import type { Worker } from '../../../src/core/model/worker.ts';
import { childLauncher, landingLauncher, type OwnProgram } from '../../../src/process/childLauncher.ts';
import { openProcesses } from '../../../src/process/identity.ts';
import { type TempFolder, tempFolder } from '../../support/tempFolder.ts';
import { waitFor } from '../../support/waitFor.ts';

/** Stands for our command line: notes how it was started, and ends when told to by a file. */
const cli = `
import { appendFileSync, existsSync } from 'node:fs';
const { SWARM_WORKER, SWARM_TOKEN, PERSONAL } = process.env;
appendFileSync('started.jsonl', JSON.stringify({ pid: process.pid, args: process.argv.slice(2), cwd: process.cwd(), env: { SWARM_WORKER, SWARM_TOKEN, PERSONAL } }) + '\\n');
console.log('hello');
const timer = setInterval(() => existsSync('end') && clearInterval(timer), 20);
`;

async function program(folder: TempFolder): Promise<OwnProgram> {
  const file = join(folder.path, 'swarm.mjs');
  await writeFile(file, cli);
  const env = { PATH: process.env.PATH, SWARM_WORKER: 'w1', SWARM_TOKEN: 'secret', PERSONAL: 'kept' };
  return { cli: file, options: ['--store', 'a b.db'], root: folder.path, logs: join(folder.path, 'logs'), env };
}

async function started(folder: TempFolder, count: number) {
  return waitFor(`${count} to be started`, async () => {
    const lines = (await readFile(join(folder.path, 'started.jsonl'), 'utf8')).trim().split('\n');
    return lines.length === count ? lines.map((line) => JSON.parse(line)) : undefined;
  });
}

async function end(folder: TempFolder, pids: readonly number[]) {
  const processes = await openProcesses();
  await writeFile(join(folder.path, 'end'), '');
  for (const pid of pids) await waitFor(`${pid} to end`, async () => !(await processes.identityOf(pid)));
}

const worker: Worker = {
  id: 'w000000001' as WorkerId,
  repo: 'r000000001' as RepoId,
  name: 'worker 1',
  mode: 'print',
  state: 'starting',
  machine: 'here',
  startedAt: 0,
  updatedAt: 0,
};

test('a worker is our program in a process group of its own, with its output in a file', async () => {
  await using folder = await tempFolder();
  const own = await program(folder);
  const launcher = childLauncher(own);
  let ends = 0;
  await launcher.launch(worker, () => ends++);
  const [first] = await started(folder, 1);
  expect({ modes: launcher.modes, ...first }).toEqual({
    modes: ['print'],
    pid: expect.any(Number),
    args: ['worker', 'run', 'w000000001', '--store', 'a b.db'],
    cwd: folder.path,
    env: { PERSONAL: 'kept' },
  });
  // A signal to nobody but its own group arrives.
  expect(process.kill(-first.pid, 0)).toBe(true);
  expect(ends).toBe(0);
  await end(folder, [first.pid]);
  await waitFor('its end to be told', () => ends === 1);
  expect(await readFile(join(own.logs, 'worker-w000000001.log'), 'utf8')).toBe('hello\n');
});

test('a landing is started once while it runs, and again afterwards', async () => {
  await using folder = await tempFolder();
  const launcher = landingLauncher(await program(folder));
  await Promise.all([launcher.land('e000000001'), launcher.land('e000000001')]);
  await launcher.land('e000000002');
  const both = await started(folder, 2);
  expect(both.map(({ args }) => args.slice(0, 3)).sort()).toEqual([
    ['land', 'run', 'e000000001'],
    ['land', 'run', 'e000000002'],
  ]);
  await end(
    folder,
    both.map(({ pid }) => pid),
  );
  const third = await waitFor('the first to be started again', async () => {
    await launcher.land('e000000001');
    const lines = (await readFile(join(folder.path, 'started.jsonl'), 'utf8')).trim().split('\n');
    return lines.length === 3 ? JSON.parse(lines[2] ?? '') : undefined;
  });
  await end(folder, [third.pid]);
});

test('what cannot be started says so, and may be tried again', async () => {
  await using folder = await tempFolder();
  const own = { ...(await program(folder)), root: join(folder.path, 'gone') };
  const landing = landingLauncher(own);
  const failed = { code: 'process_not_started' };
  await expect(childLauncher(own).launch(worker, () => {})).rejects.toMatchObject(failed);
  await expect(landing.land('e000000001')).rejects.toMatchObject(failed);
  await expect(landing.land('e000000001')).rejects.toMatchObject(failed);
});
