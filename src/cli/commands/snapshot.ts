import { resolve } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import type { OpenSwarm } from '../../bridge/open.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { dryRunOption, wholeNumber } from '../options.ts';
import { requirePerson } from '../person.ts';
import type { Define } from '../registry.ts';
import { findTask } from '../taskArgument.ts';

const taskText = 'id, beginning of the id or part of the title';
const number = wholeNumber(1, Number.MAX_SAFE_INTEGER);

/** `swarm snapshot list|show|restore`. */
export const defineSnapshot: Define = (command, on) => {
  command
    .command('list')
    .description('List the kept states of worktrees.')
    .argument('[task]', taskText)
    .action(on(list));
  command
    .command('show')
    .description('Show what a snapshot holds beyond the commit it was taken on.')
    .argument('<task>', taskText)
    .argument('<number>', 'its number in the list', number)
    .action(on(show));
  command
    .command('restore')
    .description('Write the files of a snapshot into a new folder.')
    .argument('<task>', taskText)
    .argument('<number>', 'its number in the list', number)
    .requiredOption('--to <folder>', 'a folder that does not exist yet or is empty')
    .addOption(dryRunOption('restored'))
    .action(on(restore));
};

const view = (snapshot: { task: string; number: number; commit: string; takenAt: number; label: string }) => ({
  task: snapshot.task,
  number: snapshot.number,
  commit: snapshot.commit,
  takenAt: snapshot.takenAt,
  label: snapshot.label,
});

function list(invocation: Invocation, text: string | undefined): Promise<ExitCode> {
  const { output } = invocation;
  return withSwarm(invocation, async ({ store, git }) => {
    const { tasks } = await store.overview();
    const snapshots = (await git.listSnapshots(text === undefined ? undefined : findTask(tasks, text).id)).map(view);
    if (output.json) output.document({ snapshots });
    else if (snapshots.length === 0) output.note('no snapshots');
    else {
      output.table(
        ['TASK', 'NUMBER', 'TAKEN', 'COMMIT', 'LABEL'],
        snapshots.map(({ task, number: at, takenAt, commit, label }) => [
          task,
          String(at),
          new Date(takenAt).toISOString(),
          commit.slice(0, 10),
          label,
        ]),
      );
    }
    return exitCodes.done;
  });
}

function show(invocation: Invocation, text: string, at: number): Promise<ExitCode> {
  const { output } = invocation;
  return withSwarm(invocation, async (opened) => {
    const { files, ...snapshot } = await find(opened, text, at);
    if (output.json) output.document({ snapshot: { ...view(snapshot), files } });
    else {
      output.note(`${snapshot.commit}  ${snapshot.label}`);
      output.table(
        ['STATUS', 'FILE'],
        files.map(({ status, path }) => [status, path]),
      );
    }
    return exitCodes.done;
  });
}

interface RestoreOptions {
  readonly to: string;
  readonly dryRun?: true;
}

function restore(invocation: Invocation, text: string, at: number, { to, dryRun }: RestoreOptions): Promise<ExitCode> {
  const { output } = invocation;
  const folder = resolve(to);
  return withSwarm(invocation, async (opened) => {
    const { files: _files, ...snapshot } = await find(opened, text, at);
    if (!dryRun) {
      await requirePerson(invocation, opened);
      await opened.git.restoreSnapshot(snapshot, folder);
    }
    if (output.json) output.document({ snapshot: view(snapshot), folder });
    else output.line(dryRun ? `would write ${snapshot.commit} into ${folder}` : folder);
    return exitCodes.done;
  });
}

async function find({ store, git }: OpenSwarm, text: string, at: number) {
  const task = findTask((await store.overview()).tasks, text);
  const snapshot = await git.showSnapshot(task.id, at);
  if (snapshot) return snapshot;
  throw new UsageError(`“${task.title}” has no snapshot ${at}`, { hint: `See \`swarm snapshot list ${task.id}\`.` });
}
