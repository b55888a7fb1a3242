import { Option } from 'commander';
import type { ReportedStatus } from '../../core/flow/report.ts';
import { report, reportedStatuses } from '../../core/flow/report.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import type { Define } from '../registry.ts';
import { speak } from '../team/speak.ts';
import { unlessRefused } from '../team/verb.ts';
import { speakerOption } from './verb.ts';

/** `swarm update`. */
export const defineUpdate: Define = (command, on) => {
  command
    .description('Say how your task gets on: a line for the person, who is called when it is blocked.')
    .addOption(new Option('--status <status>', 'how it gets on').choices(reportedStatuses).makeOptionMandatory())
    .option('--note <text>', 'what there is to say', '')
    .addOption(speakerOption())
    .action(on(update));
};

function update(
  invocation: Invocation,
  { status, note, worker }: { readonly status: ReportedStatus; readonly note: string; readonly worker?: string },
): Promise<ExitCode> {
  return speak(invocation, worker, async ({ team, output, opened, now }) => {
    unlessRefused(await report(opened.store, team.party, { status, note }, now()));
    if (output.json) output.document({ task: team.party, status, note });
    return exitCodes.done;
  });
}
