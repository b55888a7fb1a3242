import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { ClaudeSessionId } from '../../../src/core/model/ids.ts';
import type { Leftovers } from '../../../src/core/ports.ts';
import { openProcesses } from '../../../src/process/identity.ts';
import { leftoverMatcher, parseWords } from '../../../src/process/leftovers.ts';
import { waitFor } from '../../support/waitFor.ts';

/** Processes of a test, ended with it; `left` names those that live. */
class Family implements AsyncDisposable {
  readonly #members = new Map<string, ChildProcess>();

  /** Runs a line of shell with a worktree in its environment. */
  start(name: string, worktree: string, line = 'exec sleep 60', ...words: string[]): ChildProcess {
    const env = { PATH: process.env.PATH, SWARM_WORKTREE: worktree };
    const child = spawn('bash', ['-c', line, ...words], { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    this.#members.set(name, child);
    return child;
  }

  left(): readonly string[] {
    const living = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;
    return [...this.#members].filter(([, child]) => living(child)).map(([name]) => name);
  }

  async [Symbol.asyncDispose]() {
    for (const child of this.#members.values()) child.kill('SIGKILL');
    await waitFor('all to end', () => this.left().length === 0);
  }
}

test('what carries a worktree in its environment is ended, in whatever session it runs; its neighbours are not', async () => {
  await using family = new Family();
  family.start('there', '/home/ada/a tree');
  family.start('inside', '/home/ada/a tree/packages');
  family.start('stopped', '/home/ada/a tree').kill('SIGSTOP');
  family.start('deaf', '/home/ada/a tree', `trap '' TERM; while true; do sleep 1; done`);
  family.start('neighbour', '/home/ada/a tree 2');
  family.start('above', '/home/ada');
  family.start('naming it', '', 'exec sleep 60', 'SWARM_WORKTREE=/home/ada/a', '/home/ada/a tree');
  const processes = await openProcesses();
  const ended = await processes.endLeftovers({ folder: '/home/ada/a tree', sessions: [] });
  const expected = ['neighbour', 'above', 'naming it'];
  await waitFor('the ends to be told', () => family.left().length === expected.length);
  expect({ ended: ended >= 4, left: family.left() }).toEqual({ ended: true, left: expected });
  expect(await processes.endLeftovers({ folder: '/home/ada/a tree', sessions: [] })).toBe(0);
});

test('a session is ended by its process with all it has started, or by its id and its logs in a command line', async () => {
  await using family = new Family();
  const processes = await openProcesses();
  const claudeSessionId = randomUUID() as ClaudeSessionId;
  const unknown = randomUUID() as ClaudeSessionId;
  const parent = family.start('saved', '', 'env -u SWARM_WORKTREE setsid sleep 60 & echo $!; wait');
  const child = Number(await new Promise((resolve) => parent.stdout?.once('data', resolve)));
  const arguments_ = ['claude', '--session-id', claudeSessionId, '--settings', '/logs of it/claude-settings.json'];
  family.start('not yet saved', '', 'sleep 60; true', ...arguments_);
  family.start('the person’s own', '', 'sleep 60; true', 'claude', '--resume', claudeSessionId);
  family.start('a pid used again', '');
  const identity = await processes.identityOf(parent.pid ?? 0);
  const childIdentity = await processes.identityOf(child);
  if (identity === undefined || childIdentity === undefined) throw new Error('the session is not there');
  const logs = '/logs of it';
  await processes.endLeftovers({
    sessions: [
      { process: identity, claudeSessionId, logs },
      { process: { ...processes.self, startTime: 'another' }, claudeSessionId: unknown, logs },
      { process: { ...identity, machine: 'another' }, claudeSessionId: unknown, logs },
    ],
  });
  await waitFor('the ends to be told', () => family.left().length === 2);
  expect({ left: family.left(), child: processes.isDead(childIdentity) }).toEqual({
    left: ['the person’s own', 'a pid used again'],
    child: true,
  });
});

test('one that is left over itself, because a session has started it, ends neither itself nor what is above it', async () => {
  await using family = new Family();
  family.start('sibling', '/home/ada/own');
  const module = join(import.meta.dirname, '../../../src/process/identity.ts');
  const script = `import { openProcesses } from ${JSON.stringify(module)};
    const processes = await openProcesses();
    console.log(await processes.endLeftovers({ folder: '/home/ada/own', sessions: [] }));`;
  const shell = family.start(
    'shell',
    '/home/ada/own',
    '"$0" --input-type=module -e "$1"; echo alive',
    process.execPath,
    script,
  );
  const printed = await text(shell.stdout as Readable);
  await waitFor('the ends to be told', () => family.left().length === 0);
  expect(printed).toBe('1\nalive\n');
});

const id = '11111111-2222-4333-8444-555555555555' as ClaudeSessionId;

test.each<[boolean, Leftovers, string[]]>([
  [true, { folder: '/a b', sessions: [] }, ['node', 'x', 'SWARM_WORKTREE=/a b']],
  [true, { folder: '/a b', sessions: [] }, ['SWARM_WORKTREE=/a b/packages/c', 'HOME=/h']],
  [false, { folder: '/a b', sessions: [] }, ['SWARM_WORKTREE=/a b2', 'MY_SWARM_WORKTREE=/a b', '/a b']],
  [
    true,
    { sessions: [{ claudeSessionId: id, logs: '/logs' }] },
    ['claude', '--resume', id, '--settings', '/logs/s.json'],
  ],
  [false, { sessions: [{ claudeSessionId: id, logs: '/logs' }] }, ['claude', '--resume', id, '/logs2/s.json']],
  [false, { sessions: [{ claudeSessionId: id, logs: '/logs' }] }, ['less', id, '/logs/s.json']],
  [false, { sessions: [{ claudeSessionId: 'e' as ClaudeSessionId, logs: '/' }] }, ['claude', '--resume', 'e', '//x']],
  [false, { sessions: [{ claudeSessionId: '' as ClaudeSessionId, logs: '' }] }, ['claude', '--resume', '', '/x']],
])('%s: %j left %j', (expected, leftovers, words) => {
  expect(leftoverMatcher(leftovers, '\0')(`\0${words.join('\0')}\0`)).toBe(expected);
  expect(leftoverMatcher(leftovers, ' ')(` ${words.join(' ')} `)).toBe(expected);
});

test.each(['', '/', 'relative'])('%j is no folder to look for', (folder) => {
  expect(() => leftoverMatcher({ folder, sessions: [] }, ' ')).toThrow('is no worktree');
});

test('the lines of ps and of PowerShell are read with everything behind the pid', () => {
  expect([...parseWords('    1 /sbin/launchd\n  712 node a b  SWARM_WORKTREE=/a b HOME=/h\r\n 9\n x\n')]).toEqual([
    [1, '/sbin/launchd'],
    [712, 'node a b  SWARM_WORKTREE=/a b HOME=/h'],
  ]);
});
