import { expect, test } from 'vitest';
import type { Readiness } from '../../../src/claude/readiness.ts';
import { ClaudeGate } from '../../../src/extension/claudeGate.ts';
import { paced } from '../../../src/extension/pace.ts';
import { waitFor } from '../../support/waitFor.ts';

const answering = (...answers: Readiness['state'][]) =>
  new ClaudeGate(async () => ({ state: answers.shift() ?? 'ready', text: 'x' }), 1);

test('work that waits for Claude is told of once for each obstacle, and goes on by itself when it is ready', async () => {
  const gate = answering('signed_out', 'signed_out', 'untrusted', 'ready');
  const told: string[] = [];
  gate.onDidBlock(({ state }) => told.push(state));
  await Promise.all([gate.want(), gate.want()]);
  expect([told, gate.isReady]).toEqual([['signed_out', 'untrusted'], true]);
});

test('nobody is told of an obstacle while no work waits', async () => {
  const gate = answering('signed_out', 'ready');
  const told: string[] = [];
  gate.onDidBlock(({ state }) => told.push(state));
  await gate.wait();
  expect([told, gate.isReady]).toEqual([[], true]);
});

test('a Claude that cannot even be asked counts as missing', async () => {
  const gate = new ClaudeGate(async () => {
    throw new Error('boom');
  });
  expect(await gate.look()).toEqual({ state: 'missing', text: 'boom' });
});

test('many pokes make one run at once and one more afterwards', async () => {
  let runs = 0;
  const pace = paced(20, async () => {
    runs += 1;
  });
  for (let index = 0; index < 10; index++) pace.poke();
  expect(runs).toBe(1);
  await waitFor('the second run', () => runs === 2);
  pace.dispose();
});
