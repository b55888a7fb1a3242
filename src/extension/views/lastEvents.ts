import type { SwarmEvent } from '../../core/model/event.ts';
import type { TaskId } from '../../core/model/ids.ts';
import type { Repository } from '../repository.ts';

/** How far back is looked for them. */
const lookBack = 2_000;

/** The newest events of a task, oldest first; what says the same as the one before it is left out. */
export async function lastEvents(repository: Repository, task: TaskId, most = 4): Promise<readonly SwarmEvent[]> {
  const seq = repository.feed.latest?.overview.seq ?? 0;
  const events = await repository.open.store.eventsAfter(Math.max(0, seq - lookBack), lookBack, task);
  return events.filter((event, index) => event.text !== events[index - 1]?.text).slice(-most);
}
