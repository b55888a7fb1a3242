import type { Board, Until } from '../core/flow/waiting.ts';
import { boardOf, isMet, standing } from '../core/flow/waiting.ts';
import type { Overview } from '../core/model/snapshot.ts';
import type { Task } from '../core/model/task.ts';
import type { Settings } from '../core/settings.ts';
import type { ExitCode } from './exitCodes.ts';
import { exitCodes } from './exitCodes.ts';

/** `going` by itself; a `person` has to review, land or decide; `stuck` will not move although one waits. */
type Standing = 'going' | 'person' | 'settled' | 'stuck';

type Rules = Pick<Settings, 'tasks.startAfter' | 'tasks.maxRounds'>;

/**
 * Whether waiting for these tasks is over, and with which exit code; undefined while it goes on. Who waits for `merged` also
 * waits for the person's reviews; who waits for `done` does not wait for what comes after a review.
 */
export function verdictOn(
  tasks: readonly Task[],
  overview: Pick<Overview, 'tasks' | 'entries' | 'batches' | 'blocked'>,
  rules: Rules,
  until: Until,
): ExitCode | undefined {
  const board = boardOf(overview, rules['tasks.startAfter']);
  const standings = tasks.map((task) => standingOf(task, overview, board, until));
  const waits = until === 'merged' ? ['going', 'person'] : ['going'];
  if (standings.some((each) => waits.includes(each))) return undefined;
  if (tasks.some((task) => task.state === 'failed')) return exitCodes.refused;
  if (tasks.some((task) => usedUp(task, rules, until))) return exitCodes.limit;
  if (standings.includes('stuck')) return exitCodes.refused;
  return standings.includes('person') ? exitCodes.notYet : exitCodes.done;
}

function standingOf(
  task: Task,
  overview: Pick<Overview, 'tasks' | 'entries' | 'batches' | 'blocked'>,
  board: Board,
  until: Until,
): Standing {
  const found = standing(task, board, until);
  if (found !== 'blocked') return found === 'busy' ? 'going' : 'settled';
  switch (task.state) {
    case 'in_review':
    case 'approved': {
      const batch = overview.batches.find(({ id }) => id === task.batch);
      const entry = overview.entries.find((each) => each.task === task.id);
      const landingRefused = task.state === 'approved' && entry?.state === 'refused';
      return batch?.review === 'human' && !landingRefused ? 'person' : 'stuck';
    }
    case 'queued': {
      const before = task.after.map((id) => board.tasks.get(id)).filter((each) => each !== undefined);
      const open = before.filter((each) => !isMet(each, board.startAfter));
      return open.some((each) => standingOf(each, overview, board, 'merged') === 'stuck') ? 'stuck' : 'person';
    }
    // Who waits for work to be done is content when the person has decided that it is not to be done.
    case 'cancelled':
      return until === 'done' ? 'settled' : 'stuck';
    default:
      return 'stuck';
  }
}

/** True for a task that was tried as often as it may be. */
function usedUp(task: Task, rules: Rules, until: Until): boolean {
  if (task.state === 'dead') return true;
  return until === 'merged' && task.state === 'in_review' && task.rounds >= Math.max(1, rules['tasks.maxRounds']);
}
