import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { showStatus } from '../look.ts';
import type { Define } from '../registry.ts';

/** `swarm status`; what leanLook.ts cannot answer. */
export const defineStatus: Define = (command, on) => {
  command.action(on(status));
};

function status(invocation: Invocation): Promise<ExitCode> {
  return withSwarm(invocation, async ({ store, settings }) => {
    showStatus(await store.overview(), await store.claims(), (await settings())['tasks.startAfter'], invocation.output);
    return exitCodes.done;
  });
}
