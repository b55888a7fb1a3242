import { sep } from 'node:path';
import type { TaskId } from '../core/model/ids.ts';
import { isId } from '../core/model/ids.ts';
import type { Member, Party } from '../core/model/party.ts';
import { guestNamed, isGuest, nameOf } from '../core/model/party.ts';
import { worktreeVariable } from '../core/model/process.ts';
import type { Refusal } from '../core/model/review.ts';
import type { TeamStore } from '../core/team.ts';
import type { Family } from '../process/family.ts';

/** The variable by which a session says who it is: the id of its worker, or a guest's name. */
export const workerVariable = 'SWARM_WORKER';
/** What is asked of the environments of those above. */
const speakerVariables: readonly string[] = [workerVariable, worktreeVariable];
/** A guest who has said nothing for so long has left, in milliseconds. */
export const guestMs = 30 * 60_000;

/** What is known of whoever started this program. */
export interface Speaker {
  /** `--worker`. */
  readonly named: string | undefined;
  /** `$SWARM_WORKER`, set in every session. */
  readonly worker: string | undefined;
  /** The folder of the session or check that it was started by, as its environment says. */
  readonly worktree: string | undefined;
  /** The folder it stands in, resolved. */
  readonly folder: string;
  readonly family: Family;
}

/** What started this program, as far as it cannot be put away: why it is a session, in words, and for whom it speaks, if anybody. */
export interface Origin {
  readonly reason: string;
  readonly party: Party | undefined;
}

type Known = Pick<TeamStore, 'workerAmong' | 'taskOf' | 'taskAt' | 'members'>;

/**
 * The session that started this program, by what it cannot put away: a recorded worker in its family, the worktree or name
 * that it or those above it were started with. What it says of itself counts for nothing here.
 */
export async function originOf({ worktree, family }: Speaker, store: Known): Promise<Origin | undefined> {
  const worker = await store.workerAmong(family.processes);
  if (worker) return { reason: `this command was started by ${worker.name}`, party: await store.taskOf(worker.id) };
  const startedIn = (folder: string) => `this command was started inside of ${folder}`;
  if (worktree) return { reason: startedIn(worktree), party: await store.taskAt(worktree) };
  for (const { [worktreeVariable]: folder, [workerVariable]: name } of family.environments(speakerVariables)) {
    // Another swarm's session may well have started this one, which is nobody here.
    const task = folder ? await store.taskAt(folder) : undefined;
    if (folder && task) return { reason: startedIn(folder), party: task };
    const member = name ? memberNamed(await store.members(), name) : undefined;
    if (member) return { reason: `this command was started by ${name}`, party: member.party };
  }
  return undefined;
}

/** The task whose worktree the folder is, or is in. */
export async function taskAround(folder: string, store: Pick<TeamStore, 'taskAt'>): Promise<TaskId | undefined> {
  const parts = folder.split(sep);
  for (let count = parts.length; count > 1; count -= 1) {
    const task = await store.taskAt(parts.slice(0, count).join(sep));
    if (task !== undefined) return task;
  }
  return undefined;
}

/** A party that may go on under that name, or why nobody may, in words. */
export type Voice = { readonly party: Party } | Refusal;

/**
 * Who speaks inside a session's verbs. A session speaks for itself, whatever it says; the person may speak as anybody; a name
 * that nobody has is a guest's, who joins by it.
 */
export async function whoSpeaks(
  speaker: Speaker,
  store: Known & Pick<TeamStore, 'guestSeen'>,
  now: number,
): Promise<Voice> {
  const voice = await voiceOf(speaker, store);
  if ('party' in voice && isGuest(voice.party)) await store.guestSeen({ guest: voice.party, ms: guestMs, now });
  return voice;
}

async function voiceOf(speaker: Speaker, store: Known): Promise<Voice> {
  const { named, worker, folder, family } = speaker;
  if (named && worker && named !== worker) {
    return { refused: `$${workerVariable} says that ${worker} is speaking, and --worker says ${named}` };
  }
  const origin = await originOf(speaker, store);
  if (origin && origin.party === undefined) return { refused: `${origin.reason}, which has no task now` };
  const name = named || worker;
  const said = name ? await partyNamed(name, store) : undefined;
  if (said && 'refused' in said) return said;
  const own = origin?.party ?? (await taskAround(folder, store));
  if (own !== undefined) {
    if (said === undefined || said.party === own) return { party: own };
    const reason = origin?.reason ?? `this folder is the worktree of task ${own}`;
    return { refused: `nobody can speak as ${name} here: ${reason}` };
  }
  return family.isOrphan ? { refused: leftBehind } : (said ?? { party: 'you' });
}

/** Words for a process of whose family nobody is left. */
export const leftBehind = 'whatever started this command has ended, so nobody can tell whether a session did';

async function partyNamed(name: string, store: Known): Promise<Voice> {
  if (isId('worker', name)) {
    const task = await store.taskOf(name);
    return task === undefined ? { refused: `the worker ${name} has no task now` } : { party: task };
  }
  const known = memberNamed(await store.members(), name);
  if (known) return known.party === 'you' ? { refused: 'you need no --worker' } : { party: known.party };
  const guest = guestNamed(name);
  return guest === undefined
    ? {
        refused: `“${name}” is no name for a session: it is another’s, or has other characters than letters, digits and _ . -`,
      }
    : { party: guest };
}

/** Exactly this one: whoever speaks for somebody must not do so by a slip. */
const memberNamed = (members: readonly Member[], name: string): Member | undefined =>
  members.find(
    ({ party, worker }) =>
      nameOf(party) === name ||
      (worker !== undefined && [worker.id, worker.name, worker.name.replace(/^worker /, '')].includes(name)),
  );
