import type { TaskId, WorkerId } from './ids.ts';
import type { Guest } from './party.ts';
import type { ProcessIdentity } from './process.ts';

/**
 * A timed, fenced ownership. Every write of its owner shows the token; a takeover makes a new, larger one.
 * A lease is lost only when proven lost: its process is known dead, or its renewals stood still for `ms`
 * on the reaper's own monotonic clock.
 */
export interface Lease {
  /** What is owned: `task/<id>`, `worker/<id>`, `leader`, `target/<branch>`, `push/<remote>`, `guest/<name>`. */
  readonly name: string;
  /** Fencing token; larger than every token given before it in this store. */
  readonly token: number;
  readonly owner: ProcessIdentity;
  /** Counts up at each renewal. */
  readonly renewals: number;
  /** Milliseconds without renewal after which the lease may be taken over. */
  readonly ms: number;
}

/** The lease of a task at a worker: what the worker shows with each write. */
export interface TaskLease {
  readonly task: TaskId;
  readonly worker: WorkerId;
  readonly token: number;
}

/** The name under which a task is leased. */
export const taskLeaseName = (task: TaskId): string => `task/${task}`;
/** The name of the lease by which a worker shows that it lives, also while it has no task. Only itself ever holds it. */
export const workerLeaseName = (worker: WorkerId): string => `worker/${worker}`;
/** The name of the lease of the one that coordinates. */
export const leaderLeaseName = 'leader';
/** The name of the lease of the one that lands on a branch. */
export const targetLeaseName = (branch: string): string => `target/${branch}`;
/** The name of the lease of the one that pushes to a remote. */
export const pushLeaseName = (remote: string): string => `push/${remote}`;

/** The name of the lease by which a guest shows that it is still there; no process stands behind it. */
export const guestLeaseName = (guest: Guest): string => `guest/${guest.slice(1)}`;
/** The guest whose lease has this name; undefined when it is no guest's. */
export const guestOfLease = (name: string): Guest | undefined =>
  name.startsWith('guest/') ? `@${name.slice('guest/'.length)}` : undefined;

/** What a reaper remembers of a lease between two looks. */
export interface LeaseSighting {
  readonly token: number;
  readonly renewals: number;
  /** Monotonic milliseconds when these renewals were first seen. */
  readonly since: number;
}

/**
 * Decides which leases are proven lost. `isDead` is true only for a process on this machine that is known to be gone.
 * Returns the lost ones and the sightings to remember for the next look.
 */
export function judgeLeases(
  leases: readonly Lease[],
  seen: ReadonlyMap<string, LeaseSighting>,
  monotonic: number,
  isDead: (owner: ProcessIdentity) => boolean,
): { readonly lost: readonly Lease[]; readonly seen: ReadonlyMap<string, LeaseSighting> } {
  const next = new Map<string, LeaseSighting>();
  const lost: Lease[] = [];
  for (const lease of leases) {
    const before = seen.get(lease.name);
    const still = before !== undefined && before.token === lease.token && before.renewals === lease.renewals;
    const sighting = still ? before : { token: lease.token, renewals: lease.renewals, since: monotonic };
    if (isDead(lease.owner) || monotonic - sighting.since > lease.ms) lost.push(lease);
    else next.set(lease.name, sighting);
  }
  return { lost, seen: next };
}
