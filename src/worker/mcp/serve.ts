import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { CoordinatorDesk } from './coordinatorTools.ts';
import { addCoordinatorTools } from './coordinatorTools.ts';
import { coordinatorInstructions, sessionInstructions } from './instructions.ts';
import type { TeamDesk } from './teamTools.ts';
import { addTeamTools } from './teamTools.ts';
import { serverWith } from './tool.ts';

export interface StdioTools {
  readonly team: TeamDesk;
  /** Present for the person's coordinating session. */
  readonly coordinator?: CoordinatorDesk;
  readonly version: string;
  failed(error: unknown): void;
}

/** Serves the tools of one party through stdin and stdout, until whoever reads them has closed stdin or `signal` aborts. */
export async function serveTools(
  { team, coordinator, version, failed }: StdioTools,
  signal: AbortSignal,
): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const handle = serveStdio(() =>
    serverWith(
      (add) => {
        addTeamTools(add, team);
        if (coordinator) addCoordinatorTools(add, coordinator);
      },
      { instructions: coordinator ? coordinatorInstructions : sessionInstructions, version, failed },
    ),
  );
  await ended;
  await handle.close();
}
