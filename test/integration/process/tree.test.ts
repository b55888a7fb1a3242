import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { openProcesses } from '../../../src/process/identity.ts';
import { endTree } from '../../../src/process/tree.ts';

/** Runs a shell script that prints the pids of its family on one line once all of them run. */
async function family(script: string) {
  const processes = await openProcesses();
  const shell = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exit = once(shell, 'exit');
  const [line] = await once(shell.stdout, 'data');
  const pids = [shell.pid ?? 0, ...String(line).trim().split(' ').map(Number)];
  const members = await Promise.all(pids.map((pid) => processes.identityOf(pid)));
  return {
    pid: shell.pid ?? 0,
    exit,
    living: () => members.filter((member) => member !== undefined && !processes.isDead(member)).length,
  };
}

test('a process is asked first, and what it leaves behind in other groups and sessions is killed', async () => {
  const script = `trap 'exit 7' TERM
    sleep 60 & one=$!
    setsid sh -c 'trap "" TERM HUP; sleep 60 & echo $! $$ ; wait' > >(read a b; echo $one $a $b; cat) &
    wait`;
  const { pid, exit, living } = await family(script);
  const before = living();
  await endTree(pid, 5000);
  expect({ before, after: living(), exit: await exit }).toEqual({ before: 4, after: 0, exit: [7, null] });
});

test('one that does not listen is killed after the grace', async () => {
  const { pid, exit, living } = await family(`trap '' TERM; sleep 60 & echo $!; while true; do sleep 1; done`);
  const start = performance.now();
  await endTree(pid, 400);
  expect({ living: living(), exit: await exit, waited: performance.now() - start >= 400 }).toEqual({
    living: 0,
    exit: [null, 'SIGKILL'],
    waited: true,
  });
});

test('one that stands still hears of its end', async () => {
  const { pid, exit } = await family(`trap 'exit 3' TERM; echo $$; while true; do sleep 0.05; done`);
  process.kill(pid, 'SIGSTOP');
  await endTree(pid, 5000);
  expect(await exit).toEqual([3, null]);
});

test('another signal may be the first, and without grace all are killed at once', async () => {
  const polite = await family(`trap 'exit 4' INT; echo $$; while true; do sleep 0.05; done`);
  await endTree(polite.pid, 5000, 'SIGINT');
  const rough = await family(`trap 'exit 4' TERM; echo $$; while true; do sleep 0.05; done`);
  await endTree(rough.pid, 0);
  expect([await polite.exit, await rough.exit]).toEqual([
    [4, null],
    [null, 'SIGKILL'],
  ]);
});

test('one that is gone already is no trouble', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  expect(await endTree(child.pid ?? 0, 1000)).toBeUndefined();
});
