import type { Clock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import type { WorkerWorld } from '../../../src/core/flow/worker.ts';
import type { ClaudeSessionId, WorkerId } from '../../../src/core/model/ids.ts';
import type { SessionEnd, SessionEvent, SessionMode } from '../../../src/core/model/session.ts';
import type { RunningSession, SessionRequest } from '../../../src/core/ports.ts';
import { defaultSettings } from '../../../src/core/settings.ts';
import type { Store } from '../../../src/core/store.ts';
import { batch } from './builders.ts';
import { fakeClock } from './fakeClock.ts';

/** What a scripted Claude Code does; absent `end`: it lives until it is stopped. */
export interface Script {
  readonly events?: readonly SessionEvent[];
  readonly end?: SessionEnd;
}

export interface Given {
  readonly mode?: SessionMode;
  readonly clock?: Clock;
  /** One for each launch, in order; a session of which nothing is said does nothing. */
  readonly scripts?: readonly Script[];
  readonly store?: Partial<Store>;
  readonly git?: Partial<WorkerWorld['git']>;
  readonly checks?: WorkerWorld['checks']['run'];
  readonly canResume?: boolean;
}

/** A worker in a scripted world: whatever it asks goes well unless said otherwise; `told` is what it asked, in order. */
export function workerWorld(given: Given = {}) {
  const told: string[] = [];
  const outcomes: unknown[] = [];
  const requests: SessionRequest[] = [];
  const scripts = [...(given.scripts ?? [])];
  const clock = given.clock ?? fakeClock();
  const running = (script: Script = {}): RunningSession => {
    let stopped: (end: SessionEnd) => void = () => {};
    const ended = script.end
      ? Promise.resolve(script.end)
      : new Promise<SessionEnd>((resolve) => {
          stopped = resolve;
        });
    async function* events() {
      yield* script.events ?? [];
      await ended;
    }
    return {
      process: { machine: 'here', pid: 7, startTime: '7' },
      events: events(),
      ended,
      grantEdits: (granted) => void told.push(granted ? 'edits granted' : 'edits withdrawn'),
      stop: async () => {
        told.push('session stopped');
        stopped({ exitCode: undefined, signal: 'SIGTERM', denied: [] });
      },
    };
  };
  const answer = (name: string, value?: unknown) => async () => {
    told.push(name);
    return value;
  };
  const store = {
    onDidChange: () => ({ dispose: () => {} }),
    renewTask: async () => 'renewed',
    batch: async () => batch({ mode: given.mode ?? 'interactive' }),
    task: async () => undefined,
    sessions: async () => [],
    worker: async () => undefined,
    workerPhase: async () => {},
    placed: answer('placed', 'saved'),
    sessionStarting: answer('session starting', 'saved'),
    sessionOpen: answer('session open', 'saved'),
    sessionDid: async () => 'saved',
    sessionEnded: async ({ exit }: { exit: string }) => void told.push(`session ended: ${exit}`),
    warned: async ({ text }: { text: string }) => void told.push(`warned: ${text}`),
    snapshotKept: async () => {},
    claims: async () => [],
    values: async () => [],
    claimFound: async () => ({ claimed: [], violations: [] }),
    wants: async () => [],
    finish: async ({ outcome }: { outcome: unknown }) => {
      outcomes.push(outcome);
      return 'finished';
    },
    ...given.store,
  };
  const git = {
    resolve: async (name: string) => (name === 'refs/heads/main' ? 'tip' : undefined),
    addWorktree: async () => ({ created: true, carried: [] }),
    snapshot: async () => undefined,
    commitAll: async () => undefined,
    changes: async () => [],
    mergeBase: async () => undefined,
    differing: async () => [],
    diff: async () => [],
    head: async () => 'work',
    ...given.git,
  };
  const world = {
    worker: 'w1' as WorkerId,
    mode: given.mode ?? 'interactive',
    store,
    git,
    sessions: {
      launch: async (request: SessionRequest) => {
        requests.push(request);
        return running(scripts.shift());
      },
      canResume: async () => given.canResume ?? true,
      keepTranscript: async () => {},
    },
    checks: { run: given.checks ?? (async () => ({ passed: true, tail: '', log: '/log', summary: 'exit 0' })) },
    processes: {
      self: { machine: 'here', pid: 1, startTime: '1' },
      isDead: () => false,
      endLeftovers: async () => 0,
    },
    clock,
    random: (length: number) => new Uint8Array(length),
    log: silentLog,
    settings: async () => defaultSettings,
    worktrees: () => '/worktrees',
    logs: () => '/logs',
    say: (line: string) => void told.push(`say ${line}`),
  } as unknown as WorkerWorld;
  return { world, told, outcomes, requests, running };
}

/** The conversation of an earlier session. */
export const conversation = '00000000-0000-4000-8000-000000000001' as ClaudeSessionId;
