import type { IncomingHttpHeaders } from 'node:http';
import { systemClock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { report } from '../../core/flow/report.ts';
import { Teamwork } from '../../core/flow/teamwork.ts';
import type { ClaimModes } from '../../core/model/claim.ts';
import type { RandomBytes, TaskId } from '../../core/model/ids.ts';
import type { Store } from '../../core/store.ts';
import { claimPaths } from '../../git/claimPaths.ts';
import type { Route } from '../endpoint.ts';

/** The session whose tools these are, and what they stand on. */
export interface SessionTools {
  readonly store: Store;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly task: TaskId;
  readonly worktree: string;
  /** The folder that all worktrees share. */
  readonly commonDir: string;
  modes(): Promise<ClaimModes>;
}

/** A message to a tool is short; whole files are not sent. */
const maximumBytes = 1024 * 1024;

/** The route by which one session reaches the tools that it has with the others. Nothing is loaded before it is asked. */
export function sessionTools(session: SessionTools): Route {
  let handler: Promise<Handler> | undefined;
  return {
    maximumBytes,
    async answer(body, gone, _whenSent, headers) {
      handler ??= openHandler(session);
      return (await handler)(requestOf(headers, gone), body);
    },
  };
}

type Handler = (request: Request, parsedBody: unknown) => Promise<Response>;

async function openHandler(session: SessionTools): Promise<Handler> {
  const [{ createMcpHandler }, { serverWith }, { addTeamTools }, { sessionInstructions }] = await Promise.all([
    import('@modelcontextprotocol/server'),
    import('./tool.ts'),
    import('./teamTools.ts'),
    import('./instructions.ts'),
  ]);
  const { store, random, log, task, worktree, commonDir } = session;
  const team = new Teamwork({ store, clock: systemClock, random, modes: () => session.modes() }, task);
  const failed = (error: unknown) => log.error('a tool of the session failed', error);
  const handler = createMcpHandler(() =>
    serverWith(
      (add) =>
        addTeamTools(add, {
          team: async () => team,
          paths: (texts) => claimPaths(texts, { commonDir, folder: worktree }),
          report: (said) => report(store, task, said, systemClock.now()),
          onDidChange: (listener) => store.onDidChange(listener),
          now: () => systemClock.now(),
        }),
      { instructions: sessionInstructions, version: '1', failed },
    ),
  );
  return (request, parsedBody) => handler.fetch(request, { parsedBody });
}

/** What the protocol reads of a request; the body was read already. */
function requestOf(headers: IncomingHttpHeaders, signal: AbortSignal): Request {
  const kept = Object.entries(headers).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && /^(accept|content-type|mcp-.*)$/.test(entry[0]),
  );
  return new Request('http://127.0.0.1/mcp', { method: 'POST', headers: Object.fromEntries(kept), body: '{}', signal });
}
