import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openProcesses } from '../../../src/process/identity.ts';
import { parseStat } from '../../../src/process/proc.ts';
import { findProcess, listProcesses, parsePs } from '../../../src/process/table.ts';
import { waitFor } from '../../support/waitFor.ts';

test('a living process is not dead, and is once it has ended', async () => {
  const processes = await openProcesses();
  const child = spawn('sleep', ['60']);
  const identity = await processes.identityOf(child.pid ?? 0);
  if (identity === undefined) throw new Error('the child is not there');
  const living = processes.isDead(identity);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect({ living, ended: processes.isDead(identity), again: await processes.identityOf(identity.pid) }).toEqual({
    living: false,
    ended: true,
    again: undefined,
  });
});

test('a pid that another process has now is dead, and a process of another machine is not known to be', async () => {
  const processes = await openProcesses();
  const { self } = processes;
  expect({
    machine: self.machine,
    self: processes.isDead(self),
    reused: processes.isDead({ ...self, startTime: `${self.startTime}0` }),
    elsewhere: processes.isDead({ machine: 'another', pid: 999_999_999, startTime: 'x' }),
    nobody: processes.isDead({ ...self, pid: 999_999_999 }),
  }).toEqual({ machine: hostname(), self: false, reused: true, elsewhere: false, nobody: true });
});

test('a process that has ended but was not waited for is dead', async () => {
  const processes = await openProcesses();
  // The shell becomes a program that waits for nobody, so the child it has started stays a zombie once it ends.
  const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 61'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [printed] = await once(shell.stdout, 'data');
    const identity = await processes.identityOf(Number(printed));
    if (identity === undefined) throw new Error('the child is not there');
    await waitFor('the shell to become another program', async () => {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(shell.pid)]);
      return stdout.trim() === 'sleep 61';
    });
    process.kill(identity.pid, 'SIGKILL');
    await waitFor('the zombie', async () => (await findProcess(identity.pid))?.state === 'zombie');
    expect({ dead: processes.isDead(identity), identity: await processes.identityOf(identity.pid) }).toEqual({
      dead: true,
      identity: undefined,
    });
  } finally {
    shell.kill('SIGKILL');
  }
});

test('a stopped process is alive, and known to be stopped', async () => {
  const processes = await openProcesses();
  const child = spawn('sleep', ['60']);
  const identity = await processes.identityOf(child.pid ?? 0);
  if (identity === undefined) throw new Error('the child is not there');
  child.kill('SIGSTOP');
  await waitFor('the process to stop', async () => (await processes.stateOf(identity)) === 'stopped');
  expect(processes.isDead(identity)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await processes.stateOf(identity)).toBeUndefined();
});

test('only the very process that is named is ended', async () => {
  const processes = await openProcesses();
  const child = spawn('sleep', ['60']);
  const identity = await processes.identityOf(child.pid ?? 0);
  if (identity === undefined) throw new Error('the child is not there');
  await processes.end({ ...identity, startTime: 'another' }, 0);
  await processes.end({ ...identity, machine: 'another' }, 0);
  const before = processes.isDead(identity);
  await processes.end(identity, 0);
  expect([before, processes.isDead(identity)]).toEqual([false, true]);
});

test('the list has this process and its parent', async () => {
  const rows = await listProcesses();
  const own = rows.find(({ pid }) => pid === process.pid);
  expect(own).toMatchObject({ parent: process.ppid, state: 'living' });
  expect(rows.some(({ pid }) => pid === process.ppid)).toBe(true);
});

test('the name of a program in Linux’s table may be anything', () => {
  const fields = Array.from({ length: 50 }, (_, at) => String(at + 3));
  const stat = `42 (a) Z (b c) S 7 ${fields.slice(2).join(' ')}`;
  expect([parseStat(42, stat, 'boot'), parseStat(42, '42 (a) S', 'boot')]).toEqual([
    { pid: 42, parent: 7, startTime: 'boot/22', state: 'living', group: 5, session: 6 },
    undefined,
  ]);
});

test('the table of ps is read with its dates, on macOS and as Windows is asked for it', () => {
  const table =
    '    1     0 Ss   Mon Nov 16 08:00:01 2026\n  712   1 T+ Tue Nov 17 09:10:11 2026   \n\n 9 7 R 133765\r\n x\n';
  expect(parsePs(`${table}  8 7 Z+ Tue Nov 17 09:10:12 2026`)).toEqual([
    { pid: 1, parent: 0, startTime: 'Mon Nov 16 08:00:01 2026', state: 'living' },
    { pid: 712, parent: 1, startTime: 'Tue Nov 17 09:10:11 2026', state: 'stopped' },
    { pid: 9, parent: 7, startTime: '133765', state: 'living' },
    { pid: 8, parent: 7, startTime: 'Tue Nov 17 09:10:12 2026', state: 'zombie' },
  ]);
});
