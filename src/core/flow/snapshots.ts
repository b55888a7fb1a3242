import { messageOf } from '../../base/errors.ts';
import type { TaskId } from '../model/ids.ts';
import type { WorkerWorld } from './worker.ts';

/** Keeps snapshots of one worktree, one at a time. */
export interface Snapshots {
  /** Something was edited: there will be a snapshot once the burst of edits is over. Returns at once. */
  poke(): void;
  /** A snapshot of now; resolves when it is kept. */
  keep(label: string): Promise<void>;
  /** All of it is in a commit: the snapshot that was due is not needed. Resolves when none is being taken any more. */
  committed(): Promise<void>;
}

/** A burst of edits is over when nothing was edited for this long. */
const calmMs = 1_000;
/** One that does not end is kept this often. */
const longestMs = 10_000;

/** A snapshot that fails is told on the task and never stops the work. */
export function snapshotsOf(
  world: Pick<WorkerWorld, 'git' | 'store' | 'clock' | 'log'>,
  task: TaskId,
  worktree: string,
): Snapshots {
  let running: Promise<void> = Promise.resolve();
  let edited = 0;
  /** Not aborted while a snapshot is due. */
  let burst = new AbortController();
  burst.abort();
  const named = new Set<string>();
  const take = async (label: string) => {
    try {
      const taken = await world.git.snapshot(task, worktree, label);
      if (taken === undefined) return;
      const news = taken.leftOut.filter((file) => !named.has(file.path));
      for (const file of news) named.add(file.path);
      const text =
        news.length === 0 ? label : `${label}; too large, left out: ${news.map((file) => file.path).join(', ')}`;
      await world.store.snapshotKept({ task, commit: taken.commit, text, now: world.clock.now() });
    } catch (error) {
      world.log.warn(`no snapshot of ${worktree}: ${messageOf(error)}`);
      await world.store
        .warned({ task, text: `no snapshot: ${messageOf(error)}`, now: world.clock.now() })
        .catch(() => {});
    }
  };
  const keep = (label: string) => {
    burst.abort();
    running = running.then(() => take(label));
    return running;
  };
  const keepAfterBurst = async (signal: AbortSignal) => {
    const begun = world.clock.monotonic();
    const left = () => Math.min(edited + calmMs, begun + longestMs) - world.clock.monotonic();
    while (!signal.aborted && left() > 0) await world.clock.sleep(left(), signal);
    if (!signal.aborted) await keep('after edits');
  };
  return {
    poke: () => {
      edited = world.clock.monotonic();
      if (!burst.signal.aborted) return;
      burst = new AbortController();
      void keepAfterBurst(burst.signal);
    },
    keep,
    committed: () => {
      burst.abort();
      return running;
    },
  };
}
