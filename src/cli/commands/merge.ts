import { UsageError } from '../../base/errors.ts';
import type { OpenSwarm } from '../../bridge/open.ts';
import type { MergeEntry } from '../../core/model/merge.ts';
import type { Overview } from '../../core/model/snapshot.ts';
import type { Task } from '../../core/model/task.ts';
import type { PlannedMerge } from '../../core/swarm.ts';
import { changesOf } from '../changes.ts';
import { coordinate, otherLeader } from '../coordination.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import { listenForInterrupt } from '../interrupt.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { commaList, dryRunOption } from '../options.ts';
import type { Output } from '../output.ts';
import { requirePerson } from '../person.ts';
import { Progress } from '../progress.ts';
import type { Define } from '../registry.ts';
import { findTasks } from '../taskArgument.ts';
import { entryView } from '../views.ts';

interface MergeOptions {
  readonly order?: readonly string[];
  readonly wait?: true;
  readonly dryRun?: true;
}

/** `swarm merge`. */
export const defineMerge: Define = (command, on) => {
  command
    .argument('[task...]', 'ids, beginnings of ids or parts of titles (default: everything approved)')
    .option('--order <tasks>', 'these first, in this order, separated by commas', commaList)
    .option('--wait', 'wait for the landing also where another process coordinates')
    .addOption(dryRunOption('landed'))
    .action(on(merge));
};

function merge(invocation: Invocation, texts: readonly string[], options: MergeOptions): Promise<ExitCode> {
  const { output } = invocation;
  return withSwarm(invocation, async (opened) => {
    const overview = await opened.store.overview();
    const tasks = wanted(overview, texts, options.order ?? []);
    if (options.dryRun) return preview(await opened.swarm.previewMerge(tasks.map(({ id }) => id)), output);
    await requirePerson(invocation, opened);
    if (tasks.length === 0 && !output.json) output.note('nothing is approved');
    const answers = await opened.swarm.merge(tasks.map(({ id }) => id));
    const refused = answers.flatMap((answer, at) =>
      'refused' in answer ? [{ task: tasks[at]?.id ?? '', reason: answer.refused }] : [],
    );
    const entries = answers.filter((answer): answer is MergeEntry => !('refused' in answer));
    const leader = await otherLeader(opened);
    const waits = entries.length > 0 && (leader === undefined || options.wait === true);
    if (entries.length > 0 && !waits && !output.json) output.note(`process ${leader} lands them; --wait waits for it`);
    const landed = waits ? await landAll(invocation, opened, entries, overview.seq) : entries;
    tell(landed ?? entries, refused, overview, output);
    if (landed === undefined) return exitCodes.stopped;
    const isGood = refused.length === 0 && landed.every(({ state }) => ['queued', 'landing', 'merged'].includes(state));
    return isGood ? exitCodes.done : exitCodes.refused;
  });
}

/** The tasks to land, in order. */
function wanted({ tasks, entries }: Overview, texts: readonly string[], order: readonly string[]): readonly Task[] {
  const waiting = new Set(
    entries.filter(({ state }) => state === 'queued' || state === 'landing').map(({ task }) => task),
  );
  const named =
    texts.length > 0
      ? findTasks(tasks, texts)
      : tasks.filter(({ id, state }) => state === 'approved' && !waiting.has(id));
  const first = findTasks(tasks, order);
  const stranger = first.find((task) => !named.includes(task));
  if (stranger) {
    throw new UsageError(`“${stranger.title}” of --order is not among the tasks to land`, {
      hint: texts.length > 0 ? 'Name it as a task, too.' : 'Only approved tasks that are not queued yet are landed.',
    });
  }
  return [...first, ...named.filter((task) => !first.includes(task))];
}

function preview(planned: readonly PlannedMerge[], output: Output): ExitCode {
  const merges = planned.map(({ task, preview: { kind, ...more } }) => ({
    task: task.id,
    target: task.target,
    result: kind,
    files: 'files' in more ? more.files : null,
    reason: 'reason' in more ? more.reason : null,
  }));
  if (output.json) output.document({ merges });
  else {
    output.table(
      ['TASK', 'TARGET', 'RESULT', 'TITLE'],
      planned.map(({ task, preview: found }) => [
        task.id,
        task.target,
        found.kind === 'clean'
          ? { text: `clean, ${found.files} ${found.files === 1 ? 'file' : 'files'}`, style: 'green' }
          : found.kind === 'conflict'
            ? { text: `conflict in ${found.files.join(', ')}`, style: 'red' }
            : found.kind === 'held_back'
              ? { text: found.reason, style: 'red' }
              : found.kind.replace('_', ' '),
        task.title,
      ]),
    );
  }
  return merges.some(({ result }) => ['conflict', 'held_back', 'target_missing'].includes(result))
    ? exitCodes.refused
    : exitCodes.done;
}

/** Waits until the entries have landed or were sent back, landing them here if nobody else does; undefined when stopped. */
async function landAll(
  invocation: Invocation,
  opened: OpenSwarm,
  entries: readonly MergeEntry[],
  seq: number,
): Promise<readonly MergeEntry[] | undefined> {
  using interrupt = listenForInterrupt({ patient: false });
  const coordination = await coordinate(invocation, opened, { workers: false });
  const tasks = new Set(entries.map(({ task }) => task));
  const progress = new Progress(opened, invocation.output, seq, (task) => tasks.has(task));
  try {
    for await (const _ of changesOf(opened.store, interrupt.signal)) {
      await progress.tell(await opened.store.overview());
      const now = await Promise.all(entries.map(({ id }) => opened.store.entry(id)));
      const known = now.filter((entry) => entry !== undefined);
      if (known.every(({ state }) => state !== 'queued' && state !== 'landing')) return known;
    }
    return undefined;
  } finally {
    progress.end();
    await coordination.stop();
  }
}

function tell(
  entries: readonly MergeEntry[],
  refused: readonly { task: string; reason: string }[],
  { tasks }: Overview,
  output: Output,
): void {
  if (output.json) {
    output.document({ merges: entries.map(entryView), refused });
    return;
  }
  const titles = new Map<string, string>(tasks.map(({ id, title }) => [id, title]));
  output.table(
    ['TASK', 'TARGET', 'STATE', 'TITLE', 'REASON'],
    entries.map(({ task, target, state, reason }) => [
      task,
      target,
      state.replace('_', ' '),
      titles.get(task) ?? '',
      reason ?? '',
    ]),
    3,
  );
  for (const { task, reason } of refused) output.note({ text: `${titles.get(task) ?? task}: `, style: 'red' }, reason);
}
