import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { FanOutOptions } from '../fanOutOptions.ts';
import { addFanOutOptions, fanOutOf, readRequests, settingsOf } from '../fanOutOptions.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import type { Define } from '../registry.ts';
import { showBatch } from '../showBatch.ts';
import { requirePerson } from '../speaker.ts';

interface AddOptions extends FanOutOptions {
  readonly land?: true;
}

/** `swarm task add`. */
export const defineTaskAdd: Define = (command, on) => {
  addFanOutOptions(command).option('--land', 'land approved work without being told to').action(on(add));
};

async function add(invocation: Invocation, prompts: readonly string[], options: AddOptions): Promise<ExitCode> {
  const requests = await readRequests(prompts, options);
  return withSwarm(
    invocation,
    async (opened) => {
      const asked = await fanOutOf(invocation, opened, requests, options, options.land === true);
      if (!options.dryRun) await requirePerson(invocation, opened);
      showBatch(
        await (options.dryRun ? opened.swarm.planFanOut(asked) : opened.swarm.fanOut(asked)),
        invocation.output,
      );
      return exitCodes.done;
    },
    () => settingsOf(options),
  );
}
