import { expect, test } from 'vitest';
import { answerOf, eventsOf, readHook } from '../../../src/claude/hooks.ts';

const common = {
  session_id: 'ec4e83a8-7447-4968-b334-04ffc1c3bc33',
  transcript_path: '/home/ada/.claude/projects/-home-ada-repo/ec4e83a8.jsonl',
  cwd: '/home/ada/repo one',
  permission_mode: 'default',
};
const told = (hook_event_name: string, fields: object) => {
  const hook = readHook({ ...common, hook_event_name, ...fields });
  return hook === undefined ? 'no hook' : eventsOf(hook);
};
const bash = { tool_name: 'Bash', tool_input: { command: 'npm\n  test' }, tool_use_id: 'toolu_1' };

test('each hook tells its facts', () => {
  expect([
    told('UserPromptSubmit', { prompt: 'go' }),
    told('PreToolUse', bash),
    told('PostToolUse', { ...bash, tool_response: { stdout: 'ok', stderr: 'warned', interrupted: false } }),
    told('PostToolUseFailure', { ...bash, error: 'Exit code 1\nfailed' }),
    told('PostToolBatch', { tool_calls: [] }),
    told('PermissionRequest', bash),
    told('PermissionRequest', {
      tool_name: 'AskUserQuestion',
      tool_input: { questions: [{ question: 'A?' }, { question: 'B?' }] },
    }),
    told('PermissionRequest', { tool_name: 'ExitPlanMode', tool_input: { plan: '# Plan' } }),
    told('Notification', { notification_type: 'elicitation_dialog', message: 'Which server?' }),
    told('Notification', { notification_type: 'permission_prompt', message: 'Claude needs your permission' }),
    told('PostCompact', { trigger: 'auto' }),
    told('Stop', { last_assistant_message: 'Done.', background_tasks: [{ id: 'b1' }] }),
    told('StopFailure', { error: 'rate_limit', error_details: 'resets 3pm' }),
    told('StopFailure', { error: 'server_error', last_assistant_message: 'API Error' }),
    told('SessionEnd', { reason: 'clear' }),
    told('SessionEnd', { reason: 'other' }),
    told('SomethingNew', {}),
  ]).toEqual([
    [{ kind: 'prompted', text: 'go' }],
    [{ kind: 'tool', use: 'toolu_1', tool: 'Bash', summary: 'npm test' }],
    [{ kind: 'tool_done', use: 'toolu_1', tool: 'Bash', ok: true, summary: 'ok warned' }],
    [{ kind: 'tool_done', use: 'toolu_1', tool: 'Bash', ok: false, summary: 'Exit code 1 failed' }],
    [{ kind: 'batch_done' }],
    [{ kind: 'asks', what: 'permission', tool: 'Bash', text: 'npm test' }],
    [{ kind: 'asks', what: 'question', tool: 'AskUserQuestion', text: 'A? / B?' }],
    [{ kind: 'asks', what: 'question', tool: 'ExitPlanMode', text: '# Plan' }],
    [{ kind: 'asks', what: 'question', text: 'Which server?' }],
    [],
    [{ kind: 'compacted' }],
    [{ kind: 'turn_ended', text: 'Done.', pending: 1 }],
    [
      { kind: 'limited', status: 'rejected' },
      { kind: 'turn_failed', reason: 'rate_limit: resets 3pm' },
    ],
    [{ kind: 'turn_failed', reason: 'server_error: API Error' }],
    [{ kind: 'cleared', reason: 'clear' }],
    [],
    [],
  ]);
});

test('what is no hook tells nothing, and fields of other types are taken for missing', () => {
  expect([
    readHook(null),
    readHook('text'),
    readHook({ hook_event_name: 'Stop' }),
    told('Stop', { last_assistant_message: 7, background_tasks: 'none' }),
    told('PreToolUse', { tool_name: 'Bash', tool_input: ['x'] }),
  ]).toEqual([
    undefined,
    undefined,
    undefined,
    [{ kind: 'turn_ended', text: '', pending: 0 }],
    [{ kind: 'tool', use: '', tool: 'Bash', summary: '' }],
  ]);
});

test('a decision is answered in Claude Code’s form, and none is silence', () => {
  const answer = (permissionDecision: string, permissionDecisionReason: string) => ({
    hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision, permissionDecisionReason },
  });
  expect([
    answerOf({ decision: 'allow', reason: 'yes' }),
    answerOf({ decision: 'deny', reason: 'no' }),
    answerOf({ decision: 'none', reason: '' }),
  ]).toEqual([answer('allow', 'yes'), answer('deny', 'no'), {}]);
});
