import { assertNever } from '../../base/errors.ts';
import type { SessionEvent, Usage } from '../../core/model/session.ts';

/** What a session did, in words for the event log. */
export function sessionText(event: SessionEvent): string {
  switch (event.kind) {
    case 'started':
      return event.model === undefined ? 'session started' : `session started with ${event.model}`;
    case 'prompted':
    case 'text':
      return event.text;
    case 'tool':
      return `${event.tool}: ${event.summary}`;
    case 'tool_done':
      return `${event.tool} ${event.ok ? 'done' : 'failed'}: ${event.summary}`;
    case 'batch_done':
      return 'a round of tools ended';
    case 'asks':
      return event.what === 'permission' && event.tool !== undefined
        ? `permission for ${event.tool}${event.text === '' ? '' : ` (${event.text})`}`
        : event.text;
    case 'status':
      return event.confidence === undefined ? event.text : `${event.text} (${event.confidence} % sure)`;
    case 'stuck':
      return `stuck: ${event.text}`;
    case 'unenforced':
      return `claims are not enforced: ${event.reason}`;
    case 'denied':
      return `${event.tool} denied: ${event.reason}`;
    case 'usage':
      return usageText(event.usage);
    case 'limited':
      return event.resetsAt === undefined
        ? event.status
        : `${event.status}, until ${new Date(event.resetsAt).toISOString()}`;
    case 'compacted':
      return 'the conversation was compacted';
    case 'turn_ended':
      return event.pending === 0 ? event.text : `${event.text} (${event.pending} in the background)`;
    case 'turn_failed':
    case 'cleared':
      return event.reason;
    default:
      return assertNever(event, 'session event');
  }
}

const usageText = (usage: Usage): string =>
  `$${usage.costUsd.toFixed(2)}, ${usage.tokens} tokens, ${usage.turns} turns`;
