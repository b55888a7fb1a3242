import type { SwarmEvent } from '../../core/model/event.ts';
import type { Overview } from '../../core/model/snapshot.ts';
import { changesOf } from '../changes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import { listenForInterrupt } from '../interrupt.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import type { Define } from '../registry.ts';
import { findTask } from '../taskArgument.ts';

const page = 500;

/** `swarm watch`. */
export const defineWatch: Define = (command, on) => {
  command
    .argument('[task]', 'only what concerns this task: id, beginning of the id or part of the title')
    .option(
      '--since <event>',
      'begin after the event of this number instead of now',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
    )
    .action(on(watch));
};

function watch(
  invocation: Invocation,
  text: string | undefined,
  { since }: { readonly since?: number },
): Promise<ExitCode> {
  const { output } = invocation;
  return withSwarm(invocation, async ({ store }) => {
    using interrupt = listenForInterrupt({ patient: false });
    let overview = await store.overview();
    const task = text === undefined ? undefined : findTask(overview.tasks, text).id;
    let seq = since ?? overview.seq;
    for await (const _ of changesOf(store, AbortSignal.any([interrupt.signal, output.closed]))) {
      for (;;) {
        const events = await store.eventsAfter(seq, page, task);
        if (events.length > 0) overview = await store.overview();
        for (const event of events) show(event, overview, output);
        seq = events.at(-1)?.seq ?? seq;
        if (events.length < page) break;
      }
    }
    return interrupt.signal.aborted ? exitCodes.stopped : exitCodes.done;
  });
}

function show(event: SwarmEvent, { tasks, workers }: Overview, output: Output): void {
  if (output.json) {
    const { batch = null, task = null, worker = null, ...rest } = event;
    output.document({ ...rest, batch, task, worker });
    return;
  }
  const time = new Date(event.at).toTimeString().slice(0, 8);
  const who =
    tasks.find(({ id }) => id === event.task)?.title ?? workers.find(({ id }) => id === event.worker)?.name ?? '';
  output.line(
    { text: `${time} `, style: 'dim' },
    { text: event.kind.padEnd(20), style: 'cyan' },
    ` ${who}  ${event.text}`,
  );
}
