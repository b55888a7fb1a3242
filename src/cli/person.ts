import { realpath } from 'node:fs/promises';
import { AppError } from '../base/errors.ts';
import type { OpenSwarm } from '../bridge/open.ts';
import { worktreeVariable } from '../core/model/process.ts';
import { isLive } from '../core/model/worker.ts';
import type { Store } from '../core/store.ts';
import { familyOf } from '../process/anyFamily.ts';
import { isTogether } from '../process/family.ts';
import type { Invocation } from './invocation.ts';
import { withSwarm } from './invocation.ts';
import type { Speaker } from './speaker.ts';
import { leftBehind, originOf, taskAround, workerVariable } from './speaker.ts';

/** What is known of whoever has made this call. */
export async function speakerOf(
  { env, startedIn }: Invocation,
  store: Pick<Store, 'overview'>,
  named?: string,
): Promise<Speaker> {
  const family = await familyOf();
  return {
    named,
    worker: env[workerVariable],
    worktree: env[worktreeVariable],
    folder: await realpath(startedIn),
    // A service of the operating system is left behind, too, but apart from all sessions.
    family: { ...family, isOrphan: family.isOrphan && (await isAmongWorkers(store)) },
  };
}

async function isAmongWorkers(store: Pick<Store, 'overview'>): Promise<boolean> {
  const living = (await store.overview()).workers.filter(isLive);
  return living.some((worker) => worker.process !== undefined && isTogether(worker.process.pid, process.pid));
}

/** Why a speaker may not use the person's verbs, in words; undefined when nothing speaks against it. */
export async function whyNotThePerson(
  speaker: Speaker,
  store: Pick<Store, 'workerAmong' | 'taskOf' | 'taskAt' | 'members' | 'task'>,
): Promise<string | undefined> {
  if (speaker.worker) return `$${workerVariable} says that ${speaker.worker} is speaking`;
  const origin = await originOf(speaker, store);
  if (origin) return origin.reason;
  const task = await taskAround(speaker.folder, store);
  if (task !== undefined) return `this folder is the worktree of “${(await store.task(task))?.title ?? task}”`;
  return speaker.family.isOrphan ? leftBehind : undefined;
}

/** Throws unless the person speaks: what decides, starts or removes something is refused to sessions. */
export async function requirePerson(invocation: Invocation, opened: OpenSwarm): Promise<void> {
  const reason = await whyNotThePerson(await speakerOf(invocation, opened.store), opened.store);
  if (reason !== undefined) throw notThePerson(reason, opened.repo.root);
}

/**
 * The same for what holds beyond one repository, such as settings for all of them: there may be none around, or one that knows
 * nothing of the session that is calling. Every session of any swarm carries its name in its environment.
 */
export async function requirePersonAnywhere(invocation: Invocation): Promise<void> {
  try {
    await withSwarm(invocation, (opened) => requirePerson(invocation, opened));
  } catch (error) {
    if (!AppError.is(error, 'not_a_repository')) throw error;
  }
  const family = await familyOf();
  const environments = [invocation.env, ...family.environments([workerVariable, worktreeVariable])];
  const session = environments.map((env) => env[workerVariable] || env[worktreeVariable]).find(Boolean);
  if (session) throw notThePerson(`this command was started by ${session}`, process.cwd());
}

const notThePerson = (reason: string, folder: string): AppError =>
  new AppError('not_a_person', `only the person may do this, and ${reason}`, {
    hint: `Run it in a terminal of your own, in ${folder}.`,
  });
