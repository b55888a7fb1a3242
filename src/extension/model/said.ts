import type { SwarmEvent } from '../../core/model/event.ts';
import type { TaskId } from '../../core/model/ids.ts';

/** What the session of a task last said of itself, and what was found about it. */
interface Said {
  /** How it gets on, with how sure it is. */
  readonly status?: string;
  /** Why it cannot go on. */
  readonly stuck?: string;
  /** Why its claims are not enforced. */
  readonly unenforced?: string;
}

/** What tasks have said, by task; those that said nothing are absent. */
export type Sayings = ReadonlyMap<TaskId, Said>;

/** What tasks have said after these events, in order. */
export function hear(before: Sayings, events: readonly SwarmEvent[]): Sayings {
  const after = new Map(before);
  for (const { kind, task, text } of events) {
    if (task === undefined) continue;
    const said = after.get(task) ?? {};
    switch (kind) {
      case 'session.status':
        after.set(task, { ...said, status: text });
        break;
      case 'session.stuck':
        after.set(task, { ...said, stuck: text });
        break;
      case 'session.unenforced':
        after.set(task, { ...said, unenforced: text });
        break;
      // It goes on: somebody has answered it, or it has found a way.
      case 'session.prompted':
      case 'session.tool_done':
      case 'session.batch_done':
      case 'session.denied':
      case 'task.running': {
        if (said.stuck === undefined) break;
        const { stuck: _answered, ...others } = said;
        after.set(task, others);
        break;
      }
      case 'session.ended':
        after.delete(task);
        break;
      default:
    }
  }
  return after;
}
