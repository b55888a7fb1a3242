import { systemClock } from '../../base/clock.ts';
import { UsageError } from '../../base/errors.ts';
import type { OpenSwarm } from '../../bridge/open.ts';
import { warningsOf } from '../../core/flow/audit.ts';
import type { Verdict } from '../../core/model/review.ts';
import type { Task } from '../../core/model/task.ts';
import { hasEnded } from '../../core/model/task.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { stateCell } from '../look.ts';
import { dryRunOption } from '../options.ts';
import { requirePerson } from '../person.ts';
import type { Define } from '../registry.ts';
import { findTask, findTasks } from '../taskArgument.ts';
import { toEachTask } from '../toEachTask.ts';
import { reviewView } from '../views.ts';

const one = 'id, beginning of the id or part of the title';
const head = 'the commit that you have read; refused when the work has moved on';

/** `swarm review list|show|diff|approve|request-changes|reject`. */
export const defineReview: Define = (command, on) => {
  command
    .command('list')
    .description('List what waits for a review; with --all every task’s newest one.')
    .option('--all', 'decided ones, too')
    .action(on(list));
  command
    .command('show')
    .description('Show a task’s work: its commits and files.')
    .argument('<task>', one)
    .action(on(show));
  command.command('diff').description('Print a task’s work as a patch.').argument('<task>', one).action(on(diff));
  command
    .command('approve')
    .description('Approve the commits in review.')
    .argument('<task...>', 'ids, beginnings of ids or parts of titles')
    .option('--head <commit>', head)
    .addOption(dryRunOption('approved'))
    .action(on(approve));
  command
    .command('request-changes')
    .description('Send a task back to its session, with what should change.')
    .argument('<task>', one)
    .requiredOption('--note <text>', 'what should change')
    .option('--head <commit>', head)
    .addOption(dryRunOption('sent back'))
    .action(on(decideOne('request_changes')));
  command
    .command('reject')
    .description('Say that the work is not wanted: the task ends, branch and worktree stay.')
    .argument('<task>', one)
    .requiredOption('--note <text>', 'why')
    .option('--head <commit>', head)
    .addOption(dryRunOption('rejected'))
    .action(on(decideOne('reject')));
};

function list(invocation: Invocation, { all }: { readonly all?: true }): Promise<ExitCode> {
  const { output } = invocation;
  return withSwarm(invocation, async ({ store }) => {
    const { tasks, reviews } = await store.overview();
    const titles = new Map(tasks.map((task) => [task.id, task.title]));
    const wanted = reviews.filter((review) => all === true || review.state === 'open');
    if (output.json) output.document({ reviews: wanted.map(reviewView) });
    else if (wanted.length === 0) output.note('nothing waits for a review');
    else {
      output.table(
        ['TASK', 'REVIEW', 'HEAD', 'TITLE'],
        wanted.map((review) => [
          review.task,
          stateCell(review.state),
          review.head.slice(0, 10),
          titles.get(review.task) ?? '',
        ]),
      );
    }
    return exitCodes.done;
  });
}

/** What is there to review of a task. Throws a UsageError before its first commit was handed over. */
async function workOf(
  { store }: OpenSwarm,
  text: string,
): Promise<Task & { readonly base: string; readonly head: string }> {
  const task = findTask((await store.overview()).tasks, text);
  const { base, head: tip } = task;
  if (base !== undefined && tip !== undefined) return { ...task, base, head: tip };
  throw new UsageError(`“${task.title}” has handed over nothing yet`);
}

function show(invocation: Invocation, text: string): Promise<ExitCode> {
  const { output } = invocation;
  return withSwarm(invocation, async (opened) => {
    const task = await workOf(opened, text);
    const files = await opened.git.diff(task.base, task.head);
    const settings = await opened.settings();
    const isOver = hasEnded(task.state);
    const world = { store: opened.store, settings, now: systemClock.now() };
    const warnings = isOver ? [] : await warningsOf(world, task, files);
    const [review] = (await opened.store.reviews(task.id)).slice(-1).map(reviewView);
    if (output.json) {
      const { id, title, state, base, head: tip, branch, target } = task;
      output.document({
        task: id,
        title,
        state,
        base,
        head: tip,
        branch,
        target,
        review: review ?? null,
        files,
        warnings,
      });
      return exitCodes.done;
    }
    output.line({ text: task.title, style: 'bold' });
    output.line(
      stateCell(task.state),
      `  ${task.branch} → ${task.target}  ${task.base.slice(0, 10)}..${task.head.slice(0, 10)}`,
    );
    if (review?.note != null) output.line(`${review.state}: ${review.note}`);
    for (const warning of warnings) output.line({ text: warning, style: 'yellow' });
    output.table(
      ['STATUS', 'ADDED', 'REMOVED', 'FILE'],
      files.map((file) => [
        file.status,
        { text: file.added === undefined ? 'binary' : `+${file.added}`, style: 'green' },
        { text: file.removed === undefined ? '' : `-${file.removed}`, style: 'red' },
        file.from === undefined ? file.path : `${file.from} → ${file.path}`,
      ]),
    );
    return exitCodes.done;
  });
}

function diff(invocation: Invocation, text: string): Promise<ExitCode> {
  const { output } = invocation;
  return withSwarm(invocation, async (opened) => {
    const task = await workOf(opened, text);
    const patch = await opened.git.patch(task.base, task.head);
    if (output.json) output.document({ task: task.id, base: task.base, head: task.head, patch });
    else output.verbatim(patch);
    return exitCodes.done;
  });
}

interface DecideOptions {
  readonly head?: string;
  readonly dryRun?: true;
}

function approve(invocation: Invocation, texts: readonly string[], options: DecideOptions): Promise<ExitCode> {
  if (options.head !== undefined && texts.length > 1)
    throw new UsageError('--head names one commit, so it goes with one task');
  return decide(invocation, texts, { kind: 'approve' }, options);
}

interface NoteOptions extends DecideOptions {
  readonly note: string;
}

function decideOne(kind: 'request_changes' | 'reject') {
  return (invocation: Invocation, text: string, options: NoteOptions): Promise<ExitCode> => {
    const note = options.note.trim();
    if (note === '') throw new UsageError('--note is empty');
    return decide(invocation, [text], { kind, note }, options);
  };
}

function decide(
  invocation: Invocation,
  texts: readonly string[],
  verdict: Verdict,
  { head: named, dryRun }: DecideOptions,
): Promise<ExitCode> {
  return withSwarm(invocation, async (opened) => {
    const tasks = findTasks((await opened.store.overview()).tasks, texts);
    if (!dryRun) await requirePerson(invocation, opened);
    const read = named === undefined ? undefined : await opened.git.resolve(named);
    if (named !== undefined && read === undefined) throw new UsageError(`there is no commit ${named}`);
    return toEachTask(invocation, opened, tasks, ({ id: task }) => {
      const decision = { task, verdict, reviewer: 'you', ...(read === undefined ? {} : { head: read }) };
      return dryRun ? opened.swarm.previewDecision(decision) : opened.swarm.decide(decision);
    });
  });
}
