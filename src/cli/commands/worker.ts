import { systemClock } from '../../base/clock.ts';
import { UsageError } from '../../base/errors.ts';
import type { Worker } from '../../core/model/worker.ts';
import { isLive } from '../../core/model/worker.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { dryRunOption } from '../options.ts';
import { requirePerson } from '../person.ts';
import type { Define } from '../registry.ts';
import { workerView } from '../views.ts';
import { defineWorkerRun } from './workerRun.ts';

/** `swarm worker list|stop|run`. */
export const defineWorker: Define = (command, on) => {
  command.command('list').description('List workers.').option('--all', 'also those that have ended').action(on(list));
  command
    .command('stop')
    .description('Ask workers to end their sessions and stop; their tasks go back to the queue with all their work.')
    .argument('[worker...]', 'names (`worker 3`), numbers, ids or beginnings of ids')
    .option('--all', 'every worker')
    .addOption(dryRunOption('stopped'))
    .action(on(stop));
  defineWorkerRun(
    command.command('run', { hidden: true }).description('Be a worker; started by whoever coordinates.'),
    on,
  );
};

function list(invocation: Invocation, { all }: { readonly all?: true }): Promise<ExitCode> {
  const { output } = invocation;
  return withSwarm(invocation, async ({ store }) => {
    const overview = await store.overview();
    const workers = overview.workers.filter((worker) => all === true || isLive(worker));
    const titles = new Map(overview.tasks.map((task) => [task.id, task.title]));
    if (output.json) output.document({ workers: workers.map(workerView) });
    else if (workers.length === 0) output.note('no workers');
    else {
      output.table(
        ['ID', 'WORKER', 'STATE', 'PID', 'PHASE', 'TASK'],
        workers.map((worker) => [
          worker.id,
          worker.name,
          worker.state,
          String(worker.process?.pid ?? ''),
          worker.phase ?? '',
          (worker.task && titles.get(worker.task)) ?? '',
        ]),
      );
    }
    return exitCodes.done;
  });
}

interface StopOptions {
  readonly all?: true;
  readonly dryRun?: true;
}

function stop(invocation: Invocation, texts: readonly string[], { all, dryRun }: StopOptions): Promise<ExitCode> {
  const { output } = invocation;
  if ((texts.length === 0) === (all === undefined)) throw new UsageError('name the workers to stop, or say --all');
  return withSwarm(invocation, async (opened) => {
    const live = (await opened.store.overview()).workers.filter(isLive);
    const wanted = all ? live : [...new Set(texts.map((text) => findWorker(live, text)))];
    const refused: { worker: string; reason: string }[] = [];
    if (!dryRun) {
      await requirePerson(invocation, opened);
      for (const { id } of wanted) {
        const answer = await opened.store.askWorkerToStop({ worker: id, now: systemClock.now() });
        if ('refused' in answer) refused.push({ worker: id, reason: answer.refused });
      }
    }
    const ids = new Set(wanted.map(({ id }) => id));
    const after = (await opened.store.overview()).workers.filter(({ id }) => ids.has(id));
    if (output.json) output.document({ workers: after.map(workerView), refused });
    else {
      for (const { name, state } of after) output.line(`${name}  ${dryRun ? 'would stop' : state}`);
      for (const { worker, reason } of refused) output.note(`${worker}: ${reason}`);
    }
    return refused.length === 0 ? exitCodes.done : exitCodes.refused;
  });
}

function findWorker(workers: readonly Worker[], text: string): Worker {
  const wanted = text.trim().toLowerCase();
  const found = workers.filter(
    ({ id, name }) =>
      name.toLowerCase() === wanted || name.toLowerCase() === `worker ${wanted}` || id.startsWith(wanted),
  );
  const [only] = found;
  if (only && found.length === 1 && wanted !== '') return only;
  const known = workers.map(({ id, name }) => `${name} (${id})`).join(', ');
  throw new UsageError(`“${text}” is ${found.length === 0 ? 'no living worker' : 'more than one worker'}`, {
    hint: known === '' ? 'No worker lives now.' : `Living: ${known}.`,
  });
}
