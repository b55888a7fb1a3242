import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { FanOutOptions } from '../fanOutOptions.ts';
import { addFanOutOptions, fanOutOf, readRequests, settingsOf } from '../fanOutOptions.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { requirePerson } from '../person.ts';
import type { Define } from '../registry.ts';
import { showBatch, showWarnings } from '../showBatch.ts';

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
      const { asked, warnings } = await fanOutOf(opened, requests, options, options.land === true);
      if (!options.dryRun) await requirePerson(invocation, opened);
      const made = await (options.dryRun ? opened.swarm.planFanOut(asked) : opened.swarm.fanOut(asked));
      const all = [...warnings, ...made.warnings];
      showWarnings(all, invocation.output);
      showBatch(made, all, invocation.output);
      return exitCodes.done;
    },
    () => settingsOf(options),
  );
}
