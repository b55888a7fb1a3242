import { Option } from 'commander';
import type { OpenSwarm } from '../../bridge/open.ts';
import { boardOf, standing } from '../../core/flow/waiting.ts';
import type { Overview } from '../../core/model/snapshot.ts';
import { isLeased } from '../../core/model/task.ts';
import { changesOf } from '../changes.ts';
import { requireClaude } from '../claudeReadiness.ts';
import { coordinate, otherLeader } from '../coordination.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import { listenForInterrupt } from '../interrupt.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { showTasks } from '../look.ts';
import { dryRunOption, workersOption } from '../options.ts';
import type { Output } from '../output.ts';
import { requirePerson } from '../person.ts';
import { Progress, summaryOf } from '../progress.ts';
import type { Define } from '../registry.ts';
import { statusView } from '../views.ts';
import { wrapUp } from './run.ts';

interface UpOptions {
  readonly workers?: number;
  readonly until?: 'idle';
  readonly dryRun?: true;
}

/** `swarm up`. */
export const defineUp: Define = (command, on) => {
  command
    .addOption(workersOption('how many workers at most run in this repository (default: workers.max)'))
    .addOption(
      new Option('--until <state>', '`idle` ends when nothing is left to do; otherwise until stopped').choices([
        'idle',
      ]),
    )
    .addOption(dryRunOption('worked on'))
    .action(on(up));
};

function up(invocation: Invocation, options: UpOptions): Promise<ExitCode> {
  const { output } = invocation;
  const { workers } = options;
  return withSwarm(
    invocation,
    async (opened) => {
      if (options.dryRun) {
        const overview = await opened.store.overview();
        const startAfter = (await opened.settings())['tasks.startAfter'];
        showTasks(overview, startAfter, output, {
          states: ['queued', 'leased', 'running', 'waiting', 'merging'],
        });
        return exitCodes.done;
      }
      await requirePerson(invocation, opened);
      await requireClaude(invocation, opened);
      return work(invocation, opened, options.until === 'idle');
    },
    () => (workers === undefined ? {} : { 'workers.max': workers }),
  );
}

async function work(invocation: Invocation, opened: OpenSwarm, endsWhenIdle: boolean): Promise<ExitCode> {
  const { output } = invocation;
  using interrupt = listenForInterrupt({ patient: false });
  const first = await opened.store.overview();
  const leader = await otherLeader(opened);
  if (!output.json) {
    output.note(first.tasks.length === 0 ? 'nothing is queued yet' : summaryOf(first.tasks));
    if (leader !== undefined) output.note(`process ${leader} coordinates this repository already; this one stands by`);
  }
  const coordination = await coordinate(invocation, opened, { workers: true });
  const isIdle = await followWork(opened, output, first.seq, interrupt.signal, endsWhenIdle);
  await wrapUp(invocation, opened, coordination, !isIdle);
  if (output.json) {
    output.document(
      statusView(
        await opened.store.overview(),
        await opened.store.claims(),
        (await opened.settings())['tasks.startAfter'],
      ),
    );
  }
  return isIdle ? exitCodes.done : exitCodes.stopped;
}

/** Tells what happens after event `seq` until stopped, or until nothing is left to do; then returns true. */
export async function followWork(
  opened: OpenSwarm,
  output: Output,
  seq: number,
  signal: AbortSignal,
  endsWhenIdle: boolean,
): Promise<boolean> {
  const progress = new Progress(opened, output, seq, () => true);
  let isIdle = false;
  for await (const _ of changesOf(opened.store, signal)) {
    const overview = await opened.store.overview();
    await progress.tell(overview);
    const { 'tasks.startAfter': startAfter } = await opened.settings();
    isIdle = endsWhenIdle && nothingLeft(overview, startAfter);
    if (isIdle) break;
  }
  progress.end();
  return isIdle;
}

/** True when every task has come as far as it comes without a person. */
function nothingLeft(overview: Overview, startAfter: 'merged' | 'in_review'): boolean {
  const board = boardOf(overview, startAfter);
  return overview.tasks.every((task) => !isLeased(task.state) && standing(task, board, 'merged') !== 'busy');
}
