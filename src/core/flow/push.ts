import { AppError, messageOf } from '../../base/errors.ts';
import type { TaskId } from '../model/ids.ts';
import { pushLeaseName } from '../model/lease.ts';
import type { Git } from '../ports.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store.ts';
import type { TaskAtWork } from './atWork.ts';
import { atWork, standOf } from './atWork.ts';
import type { LeaseWorld } from './leased.ts';
import { awaitLease, underLease } from './leased.ts';
import { report } from './report.ts';
import { takeIn } from './takeIn.ts';

export interface PushWorld extends LeaseWorld {
  readonly store: LeaseWorld['store'] & Pick<Store, 'task' | 'sessions' | 'sessionDid' | 'renewLease' | 'dropLease'>;
  readonly git: Git;
  readonly settings: Settings;
}

/** What was pushed; `up_to_date` when the remote had it already. */
export interface Pushed {
  readonly kind: 'pushed' | 'up_to_date';
  readonly remote: string;
  readonly branch: string;
  readonly commit: string;
}

const leaseMs = 15_000;
/** How long one waits while another session pushes to the same remote. */
const waitMs = 60_000;
/** The first try, and one more when the remote was moved meanwhile. */
const tries = 2;

/**
 * Pushes a task's own branch, never another one and never by force, one session at a time for each remote. What the remote's
 * branch has beyond is taken in first. Throws AppErrors for whatever stands in the way, and then the task is blocked by that.
 */
export async function push(world: PushWorld, id: TaskId, signal: AbortSignal): Promise<Pushed> {
  const task = await atWork(world.store, id);
  if (!world.settings['git.allowPush'])
    throw new AppError('push_not_allowed', 'sessions may not push in this repository', {
      hint: 'Commit and end your turn: the work is merged from here. The person allows it with `swarm config git.allowPush true`.',
    });
  try {
    return await pushAlone(world, task, signal);
  } catch (error) {
    if (!signal.aborted && AppError.is(error)) {
      const note = `push: ${messageOf(error)}`;
      await report(world.store, task.id, { status: 'blocked', note }, world.clock.now());
    }
    throw error;
  }
}

async function pushAlone(world: PushWorld, task: TaskAtWork, signal: AbortSignal): Promise<Pushed> {
  const { git, store } = world;
  const { branch } = task;
  const remote = await git.pushRemote(task.target);
  if (remote === undefined) throw new AppError('no_remote', 'the repository has no remote to push to');
  const name = pushLeaseName(remote);
  const lease = await awaitLease(world, { name, ms: leaseMs, waitMs }, signal);
  if ('held' in lease) {
    const holder = lease.held && `process ${lease.held.owner.pid} on ${lease.held.owner.machine}`;
    throw new AppError(
      'push_busy',
      `${holder ?? 'another session'} has been pushing to ${remote} for ${waitMs / 1000} s`,
      {
        hint: 'Try again later.',
      },
    );
  }
  return underLease(world, lease, async (lost) => {
    const until = AbortSignal.any([signal, lost]);
    const mine = async () => {
      if ((await store.renewLease({ name, token: lease.token })) === 'lost') throw takenOver(remote);
    };
    try {
      for (let attempt = 0; attempt < tries; attempt++) {
        const theirs = await git.fetch(remote, branch, until);
        if (theirs !== undefined) await takeTheirs(git, task, theirs, `${remote}/${branch}`);
        const commit = await standOf(git, task);
        const pushed = { remote, branch, commit };
        if (theirs === commit) return { kind: 'up_to_date', ...pushed };
        // Whoever stood still for long may have been given up, and somebody else may be pushing.
        await mine();
        if ((await git.push(remote, branch, commit, until)) === 'pushed') return { kind: 'pushed', ...pushed };
      }
    } catch (error) {
      if (lost.aborted && !signal.aborted) throw takenOver(remote, error);
      throw error;
    }
    throw new AppError('remote_moved', `${remote}/${branch} was moved by others ${tries} times meanwhile`, {
      hint: 'Push again.',
    });
  });
}

const takenOver = (remote: string, cause?: unknown): AppError =>
  new AppError('push_lost', `this push to ${remote} stood still for so long that another one took its place`, {
    hint: 'Push again.',
    cause,
  });

async function takeTheirs(git: Git, task: TaskAtWork, theirs: string, name: string): Promise<void> {
  const taken = await takeIn(git, task, theirs, name);
  if (taken.kind === 'refused') throw new AppError('push_refused', `${name} cannot be taken in: ${taken.reason}`);
  if (taken.kind === 'conflict')
    throw new AppError('push_conflict', `${name} is in conflict with your commits in ${taken.files.join(', ')}`, {
      hint: `Merge it (\`git merge ${name}\`), solve the conflicts, commit and push again.`,
      cause: taken.hunks,
    });
}
