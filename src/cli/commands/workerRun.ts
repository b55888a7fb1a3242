import { UsageError } from '../../base/errors.ts';
import { systemRandom } from '../../bridge/open.ts';
import { readOwnSettings } from '../../bridge/ownSettings.ts';
import { isId } from '../../core/model/ids.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import { fileLog } from '../fileLog.ts';
import { listenForInterrupt } from '../interrupt.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import type { Define } from '../registry.ts';

/** `swarm worker run`. */
export const defineWorkerRun: Define = (command, on) => {
  command
    .argument('<worker>', 'id of the worker')
    .option('--settings <file>', 'settings of the face that asked, as JSON, read anew each time')
    .action(on(run));
};

function run(
  invocation: Invocation,
  worker: string,
  { settings: file }: { readonly settings?: string },
): Promise<ExitCode> {
  if (!isId('worker', worker)) throw new UsageError(`“${worker}” is no id of a worker`);
  const { output, env } = invocation;
  return withSwarm(
    invocation,
    async ({ store, git, places, settings }) => {
      const row = await store.worker(worker);
      if (row?.state !== 'starting') {
        // VS Code starts the terminals of its last session again, with the arguments of workers that are long gone.
        output.note(`${row?.name ?? worker} has had its time; there is nothing to do here`);
        return exitCodes.done;
      }
      const { runWorker } = await import('../../worker/program.ts');
      using interrupt = listenForInterrupt({ patient: true });
      await runWorker({
        parts: { store, git, places, random: systemRandom, settings },
        worker,
        cli: process.argv[1] ?? '',
        env,
        log: fileLog(places.processLog(worker)),
        stop: interrupt.signal,
        say: (line) => output.line(line),
      });
      return exitCodes.done;
    },
    () => (file === undefined ? {} : readOwnSettings(file)),
  );
}
