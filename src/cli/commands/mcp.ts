import { systemClock } from '../../base/clock.ts';
import { UsageError } from '../../base/errors.ts';
import type { OpenSwarm } from '../../bridge/open.ts';
import { report } from '../../core/flow/report.ts';
import type { Party } from '../../core/model/party.ts';
import { guestNamed, isGuest } from '../../core/model/party.ts';
import { claimPaths } from '../../git/claimPaths.ts';
import type { TeamDesk } from '../../worker/mcp/teamTools.ts';
import { coordinatorDesk } from '../coordinatorDesk.ts';
import { tellError } from '../errors.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import { listenForInterrupt } from '../interrupt.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { requirePerson } from '../person.ts';
import { productVersion } from '../productVersion.ts';
import type { Define } from '../registry.ts';
import { guestMs } from '../speaker.ts';
import { partySpeaking } from '../team/speak.ts';
import { speakerOption } from './verb.ts';

interface McpOptions {
  readonly worker?: string;
  readonly coordinator?: true;
}

/** `swarm mcp`. */
export const defineMcp: Define = (command, on) => {
  command
    .description('Serve the verbs of a session as tools, over stdio, to a session that Swarm has not started.')
    .option('--coordinator', 'for the session with which you plan: also shows tasks and reviews, and queues tasks')
    .addOption(speakerOption())
    .action(on(mcp));
};

function mcp(invocation: Invocation, { worker, coordinator }: McpOptions): Promise<ExitCode> {
  return withSwarm(invocation, async (opened) => {
    const { store, repo } = opened;
    if (coordinator) await requirePerson(invocation, opened);
    const party = coordinator ? coordinatorNamed(worker) : await partySpeaking(invocation, opened, worker);
    const team = opened.swarm.teamwork(party);
    const folder = process.cwd();
    const { serveTools } = await import('../../worker/mcp/serve.ts');
    using interrupt = listenForInterrupt({ patient: false });
    await using _ = await present(opened, party);
    const desk: TeamDesk = {
      team: async () => team,
      paths: (texts) => claimPaths(texts, { commonDir: repo.commonDir, folder }),
      report: (said) => report(store, party, said, systemClock.now()),
      onDidChange: (listener) => store.onDidChange(listener),
      now: () => systemClock.now(),
    };
    await serveTools(
      {
        team: desk,
        ...(coordinator ? { coordinator: coordinatorDesk(invocation, opened) } : {}),
        version: await productVersion(),
        failed: (error) => tellError(error, invocation.output),
      },
      interrupt.signal,
    );
    return exitCodes.done;
  });
}

function coordinatorNamed(name = 'coordinator'): Party {
  const guest = guestNamed(name);
  if (guest === undefined) throw new UsageError(`“${name}” is no name for a session`);
  return guest;
}

/** Keeps a guest here while it is served: it needs not speak to be seen. */
async function present({ store }: OpenSwarm, party: Party): Promise<AsyncDisposable> {
  if (!isGuest(party)) return { [Symbol.asyncDispose]: async () => {} };
  const seen = () => store.guestSeen({ guest: party, ms: guestMs, now: systemClock.now() });
  await seen();
  const timer = setInterval(() => void seen().catch(() => {}), guestMs / 6);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await store.guestLeft({ guest: party, now: systemClock.now() });
    },
  };
}
