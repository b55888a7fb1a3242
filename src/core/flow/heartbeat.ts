import { messageOf } from '../../base/errors.ts';
import type { TaskLease } from '../model/lease.ts';
import type { WorkerWorld } from './worker.ts';

/** Every write of every worker is a change of the store; each worker looks at most this often whether one concerns it. */
const lookMs = 100;

/** Renews a task's lease at a third of its length, until stopped. */
export interface Heartbeat {
  /** Aborted when the lease is proven lost; the reason is `lost`. */
  readonly lost: AbortSignal;
  /** Aborted when the worker was asked to stop. */
  readonly stopAsked: AbortSignal;
  /** Ends the renewals. */
  stop(): void;
}

/** A store that cannot be asked is not a lost lease: the next beat tries again. A cancelled task shows at once, by the store's change signal. */
export function heartbeatOf(
  world: Pick<WorkerWorld, 'store' | 'clock' | 'log'>,
  lease: TaskLease,
  leaseMs: number,
): Heartbeat {
  const lost = new AbortController();
  const stopAsked = new AbortController();
  const ended = new AbortController();
  const tell = (answer: 'renewed' | 'held' | 'lost' | 'stop') => {
    if (ended.signal.aborted) return;
    if (answer === 'lost') lost.abort('lost');
    if (answer === 'stop') stopAsked.abort('stop');
  };
  const renew = async () => {
    try {
      tell(await world.store.renewTask({ lease, now: world.clock.now() }));
    } catch (error) {
      world.log.warn(`the lease of ${lease.task} was not renewed: ${messageOf(error)}`);
    }
  };
  const look = async () => {
    try {
      tell(await world.store.taskHeld({ lease }));
    } catch (error) {
      world.log.debug(`could not look at ${lease.task}: ${messageOf(error)}`);
    }
  };
  let changed = false;
  let looking = false;
  const lookWhileChanging = async () => {
    looking = true;
    while (changed && !ended.signal.aborted) {
      changed = false;
      await look();
      await world.clock.sleep(lookMs, ended.signal);
    }
    looking = false;
  };
  const listener = world.store.onDidChange(() => {
    changed = true;
    if (!looking) void lookWhileChanging();
  });
  void (async () => {
    while (!ended.signal.aborted && !lost.signal.aborted) {
      await world.clock.sleep(leaseMs / 3, ended.signal);
      if (!ended.signal.aborted) await renew();
    }
  })();
  return {
    lost: lost.signal,
    stopAsked: stopAsked.signal,
    stop: () => {
      ended.abort();
      listener.dispose();
    },
  };
}
