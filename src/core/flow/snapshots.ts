import { messageOf } from '../../base/errors.ts';
import type { TaskId } from '../model/ids.ts';
import type { WorkerWorld } from './worker.ts';

/** Keeps snapshots of one worktree: one at a time, and once more if something happened meanwhile. */
export interface Snapshots {
  /** Something was edited; returns at once. */
  poke(): void;
  /** A snapshot of now; resolves when it is kept. */
  keep(label: string): Promise<void>;
}

/** A snapshot that fails is told on the task and never stops the work. */
export function snapshotsOf(
  world: Pick<WorkerWorld, 'git' | 'store' | 'clock' | 'log'>,
  task: TaskId,
  worktree: string,
): Snapshots {
  let running: Promise<void> = Promise.resolve();
  let waiting = false;
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
  const queue = (label: string) => {
    running = running.then(() => {
      waiting = false;
      return take(label);
    });
    return running;
  };
  return {
    poke: () => {
      if (waiting) return;
      waiting = true;
      void queue('after edits');
    },
    keep: queue,
  };
}
