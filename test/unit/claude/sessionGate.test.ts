import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readHook } from '../../../src/claude/hooks.ts';
import { SessionGate } from '../../../src/claude/sessionGate.ts';

const edit = readHook({
  hook_event_name: 'PreToolUse',
  session_id: 'x',
  cwd: '/w',
  permission_mode: 'default',
  tool_name: 'Write',
  tool_input: { file_path: '/w/a.txt' },
});

/** Asks a gate as a hook does; the decision is noted once it is there. */
function asked(gate: SessionGate): string[] {
  const decisions: string[] = [];
  void gate.settled().then(() => edit && decisions.push(gate.decide(edit).decision));
  return decisions;
}

const soon = () => vi.advanceTimersByTimeAsync(10);

function closedGate(): SessionGate {
  const gate = new SessionGate({ worktree: '/w', addDirs: [], check: undefined });
  gate.grantEdits(false);
  return gate;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  [true, 'allow'],
  [false, 'deny'],
])('an edit right after a prompt waits for the worker’s word: granted %s', async (granted, decision) => {
  const gate = closedGate();
  gate.prompted();
  const decisions = asked(gate);
  await soon();
  expect(decisions).toEqual([]);
  gate.grantEdits(granted);
  await soon();
  expect(decisions).toEqual([decision]);
});

test('without a word it is decided as before, sooner than Claude Code would ask the person', async () => {
  const gate = closedGate();
  gate.prompted();
  const decisions = asked(gate);
  await vi.advanceTimersByTimeAsync(5000);
  expect(decisions).toEqual(['deny']);
});

test('nobody waits while the task is held, nor without a prompt', async () => {
  const open = new SessionGate({ worktree: '/w', addDirs: [], check: undefined });
  open.prompted();
  const decisions = [asked(open), asked(closedGate())];
  await soon();
  expect(decisions).toEqual([['allow'], ['deny']]);
});
