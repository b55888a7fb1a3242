import type { OpenSwarm } from '../bridge/open.ts';
import type { Until } from '../core/flow/waiting.ts';
import type { TaskId } from '../core/model/ids.ts';
import { changesOf } from './changes.ts';
import type { ExitCode } from './exitCodes.ts';
import type { Invocation } from './invocation.ts';
import { Progress } from './progress.ts';
import { verdictOn } from './verdict.ts';

export interface WaitOptions {
  readonly until: Until;
  /** Tells what happened after this event. */
  readonly seq: number;
  readonly signal: AbortSignal;
}

/** Waits for tasks and tells what happens to them; undefined when `signal` was aborted before it was over. */
export async function waitForTasks(
  { output }: Invocation,
  opened: OpenSwarm,
  ids: readonly TaskId[],
  { until, seq, signal }: WaitOptions,
): Promise<ExitCode | undefined> {
  const wanted = new Set(ids);
  const progress = new Progress(opened, output, seq, (task) => wanted.has(task));
  try {
    for await (const _ of changesOf(opened.store, signal)) {
      const overview = await opened.store.overview();
      await progress.tell(overview);
      const tasks = overview.tasks.filter((task) => wanted.has(task.id));
      const code = verdictOn(tasks, overview, await opened.settings(), until);
      if (code !== undefined) return code;
    }
    return undefined;
  } finally {
    progress.end();
  }
}
