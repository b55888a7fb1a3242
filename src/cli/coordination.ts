import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { OpenSwarm } from '../bridge/open.ts';
import { systemRandom } from '../bridge/open.ts';
import { readyToCoordinate } from '../bridge/readyToCoordinate.ts';
import { Coordinator } from '../core/flow/coordinate.ts';
import type { WorkerId } from '../core/model/ids.ts';
import { leaderLeaseName } from '../core/model/lease.ts';
import { sameProcess } from '../core/model/process.ts';
import { isLive } from '../core/model/worker.ts';
import type { Processes, WorkerLauncher } from '../core/ports.ts';
import type { OwnProgram } from '../process/childLauncher.ts';
import { childLauncher, landingLauncher } from '../process/childLauncher.ts';
import { openProcesses } from '../process/identity.ts';
import { changesOf } from './changes.ts';
import type { Invocation } from './invocation.ts';

/** Coordination by this process, in the background. */
export interface Coordination {
  /** Workers that this process has started. */
  readonly started: ReadonlySet<WorkerId>;
  /** Lets the lead go; starts nothing any more. */
  stop(): Promise<void>;
}

export interface CoordinationOptions {
  /** Off: only landings are started. */
  readonly workers: boolean;
}

/** Coordinates what the store holds, with workers and landings as child processes. */
export async function coordinate(
  invocation: Invocation,
  opened: OpenSwarm,
  { workers }: CoordinationOptions,
): Promise<Coordination> {
  const { store, git, face, settings } = opened;
  const { output } = invocation;
  await readyToCoordinate(opened);
  const program = ownProgram(invocation, opened);
  const started = new Set<WorkerId>();
  const children = childLauncher(program);
  const launcher: WorkerLauncher = {
    modes: children.modes,
    async launch(worker, ended) {
      started.add(worker.id);
      await children.launch(worker, ended);
    },
  };
  const coordinator = new Coordinator({
    face,
    store,
    git,
    processes: await openProcesses(),
    ...(workers ? { workers: launcher } : {}),
    landings: landingLauncher(program),
    clock: systemClock,
    random: systemRandom,
    settings,
    log: {
      debug: () => {},
      info: () => {},
      warn: (message) => output.note(message),
      error: (message, cause) => output.note(cause === undefined ? message : `${message}: ${messageOf(cause)}`),
    },
  });
  const ended = new AbortController();
  const running = coordinator.run(ended.signal);
  return {
    started,
    async stop() {
      ended.abort();
      await running;
    },
  };
}

/** The process that coordinates this repository already; undefined when nobody does. */
export async function otherLeader(opened: OpenSwarm): Promise<number | undefined> {
  const processes: Processes = await openProcesses();
  const { leases } = await opened.store.situation();
  const leader = leases.find((lease) => lease.name === leaderLeaseName)?.owner;
  if (leader === undefined || processes.isDead(leader) || sameProcess(leader, processes.self)) return undefined;
  return leader.pid;
}

/**
 * Asks workers to stop and waits until they have, at most `ms`. Their tasks go back to the queue with all their work.
 * Only `idle` ones: those that drive a task go on.
 */
export async function stopWorkers(
  { store }: Pick<OpenSwarm, 'store'>,
  started: ReadonlySet<WorkerId>,
  which: 'all' | 'idle',
  ms: number,
): Promise<void> {
  const wanted = (await store.overview()).workers.filter(
    (worker) => started.has(worker.id) && isLive(worker) && (which === 'all' || worker.state !== 'busy'),
  );
  for (const { id } of wanted) await store.askWorkerToStop({ worker: id, now: systemClock.now() });
  const asked = new Set(wanted.map(({ id }) => id));
  const deadline = AbortSignal.timeout(ms);
  for await (const _ of changesOf(store, deadline)) {
    const { workers } = await store.overview();
    if (!workers.some((worker) => asked.has(worker.id) && isLive(worker))) return;
  }
}

/** How this very program is started again, for the same repository and store. */
export function ownProgram({ env }: Invocation, { places, repo }: OpenSwarm): OwnProgram {
  const main = import.meta.url.endsWith('.ts') ? './main.ts' : './main.js';
  return {
    cli: fileURLToPath(new URL(main, import.meta.url)),
    options: ['--store', places.store],
    root: repo.root,
    logs: dirname(places.processLog('any')),
    env,
  };
}
