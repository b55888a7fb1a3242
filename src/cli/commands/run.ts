import type { OpenSwarm } from '../../bridge/open.ts';
import type { FannedOut } from '../../core/flow/fanOut.ts';
import type { Until } from '../../core/flow/waiting.ts';
import { requireClaude } from '../claudeReadiness.ts';
import type { Coordination } from '../coordination.ts';
import { coordinate, otherLeader, stopWorkers } from '../coordination.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { FanOutOptions } from '../fanOutOptions.ts';
import { addFanOutOptions, fanOutOf, readRequests, settingsOf } from '../fanOutOptions.ts';
import { listenForInterrupt } from '../interrupt.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { untilOption } from '../options.ts';
import { requirePerson } from '../person.ts';
import { summaryOf } from '../progress.ts';
import type { Define } from '../registry.ts';
import { showBatch, showWarnings } from '../showBatch.ts';
import { showSummary } from '../showSummary.ts';
import { taskViews } from '../views.ts';
import { waitForTasks } from '../waitForTasks.ts';

interface RunOptions extends FanOutOptions {
  readonly until: Until;
}

/** Time that workers have for ending their sessions after the first Ctrl-C. */
const stopMs = 30_000;
/** Time that workers without work have for ending; they need a moment only. */
const idleStopMs = 5_000;

/** `swarm run`. */
export const defineRun: Define = (command, on) => {
  addFanOutOptions(command).addOption(untilOption()).action(on(run));
};

async function run(invocation: Invocation, prompts: readonly string[], options: RunOptions): Promise<ExitCode> {
  const requests = await readRequests(prompts, options);
  return withSwarm(
    invocation,
    async (opened) => {
      const { asked, warnings } = await fanOutOf(opened, requests, options, options.until === 'merged');
      const planned = await opened.swarm.planFanOut(asked);
      const all = [...warnings, ...planned.warnings];
      showWarnings(all, invocation.output);
      if (options.dryRun) {
        showBatch(planned, all, invocation.output);
        return exitCodes.done;
      }
      await requirePerson(invocation, opened);
      await requireClaude(invocation, opened);
      const { seq } = await opened.store.overview();
      await opened.swarm.queue(planned);
      return work(invocation, opened, { ...planned, warnings: all }, seq, options.until);
    },
    () => settingsOf(options),
  );
}

/** Works on what was queued after event `seq` until it is done or the person stops it. */
async function work(
  invocation: Invocation,
  opened: OpenSwarm,
  { batch, tasks, warnings }: FannedOut,
  seq: number,
  until: Until,
): Promise<ExitCode> {
  const { output } = invocation;
  using interrupt = listenForInterrupt({ patient: false });
  if (!output.json) output.note(`${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} queued`);
  const leader = await otherLeader(opened);
  if (leader !== undefined && !output.json) {
    output.note(`process ${leader} coordinates this repository already: it decides when they start`);
  }
  const coordination = await coordinate(invocation, opened, { workers: true });
  const ids = tasks.map(({ id }) => id);
  const code = await waitForTasks(invocation, opened, ids, { until, seq, signal: interrupt.signal });
  await wrapUp(invocation, opened, coordination, code === undefined);
  const startAfter = (await opened.settings())['tasks.startAfter'];
  const views = taskViews(await opened.store.overview(), startAfter).filter((view) => view.batch === batch.id);
  if (output.json) output.document({ batch: batch.id, tasks: views, warnings });
  else showSummary(views, output);
  return code ?? exitCodes.stopped;
}

/** Lets the lead go and ends what this process has started and nobody needs any more; when stopped, all of it. */
export async function wrapUp(
  { output }: Invocation,
  opened: OpenSwarm,
  coordination: Coordination,
  wasStopped: boolean,
): Promise<void> {
  await coordination.stop();
  if (!wasStopped) {
    await stopWorkers(opened, coordination.started, 'idle', idleStopMs);
    return;
  }
  if (!output.json) output.note('asking the workers to stop; once more stops at once');
  await stopWorkers(opened, coordination.started, 'all', stopMs);
  if (output.json) return;
  output.note(`all work is kept: ${summaryOf((await opened.store.overview()).tasks)}`);
  output.note({ text: '`swarm up` goes on with it, `swarm status` shows it.', style: 'cyan' });
}
