import type { Until } from '../../core/flow/waiting.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import { listenForInterrupt } from '../interrupt.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { untilOption, wholeNumber } from '../options.ts';
import type { Define } from '../registry.ts';
import { showSummary } from '../showSummary.ts';
import { findTasks } from '../taskArgument.ts';
import { taskViews } from '../views.ts';
import { waitForTasks } from '../waitForTasks.ts';

interface WaitOptions {
  readonly until: Until;
  readonly timeout?: number;
}

/** `swarm wait`. */
export const defineWait: Define = (command, on) => {
  command
    .argument('<task...>', 'ids, beginnings of ids or parts of titles')
    .addOption(untilOption())
    .option('--timeout <seconds>', 'give up after this time, with exit code 3', wholeNumber(0, 31_536_000))
    .action(on(wait));
};

function wait(invocation: Invocation, texts: readonly string[], { until, timeout }: WaitOptions): Promise<ExitCode> {
  const { output } = invocation;
  return withSwarm(invocation, async (opened) => {
    using interrupt = listenForInterrupt({ patient: false });
    const { tasks, seq } = await opened.store.overview();
    const ids = findTasks(tasks, texts).map(({ id }) => id);
    const late = new AbortController();
    const timer = timeout === undefined ? undefined : setTimeout(() => late.abort(), timeout * 1000);
    const signal = AbortSignal.any([interrupt.signal, late.signal]);
    const code = await waitForTasks(invocation, opened, ids, { until, seq, signal });
    clearTimeout(timer);
    const startAfter = (await opened.settings())['tasks.startAfter'];
    const views = taskViews(await opened.store.overview(), startAfter).filter(({ id }) =>
      (ids as string[]).includes(id),
    );
    if (output.json) output.document({ tasks: views });
    else showSummary(views, output);
    return code ?? (interrupt.signal.aborted ? exitCodes.stopped : exitCodes.notYet);
  });
}
