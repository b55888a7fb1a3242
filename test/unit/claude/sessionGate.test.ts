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

const team = { mayWrite: async () => undefined };

/** Asks a gate as a hook does; the decision is noted once it is there. */
function asked(gate: SessionGate): string[] {
  const decisions: string[] = [];
  if (edit) void gate.decide(edit).then(({ decision }) => decisions.push(decision));
  return decisions;
}

const soon = () => vi.advanceTimersByTimeAsync(10);

function closedGate(): SessionGate {
  const gate = new SessionGate({ worktree: '/w', addDirs: [], check: undefined, team });
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

const gateWith = (mayWrite: () => Promise<undefined | { refused: string }>) =>
  new SessionGate({ worktree: '/w', addDirs: [], check: undefined, team: { mayWrite } });

/** Asks a gate for one edit, and lets time pass. */
async function decided(gate: SessionGate, ms: number) {
  const asked = edit && gate.decide(edit);
  await vi.advanceTimersByTimeAsync(ms);
  return await asked;
}

test('an edit is refused with the reason of the team, and with what went wrong while asking it', async () => {
  const reason = (text: string) => ({ decision: 'deny', reason: expect.stringContaining(text) });
  expect([
    await decided(
      gateWith(async () => ({ refused: 'a.txt is claimed' })),
      0,
    ),
    await decided(
      gateWith(() => Promise.reject(new Error('the store is busy'))),
      0,
    ),
    await decided(
      gateWith(() => new Promise(() => {})),
      5000,
    ),
  ]).toEqual([
    { decision: 'deny', reason: 'a.txt is claimed' },
    reason('Swarm could not find out whether another session holds a.txt, so nothing is written: the store is busy'),
    reason('no answer within 5 s'),
  ]);
});

test('an edit is refused when the task was lost while it was asked for', async () => {
  const answered = Promise.withResolvers<undefined>();
  const gate = gateWith(() => answered.promise);
  const asked = edit && gate.decide(edit);
  await soon();
  gate.grantEdits(false);
  answered.resolve(undefined);
  expect(await asked).toMatchObject({ decision: 'deny', reason: expect.stringContaining('lost its task') });
});

test('nobody waits while the task is held, nor without a prompt', async () => {
  const open = new SessionGate({ worktree: '/w', addDirs: [], check: undefined, team });
  open.prompted();
  const decisions = [asked(open), asked(closedGate())];
  await soon();
  expect(decisions).toEqual([['allow'], ['deny']]);
});
