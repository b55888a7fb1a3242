import { systemClock } from '../../base/clock.ts';
import { UsageError } from '../../base/errors.ts';
import { systemRandom } from '../../bridge/open.ts';
import { readOwnSettings } from '../../bridge/ownSettings.ts';
import { land } from '../../core/flow/merge.ts';
import { isId } from '../../core/model/ids.ts';
import { openChecks } from '../../process/checks.ts';
import { openProcesses } from '../../process/identity.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import { listenForInterrupt } from '../interrupt.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import type { Define } from '../registry.ts';

interface LandOptions {
  readonly settings?: string;
}

/** `swarm land run`, started by whoever coordinates. */
export const defineLand: Define = (command, on) => {
  command
    .command('run')
    .description('Land one entry; a second process for the same entry does nothing.')
    .argument('<entry>', 'id of the entry')
    .option('--settings <file>', 'settings of the face that asked, as JSON, read anew each time')
    .action(on(run));
};

function run(invocation: Invocation, entry: string, { settings: file }: LandOptions): Promise<ExitCode> {
  if (!isId('entry', entry)) throw new UsageError(`“${entry}” is no id of a merge entry`);
  const { output, env } = invocation;
  return withSwarm(
    invocation,
    async ({ store, git, places, settings }) => {
      using interrupt = listenForInterrupt({ patient: true });
      const world = {
        store,
        git,
        checks: openChecks(env),
        processes: await openProcesses(),
        clock: systemClock,
        random: systemRandom,
        settings: await settings(),
        checkLog: places.checkLog,
      };
      const result = await land(world, entry, interrupt.signal);
      if (output.json) output.document({ entry, result });
      else output.line(`${entry}: ${result.replace('_', ' ')}`);
      return result === 'merged' || result === 'gone' ? exitCodes.done : exitCodes.refused;
    },
    () => (file === undefined ? {} : readOwnSettings(file)),
  );
}
