import type { SessionEvent } from '../core/model/session.ts';
import { oneLine, withoutControls } from './toolSummary.ts';

/** An event of a session as lines for people; further lines of a text are indented. None for events of no interest. */
export function readable(event: SessionEvent): string {
  switch (event.kind) {
    case 'started':
      return `started    conversation ${event.claudeSessionId}${event.model === undefined ? '' : `, ${event.model}`}`;
    case 'prompted':
      return `prompt     ${indented(event.text)}`;
    case 'text':
      return `says       ${indented(event.text)}`;
    case 'tool':
      return `uses       ${event.tool}: ${event.summary}`;
    case 'tool_done':
      return `${event.ok ? 'result    ' : 'failed    '} ${event.tool}: ${event.summary}`;
    case 'batch_done':
      return '';
    case 'asks':
      return `asks       ${event.what}: ${[event.tool, event.text].filter((part) => part).join(': ')}`;
    case 'status':
      return `status     ${event.text}${event.confidence === undefined ? '' : ` (${event.confidence} % sure)`}`;
    case 'stuck':
      return `stuck      ${event.text}`;
    case 'unenforced':
      return `claims     not enforced: ${event.reason}`;
    case 'denied':
      return `denied     ${event.tool}: ${event.reason}`;
    case 'usage':
      return `used       $${event.usage.costUsd.toFixed(4)}, ${event.usage.tokens} tokens, ${event.usage.turns} turns`;
    case 'limited':
      return `limited    ${event.status}`;
    case 'compacted':
      return 'compacted  the conversation so far';
    case 'turn_ended':
      return `complete   ${oneLine(event.text)}${event.pending > 0 ? ` (${event.pending} in the background)` : ''}`;
    case 'turn_failed':
      return `failed     ${event.reason}`;
    case 'cleared':
      return `cleared    ${event.reason}`;
  }
}

function indented(text: string): string {
  return withoutControls(text.trimEnd()).replaceAll('\n', `\n${' '.repeat(20)}`);
}
