import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { AppError } from '../base/errors.ts';
import type { OpenSwarm } from '../bridge/open.ts';
import { worktreeVariable } from '../core/model/process.ts';
import type { Overview } from '../core/model/snapshot.ts';
import type { Invocation } from './invocation.ts';
import { withSwarm } from './invocation.ts';

/** One process, as far as its family matters. */
interface Relative {
  readonly pid: number;
  readonly parent: number;
  readonly startTime: string;
}

/** What is known of whoever started this program. */
export interface Speaker {
  /** `$SWARM_WORKER`, set in every session. */
  readonly worker: string | undefined;
  /** The folder of the session or check that it was started by, as its environment says. */
  readonly worktree: string | undefined;
  /** The folder it stands in, resolved. */
  readonly folder: string;
  /** This process and those above it. */
  readonly ancestors: readonly Relative[];
}

/** Why a speaker may not use the person's verbs, in words; undefined when nothing speaks against it. */
export function whyNotThePerson(
  speaker: Speaker,
  { workers, tasks }: Pick<Overview, 'workers' | 'tasks'>,
): string | undefined {
  if (speaker.worker !== undefined && speaker.worker !== '')
    return `$SWARM_WORKER says that ${speaker.worker} is speaking`;
  if (speaker.worktree !== undefined && speaker.worktree !== '')
    return `this command was started inside of ${speaker.worktree}`;
  const worker = workers.find(({ process: known }) =>
    speaker.ancestors.some((each) => each.pid === known?.pid && each.startTime === known.startTime),
  );
  if (worker) return `this command was started by ${worker.name}`;
  const task = tasks.find(
    ({ worktree }) =>
      worktree !== undefined && (speaker.folder === worktree || speaker.folder.startsWith(`${worktree}${sep}`)),
  );
  return task && `this folder is the worktree of “${task.title}”`;
}

/** Throws unless the person speaks: what decides, starts or removes something is refused to sessions. */
export async function requirePerson(invocation: Invocation, opened: OpenSwarm): Promise<void> {
  const reason = whyNotThePerson(await speakerOf(invocation), await opened.store.overview());
  if (reason !== undefined) throw notThePerson(reason, opened.repo.root);
}

/** The same where there may be no repository around, as for settings that hold for all of them. */
export async function requirePersonAnywhere(invocation: Invocation): Promise<void> {
  try {
    await withSwarm(invocation, (opened) => requirePerson(invocation, opened));
  } catch (error) {
    if (!AppError.is(error, 'not_a_repository')) throw error;
    const reason = whyNotThePerson(await speakerOf(invocation), { workers: [], tasks: [] });
    if (reason !== undefined) throw notThePerson(reason, process.cwd());
  }
}

const notThePerson = (reason: string, folder: string): AppError =>
  new AppError('not_a_person', `only the person may do this, and ${reason}`, {
    hint: `Run it in a terminal of your own, in ${folder}.`,
  });

async function speakerOf({ env, startedIn }: Invocation): Promise<Speaker> {
  return {
    worker: env.SWARM_WORKER,
    worktree: env[worktreeVariable],
    folder: await realpath(startedIn),
    ancestors: await ancestorsOf(process.pid),
  };
}

async function ancestorsOf(pid: number): Promise<readonly Relative[]> {
  const { listProcesses } = await import('../process/table.ts');
  const rows = new Map((await listProcesses()).map((row) => [row.pid, row]));
  const family: Relative[] = [];
  for (let row = rows.get(pid); row !== undefined && !family.includes(row); row = rows.get(row.parent))
    family.push(row);
  return family;
}
