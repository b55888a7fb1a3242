import type { SwarmEvent } from '../../core/model/event.ts';
import type { TaskId } from '../../core/model/ids.ts';
import type { Repository } from '../repository.ts';

/** How far back is looked for them. */
const lookBack = 2_000;

/** The newest events of a task, oldest first. */
export async function lastEvents(repository: Repository, task: TaskId, most = 4): Promise<readonly SwarmEvent[]> {
  const seq = repository.feed.latest?.overview.seq ?? 0;
  return (await repository.open.store.eventsAfter(Math.max(0, seq - lookBack), lookBack, task)).slice(-most);
}
