import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openChecks } from '../../../src/process/checks.ts';
import { openProcesses } from '../../../src/process/identity.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { waitFor } from '../../support/waitFor.ts';

const never = new AbortController().signal;
const env = { ...process.env, SWARM_WORKER: 'w1', SWARM_TOKEN: 'secret', GIT_DIR: '/elsewhere', PERSONAL: 'kept' };

test('a check runs by the shell in its folder, with the person’s environment and none of ours', async () => {
  await using folder = await tempFolder();
  const log = join(folder.path, 'logs', 'check.log');
  const command = 'pwd && echo "$PERSONAL|$SWARM_WORKER$SWARM_TOKEN$GIT_DIR" | cat && echo oh >&2';
  const result = await openChecks(env).run(command, folder.path, 10_000, log, never);
  const output = `${folder.path}\nkept|\noh\n`;
  expect({ ...result, whole: await readFile(log, 'utf8') }).toEqual({
    passed: true,
    summary: 'exit 0',
    tail: output,
    log,
    whole: output,
  });
});

test('a red one says how it ended, with the end of what it said, cut between characters', async () => {
  await using folder = await tempFolder();
  const log = join(folder.path, 'check.log');
  const command = `i=0; while [ $i -lt 4000 ]; do echo "ääää $i"; i=$((i+1)); done; exit 3`;
  const result = await openChecks(env).run(command, folder.path, 20_000, log, never);
  const whole = await readFile(log, 'utf8');
  expect({ ...result, tail: undefined }).toEqual({ passed: false, summary: 'exit 3', tail: undefined, log });
  expect(whole.endsWith(result.tail)).toBe(true);
  expect(Buffer.byteLength(result.tail)).toBeGreaterThan(19_990);
  expect(Buffer.byteLength(result.tail)).toBeLessThanOrEqual(20_000);
});

test('one that takes too long is killed with all that it has started', async () => {
  await using folder = await tempFolder();
  const log = join(folder.path, 'check.log');
  const command = `trap '' TERM; sleep 60 & echo $!; setsid sleep 60 & echo $!; wait; wait`;
  const result = await openChecks(env).run(command, folder.path, 1000, log, never);
  expect({ passed: result.passed, summary: result.summary }).toEqual({ passed: false, summary: 'killed after 1 s' });
  expect(await living(result.tail)).toEqual([]);
});

test('what one leaves running in the background does not outlive it', async () => {
  await using folder = await tempFolder();
  const result = await openChecks(env).run('sleep 60 & echo $!', folder.path, 10_000, join(folder.path, 'l'), never);
  expect(result.summary).toBe('exit 0');
  await waitFor('the child to be gone', async () => (await living(result.tail)).length === 0);
});

test('one that is not wanted any more is stopped, and one that never was does not start', async () => {
  await using folder = await tempFolder();
  const log = join(folder.path, 'check.log');
  const wanted = new AbortController();
  const running = openChecks(env).run('echo begun; sleep 60', folder.path, 60_000, log, wanted.signal);
  await waitFor('the check to begin', async () => (await readFile(log, 'utf8')) === 'begun\n');
  wanted.abort();
  const other = join(folder.path, 'other.log');
  const results = [await running, await openChecks(env).run('echo begun', folder.path, 60_000, other, wanted.signal)];
  expect(results).toEqual([
    { passed: false, summary: 'stopped', tail: 'begun\n', log },
    { passed: false, summary: 'stopped', tail: '', log: other },
  ]);
});

test('one that kills itself, and one whose folder is gone', async () => {
  await using folder = await tempFolder();
  const log = join(folder.path, 'check.log');
  expect((await openChecks(env).run('kill -9 $$', folder.path, 10_000, log, never)).summary).toBe('killed by SIGKILL');
  await expect(openChecks(env).run('true', join(folder.path, 'gone'), 10_000, log, never)).rejects.toMatchObject({
    code: 'check_not_started',
  });
});

/** Which of the pids in a text still belong to a living process. */
async function living(text: string): Promise<readonly number[]> {
  const processes = await openProcesses();
  const found = await Promise.all(
    text
      .trim()
      .split('\n')
      .map(async (pid) => processes.identityOf(Number(pid))),
  );
  return found.flatMap((identity) => identity?.pid ?? []);
}
