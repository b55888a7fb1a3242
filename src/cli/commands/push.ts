import { systemClock } from '../../base/clock.ts';
import { push as pushTask } from '../../core/flow/push.ts';
import { openProcesses } from '../../process/identity.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import type { Define } from '../registry.ts';
import { ownTask } from '../team/ownTask.ts';
import { speak } from '../team/speak.ts';
import { speakerOption } from './verb.ts';

/** `swarm push`. */
export const definePush: Define = (command, on) => {
  command
    .description('Push your own branch, where the setting git.allowPush allows it; one session at a time.')
    .addOption(speakerOption())
    .action(on(push));
};

function push(invocation: Invocation, { worker }: { readonly worker?: string }): Promise<ExitCode> {
  const { output } = invocation;
  return speak(invocation, worker, async ({ team, opened, waiting }) => {
    const { store, git } = opened;
    const task = ownTask(team.party, 'push');
    const processes = await openProcesses();
    const world = { store, git, processes, clock: systemClock, settings: await opened.settings() };
    const { kind: result, ...pushed } = await pushTask(world, task, waiting.signal);
    if (output.json) output.document({ task, result, ...pushed });
    else
      output.line(`${result.replaceAll('_', ' ')}: ${pushed.commit.slice(0, 10)} → ${pushed.remote}/${pushed.branch}`);
    return exitCodes.done;
  });
}
