import { UsageError } from '../../base/errors.ts';
import type { TaskId } from '../../core/model/ids.ts';
import type { Party } from '../../core/model/party.ts';
import { isTask } from '../../core/model/party.ts';

/** The task whose session speaks. Throws a UsageError for the person and for guests, who have git itself. */
export function ownTask(party: Party, verb: 'commit' | 'pull' | 'push'): TaskId {
  if (isTask(party)) return party;
  throw new UsageError(`\`swarm ${verb}\` is for the session of a task, in its worktree`, {
    hint: `Use \`git ${verb}\`, or run this in the worktree of a task.`,
  });
}
