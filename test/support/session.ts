import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { claudeLauncher } from '../../src/claude/launcher.ts';
import type { BatchId, RepoId, TaskId } from '../../src/core/model/ids.ts';
import type { SessionEnd, SessionEvent, SessionMode } from '../../src/core/model/session.ts';
import type { Task, TaskOptions } from '../../src/core/model/task.ts';
import type { RunningSession, SessionRequest, SessionTeam } from '../../src/core/ports.ts';
import { mergeSettings, type PartialSettings } from '../../src/core/settings.ts';
import { openProcesses } from '../../src/process/identity.ts';
import { type Endpoint, openEndpoint } from '../../src/worker/endpoint.ts';
import type { Sandbox } from './model/sandbox.ts';

/** How a session under test differs from the usual one: print mode in the sandbox's repository, default settings. */
export interface Wish {
  readonly prompt: string;
  readonly mode?: SessionMode;
  readonly worktree?: string;
  readonly resume?: string;
  readonly settings?: PartialSettings;
  readonly options?: TaskOptions;
  readonly check?: string;
  readonly briefing?: string;
  readonly team?: Partial<SessionTeam>;
}

/** Nobody else is there: everything may be written, and there is no news. */
export const alone: SessionTeam = {
  mayWrite: async () => undefined,
  mayCommit: async () => undefined,
  news: async () => undefined,
};

/** What the worker would ask the launcher for. */
export function sessionRequest(box: Pick<Sandbox, 'folder' | 'repository' | 'home'>, wish: Wish): SessionRequest {
  const claudeSessionId = wish.resume ?? randomUUID();
  const task: Task = {
    id: 't000000001' as TaskId,
    repo: 'r000000001' as RepoId,
    batch: 'b000000001' as BatchId,
    kind: 'change',
    title: 'A task',
    prompt: wish.prompt,
    target: 'main',
    after: [],
    branch: 'swarm/a-task',
    options: wish.options ?? {},
    attempts: 1,
    rounds: 0,
    costUsd: 0,
    tokens: 0,
    turns: 0,
    createdAt: 0,
    updatedAt: 0,
    state: 'queued',
  };
  return {
    task,
    mode: wish.mode ?? 'print',
    worktree: wish.worktree ?? box.repository,
    claudeSessionId,
    resume: wish.resume !== undefined,
    prompt: wish.prompt,
    briefing: wish.briefing ?? '',
    logs: join(box.folder, 'session logs', randomUUID()),
    settings: mergeSettings({ 'claude.path': box.home.binary, ...wish.settings }),
    check: wish.check,
    team: { ...alone, ...wish.team },
  };
}

/** A session that was launched by the launcher of the product, with the worker's own endpoint. */
export interface LaunchedSession extends AsyncDisposable {
  readonly request: SessionRequest;
  readonly running: RunningSession;
  readonly endpoint: Endpoint;
  /** Everything it has told so far. */
  readonly events: readonly SessionEvent[];
  /** Resolves when it has ended and all events are read. */
  readonly finished: Promise<SessionEnd>;
}

/** Launches a session; disposing ends it. `root` is the main checkout, where the worktree is another one; `over` is put before the worker's endpoint. */
export async function launchSession(
  request: SessionRequest,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal = new AbortController().signal,
  root: string = request.worktree,
  over: (endpoint: Endpoint) => Pick<Endpoint, 'url' | 'openDoor'> = (endpoint) => endpoint,
): Promise<LaunchedSession> {
  await using stack = new AsyncDisposableStack();
  const endpoint = stack.use(await openEndpoint(silentLog));
  const launcher = claudeLauncher({
    endpoint: over(endpoint),
    worker: 'w000000001',
    swarm: { cli: fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url)), store: '/no store' },
    tools: () => () => ({}),
    root,
    env,
    processes: await openProcesses(),
    clock: systemClock,
    log: silentLog,
  });
  const running = await launcher.launch(request, signal);
  stack.defer(() => running.stop(0));
  const events: SessionEvent[] = [];
  const reading = (async () => {
    for await (const event of running.events) events.push(event);
  })();
  const finished = reading.then(() => running.ended);
  const disposables = stack.move();
  return {
    request,
    running,
    endpoint,
    events,
    finished,
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  };
}
