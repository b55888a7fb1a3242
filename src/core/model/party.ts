import type { TaskId, WorkerId } from './ids.ts';
import { isId } from './ids.ts';

/** A session that the person runs by hand, under a name of its own. */
export type Guest = `@${string}`;

/**
 * Who holds claims, writes and is written to: the person, a task (through whichever worker drives it, now and later), or
 * a guest. A worker is no party: what it holds belongs to its task, which outlives it.
 */
export type Party = 'you' | TaskId | Guest;

/** Somebody who can be written to, as people and sessions name them. */
export interface Member {
  readonly party: Party;
  /** The title of a task, the name of a guest, `you`. */
  readonly title: string;
  /** The worker that drives the task, or has its session open. */
  readonly worker?: { readonly id: WorkerId; readonly name: string };
  /** A session is there that reads what is sent: the task is with a worker, the guest has not left. True of `you`. */
  readonly isActive: boolean;
}

export const isTask = (party: Party): party is TaskId => party !== 'you' && !party.startsWith('@');
export const isGuest = (party: Party): party is Guest => party.startsWith('@');

/** The guest of that name; undefined for a name that is not `[A-Za-z0-9][A-Za-z0-9_.-]{0,63}` or means somebody else already. */
export function guestNamed(name: string): Guest | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name)) return undefined;
  const taken = /^(you|all|swarm|worker.*|\d+)$/i.test(name) || isId('worker', name) || isId('task', name);
  return taken ? undefined : `@${name}`;
}

/** How a party is called without looking anything up: the name of a guest, the id of a task, `you`. */
export const nameOf = (party: Party): string => (isGuest(party) ? party.slice(1) : party);

/** Finds who is meant: `you`, a guest's name, `worker 3` or `3`, or the id (or its beginning) of a task or worker. In words, why nobody or more than one is. */
export function findMember(members: readonly Member[], text: string): Member | { readonly refused: string } {
  const wanted = text.trim().toLowerCase();
  const found = members.filter(({ party, worker }) => {
    if (nameOf(party).toLowerCase() === wanted) return true;
    if (worker && [worker.name.toLowerCase(), worker.name.toLowerCase().replace(/^worker /, '')].includes(wanted))
      return true;
    return wanted.length >= 3 && isTask(party) && (party.startsWith(wanted) || worker?.id.startsWith(wanted) === true);
  });
  const [only] = found;
  if (only && found.length === 1) return only;
  const known = members.map(({ party, worker }) => (worker ? `${worker.name} (${party})` : nameOf(party))).join(', ');
  return { refused: `“${text.trim()}” is ${only ? 'more than one' : 'nobody here'}; there are: ${known}` };
}
