import * as z from 'zod';
import type { Decision } from '../core/model/gate.ts';
import type { SessionEvent } from '../core/model/session.ts';
import { oneLine, summaryOf, summaryOfResult } from './toolSummary.ts';

const text = z.string().catch('');
const items = z.array(z.unknown()).catch([]);

/** What Claude Code posts to a hook; what another version leaves out or spells otherwise is empty. */
const Hook = z.object({
  hook_event_name: z.string(),
  session_id: z.string(),
  transcript_path: text,
  cwd: text,
  permission_mode: text,
  tool_name: text,
  tool_input: z.record(z.string(), z.unknown()).catch({}),
  tool_use_id: text,
  tool_calls: z.array(z.object({ tool_name: text, tool_input: z.record(z.string(), z.unknown()).catch({}) })).catch([]),
  /** Of a helper that the session has started. */
  agent_id: text,
  tool_response: z.unknown().optional(),
  error: text,
  error_details: text,
  prompt: text,
  message: text,
  notification_type: text,
  last_assistant_message: text,
  background_tasks: items,
  session_crons: items,
  reason: text,
});

/** One call of a hook. */
export type Hook = z.infer<typeof Hook>;

/** Reads what was posted; undefined when it is no hook. */
export function readHook(body: unknown): Hook | undefined {
  return Hook.safeParse(body).data;
}

/** The facts that a hook tells; hooks of other kinds tell none. */
export function eventsOf(hook: Hook): readonly SessionEvent[] {
  const tool = hook.tool_name;
  switch (hook.hook_event_name) {
    case 'UserPromptSubmit':
      return [{ kind: 'prompted', text: hook.prompt }];
    case 'PreToolUse':
      return [{ kind: 'tool', use: hook.tool_use_id, tool, summary: summaryOf(hook.tool_input) }];
    case 'PostToolUse':
      return [toolDone(hook, true, summaryOfResult(hook.tool_response))];
    case 'PostToolUseFailure':
      return [toolDone(hook, false, oneLine(hook.error))];
    case 'PostToolBatch':
      return [{ kind: 'batch_done' }];
    case 'PermissionRequest': {
      const what = tool === 'AskUserQuestion' || tool === 'ExitPlanMode' ? 'question' : 'permission';
      return [{ kind: 'asks', what, tool, text: summaryOf(hook.tool_input) }];
    }
    case 'Notification':
      return hook.notification_type === 'elicitation_dialog'
        ? [{ kind: 'asks', what: 'question', text: oneLine(hook.message) }]
        : [];
    case 'PostCompact':
      return [{ kind: 'compacted' }];
    case 'Stop':
      return [{ kind: 'turn_ended', text: hook.last_assistant_message, pending: hook.background_tasks.length }];
    case 'StopFailure': {
      const failed: SessionEvent = { kind: 'turn_failed', reason: reasonOf(hook) };
      return hook.error === 'rate_limit' ? [{ kind: 'limited', status: 'rejected' }, failed] : [failed];
    }
    case 'SessionEnd':
      // With other reasons the process ends, which is told by its end.
      return ['clear', 'resume'].includes(hook.reason) ? [{ kind: 'cleared', reason: hook.reason }] : [];
    default:
      return [];
  }
}

/** The answer that tells Claude Code what was decided; silence leaves it to Claude Code. */
export function answerOf({ decision, reason }: Decision): object {
  if (decision === 'none') return {};
  return {
    hookSpecificOutput: {
      hookEventName: 'PreToolUse',
      permissionDecision: decision,
      permissionDecisionReason: reason,
    },
  };
}

/** The answer that puts facts before the model with its next step. */
export function contextOf(event: 'UserPromptSubmit' | 'PostToolBatch', text: string): object {
  return { hookSpecificOutput: { hookEventName: event, additionalContext: text } };
}

/** The answer to Stop that lets the session go on, because there is something it should know. */
export const goOnBecause = (reason: string): object => ({ decision: 'block', reason });

function toolDone(hook: Hook, ok: boolean, summary: string): SessionEvent {
  return { kind: 'tool_done', use: hook.tool_use_id, tool: hook.tool_name, ok, summary };
}

function reasonOf({ error, error_details, last_assistant_message }: Hook): string {
  return oneLine([error, error_details || last_assistant_message].filter((part) => part !== '').join(': '));
}
