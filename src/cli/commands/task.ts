import { Option } from 'commander';
import { UsageError } from '../../base/errors.ts';
import type { Task } from '../../core/model/task.ts';
import { taskStates, transitions } from '../../core/model/task.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { showTasks } from '../look.ts';
import { commaList, dryRunOption } from '../options.ts';
import { requirePerson } from '../person.ts';
import type { Define } from '../registry.ts';
import { findTasks } from '../taskArgument.ts';
import { toEachTask } from '../toEachTask.ts';
import { defineTaskAdd } from './taskAdd.ts';
import { defineTaskShow } from './taskShow.ts';

const several = 'ids, beginnings of ids or parts of titles';

/** `swarm task add|list|show|cancel|retry`. */
export const defineTask: Define = (command, on) => {
  defineTaskAdd(command.command('add').description('Queue tasks; `swarm up` or VS Code works on them.'), on);
  command
    .command('list')
    .description('List tasks.')
    .addOption(new Option('--state <states>', 'only tasks in these states, separated by commas').argParser(commaList))
    .action(on(list));
  defineTaskShow(command.command('show').description('Show one task with its attempts and reviews.'), on);
  command
    .command('cancel')
    .description('End tasks wherever they are; branches and worktrees stay.')
    .argument('<task...>', several)
    .option('--reason <text>', 'why, for those who look later', 'cancelled by you')
    .addOption(dryRunOption('cancelled'))
    .action(on(cancel));
  command
    .command('retry')
    .description('Queue ended tasks again, on the same branch, with the same conversation.')
    .argument('<task...>', several)
    .addOption(dryRunOption('queued again'))
    .action(on(retry));
};

function list(invocation: Invocation, { state: states }: { readonly state?: readonly string[] }): Promise<ExitCode> {
  const unknown = states?.find((state) => !(taskStates as readonly string[]).includes(state));
  if (unknown !== undefined) {
    throw new UsageError(`there is no state “${unknown}”`, { hint: `Known: ${taskStates.join(', ')}.` });
  }
  return withSwarm(invocation, async ({ store, settings }) => {
    const filter = states === undefined ? {} : { states };
    showTasks(await store.overview(), (await settings())['tasks.startAfter'], invocation.output, filter);
    return exitCodes.done;
  });
}

interface CancelOptions {
  readonly reason: string;
  readonly dryRun?: true;
}

function cancel(
  invocation: Invocation,
  texts: readonly string[],
  { reason, dryRun }: CancelOptions,
): Promise<ExitCode> {
  return withSwarm(invocation, async (opened) => {
    const tasks = findTasks((await opened.store.overview()).tasks, texts);
    if (dryRun) return toEachTask(invocation, opened, tasks, async (task) => mayBecome(task, 'cancelled'));
    await requirePerson(invocation, opened);
    return toEachTask(invocation, opened, tasks, (task) => opened.swarm.cancel(task.id, reason));
  });
}

function retry(
  invocation: Invocation,
  texts: readonly string[],
  { dryRun }: { readonly dryRun?: true },
): Promise<ExitCode> {
  return withSwarm(invocation, async (opened) => {
    const tasks = findTasks((await opened.store.overview()).tasks, texts);
    if (dryRun) return toEachTask(invocation, opened, tasks, async (task) => mayBecome(task, 'queued'));
    await requirePerson(invocation, opened);
    return toEachTask(invocation, opened, tasks, (task) => opened.swarm.retry(task.id));
  });
}

const mayBecome = (task: Task, state: Task['state']) =>
  transitions[task.state].includes(state)
    ? task
    : { refused: `“${task.title}” is ${task.state.replace('_', ' ')} and cannot become ${state}` };
