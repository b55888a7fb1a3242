import { systemClock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { pull as pullTask } from '../../core/flow/pull.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import type { Define } from '../registry.ts';
import { ownTask } from '../team/ownTask.ts';
import { speak } from '../team/speak.ts';
import { speakerOption } from './verb.ts';

/** `swarm pull`. */
export const definePull: Define = (command, on) => {
  command
    .description(
      'Merge the newest state of the branch your work lands on into your branch; a conflict changes nothing.',
    )
    .addOption(speakerOption())
    .action(on(pull));
};

function pull(invocation: Invocation, { worker }: { readonly worker?: string }): Promise<ExitCode> {
  const { output } = invocation;
  return speak(invocation, worker, async ({ team, opened, waiting }) => {
    const { store, git } = opened;
    const task = ownTask(team.party, 'pull');
    const { warnings, ...pulled } = await pullTask({ store, git, clock: systemClock }, task, waiting.signal);
    if (pulled.kind === 'refused') throw new AppError('pull_refused', `nothing was merged: ${pulled.reason}`);
    if (output.json) {
      const { kind: result, ...more } = pulled;
      output.document({ task, result, ...more, warnings });
    } else {
      for (const warning of warnings) output.note(warning);
      if (pulled.kind === 'conflict') {
        output.note({ text: `in conflict, nothing was merged: ${pulled.files.join(', ')}`, style: 'red' });
        output.verbatim(`${pulled.hunks}\n`);
      } else output.line(pulled.kind === 'merged' ? `merged: ${pulled.head.slice(0, 10)}` : 'up to date');
    }
    return pulled.kind === 'conflict' ? exitCodes.refused : exitCodes.done;
  });
}
