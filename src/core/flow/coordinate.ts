import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { EntryId, FaceId, LaunchId, RandomBytes, WorkerId } from '../model/ids.ts';
import { newId } from '../model/ids.ts';
import type { Lease, LeaseSighting } from '../model/lease.ts';
import { judgeLeases, leaderLeaseName, targetLeaseName } from '../model/lease.ts';
import { sameProcess } from '../model/process.ts';
import type { Situation } from '../model/snapshot.ts';
import type { Git, LandingLauncher, Processes, WorkerLauncher } from '../ports.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store.ts';
import { Backoff } from './backoff.ts';
import { tidy } from './tidy.ts';
import { workforce } from './workforce.ts';

/** Everything a coordinator needs of the world. */
export interface CoordinatorWorld {
  readonly face: FaceId;
  readonly store: Store;
  readonly git: Pick<Git, 'thinSnapshots' | 'expireSnapshots'>;
  readonly processes: Processes;
  /** Absent: this one starts landings only. */
  readonly workers?: WorkerLauncher;
  readonly landings: LandingLauncher;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  settings(): Promise<Settings>;
}

/** A face that does not start what it was asked to for this long is replaced by the leader. */
const overdueLaunchMs = 30_000;
/** A worker that has not reported for this long after somebody took upon itself to start it is given up: that one may have died. */
const silentStartMs = 30_000;
const roundMs = 1_000;
const leaderLeaseMs = 15_000;
/** A round that comes this late was slept through (a laptop's lid, a stopped process): what stood still meanwhile may have slept, too. */
const sleptMs = 10_000;
/** How often the leader lets go of what nobody needs any more. */
const tidyMs = 3_600_000;
/** What fails at once, again and again, is tried again after one second, then two, four … and at last every half minute. */
const patience = { firstMs: 1_000, mostMs: 30_000 };

/**
 * Coordinates what the store holds: one of all faces leads (by lease), reaps what is lost, decides that workers start and
 * entries land; every face starts what is addressed to it. Holds nothing that the store lacks.
 */
export class Coordinator {
  readonly #world: CoordinatorWorld;
  #seen: ReadonlyMap<string, LeaseSighting> = new Map();
  #leads: Lease | undefined;
  #renewedAt = 0;
  #lookedAt = 0;
  /** Since when the leader has seen a launch that nobody takes upon itself. */
  #asked: ReadonlyMap<LaunchId, number> = new Map();
  /** Since when a worker is waited for that somebody took upon itself to start. */
  #awaited: ReadonlyMap<WorkerId, number> = new Map();
  #tidiedAt: number | undefined;
  #tidying: Promise<void> = Promise.resolve();
  readonly #starts = new Backoff<'worker'>(patience);
  readonly #landings = new Backoff<EntryId>(patience);

  constructor(world: CoordinatorWorld) {
    this.#world = world;
  }

  /** True while this one holds the leader lease. */
  get leads(): boolean {
    return this.#leads !== undefined;
  }

  /** Coordinates until aborted; then lets the leader lease go. A round that fails is logged and the next one tries again. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, log } = this.#world;
    let complaint = '';
    while (!signal.aborted) {
      const change = new AbortController();
      const listener = store.onDidChange(() => change.abort());
      try {
        await this.round();
        complaint = '';
      } catch (error) {
        if (messageOf(error) !== complaint) log.error('coordination failed, trying again', error);
        complaint = messageOf(error);
      }
      const calm = clock.monotonic() + roundMs / 10;
      await clock.sleep(roundMs, AbortSignal.any([signal, change.signal]));
      listener.dispose();
      await clock.sleep(Math.max(0, calm - clock.monotonic()), signal);
    }
    await this.#tidying;
    const lease = this.#leads;
    this.#leads = undefined;
    if (lease) await store.dropLease({ name: lease.name, token: lease.token });
  }

  /** One look and what follows from it. */
  async round(): Promise<void> {
    const settings = await this.#world.settings();
    const situation = await this.#world.store.situation();
    await this.#reap(situation);
    await this.#lead(situation);
    if (this.#leads) {
      await this.#buryWorkers(situation);
      await this.#askForWorkers(situation, settings);
      await this.#land(situation);
      this.#tidy(settings);
    }
    await this.#launch(this.#overdue(situation));
  }

  /** Everyone watches the leader; the leader watches everyone. */
  async #reap(situation: Situation): Promise<void> {
    const { store, processes, clock } = this.#world;
    const mine = this.#leads ? situation.leases : situation.leases.filter((lease) => lease.name === leaderLeaseName);
    const now = clock.monotonic();
    if (now - this.#lookedAt > sleptMs) {
      this.#seen = new Map();
      this.#asked = new Map();
      this.#awaited = new Map();
    }
    this.#lookedAt = now;
    const judged = judgeLeases(mine, this.#seen, now, (owner) => processes.isDead(owner));
    this.#seen = judged.seen;
    if (judged.lost.length > 0) await store.reap({ lost: judged.lost, now: clock.now() });
  }

  async #lead(situation: Situation): Promise<void> {
    const { store, processes, clock } = this.#world;
    const held = this.#leads;
    if (held) {
      if (clock.monotonic() - this.#renewedAt < leaderLeaseMs / 3) return;
      if ((await store.renewLease({ name: held.name, token: held.token })) === 'lost') this.#leads = undefined;
      this.#renewedAt = clock.monotonic();
      return;
    }
    const leader = situation.leases.find((lease) => lease.name === leaderLeaseName);
    if (leader && !sameProcess(leader.owner, processes.self)) return;
    const taken = await store.takeLease({ name: leaderLeaseName, owner: processes.self, ms: leaderLeaseMs });
    if (taken === 'held') return;
    this.#leads = taken;
    this.#renewedAt = clock.monotonic();
  }

  /** What reaping does not see: workers that never came, and what the dead ones have left running. */
  async #buryWorkers({ workers, sessions, launches }: Situation): Promise<void> {
    const { store, processes, clock } = this.#world;
    const taken = launches.filter(({ state }) => state === 'taken').map(({ worker }) => worker);
    this.#awaited = since(taken, this.#awaited, clock.monotonic());
    for (const worker of workers) {
      const dead = worker.process !== undefined && processes.isDead(worker.process);
      const awaited = this.#awaited.get(worker.id);
      const neverCame = awaited !== undefined && clock.monotonic() - awaited > silentStartMs;
      if (neverCame) await store.workerLost({ worker: worker.id, now: clock.now() });
      // What it has left running costs, even if nobody ever goes on with the task.
      const left = dead ? sessions.filter((session) => session.worker === worker.id) : [];
      if (left.length > 0) await processes.endLeftovers({ sessions: left });
    }
  }

  async #askForWorkers(situation: Situation, settings: Settings): Promise<void> {
    const { store, processes, workers, face, clock, random, log } = this.#world;
    if (!workers || !this.#starts.mayTry('worker', clock.monotonic())) return;
    const { start, release } = workforce(situation, settings);
    for (const worker of release) await store.askWorkerToStop({ worker, now: clock.now() });
    for (const batch of start) {
      // What this face cannot start now (no Claude yet), it does not ask itself for.
      if (batch.face === face && !workers.modes.includes(batch.mode)) continue;
      const asked = await store.requestWorker({
        worker: newId('worker', random),
        launch: newId('launch', random),
        face: batch.face,
        mode: batch.mode,
        machine: processes.self.machine,
        max: settings['workers.max'],
        now: clock.now(),
      });
      if ('refused' in asked) {
        log.debug(asked.refused);
        return;
      }
    }
  }

  async #land(situation: Situation): Promise<void> {
    const landing = new Set(situation.leases.map((lease) => lease.name));
    const waiting = situation.entries.filter((entry) => entry.state === 'queued');
    const targets = new Set(waiting.map((entry) => entry.target));
    for (const target of targets) {
      if (landing.has(targetLeaseName(target))) continue;
      const first = waiting.filter((entry) => entry.target === target).sort((a, b) => a.position - b.position)[0];
      if (!first || !this.#landings.mayTry(first.id, this.#world.clock.monotonic())) continue;
      // Counted as a failure until the entry is out of the queue: then nobody asks for it again.
      this.#landings.failed(first.id, this.#world.clock.monotonic());
      await this.#world.landings.land(first.id);
    }
  }

  /** Nobody waits for it, and what it does not come to do now is done the next time. */
  #tidy(settings: Settings): void {
    const { clock, log } = this.#world;
    if (this.#tidiedAt !== undefined && clock.monotonic() - this.#tidiedAt < tidyMs) return;
    this.#tidiedAt = clock.monotonic();
    this.#tidying = tidy(this.#world, settings, clock.now()).catch((error: unknown) =>
      log.warn(`old snapshots were not let go: ${messageOf(error)}`),
    );
  }

  /** The launches that a leader has seen unanswered for too long, by its own clock: the wall clock may jump. */
  #overdue({ launches }: Situation): readonly LaunchId[] {
    const now = this.#world.clock.monotonic();
    const asked = this.#leads ? launches.filter(({ state }) => state === 'asked').map(({ id }) => id) : [];
    this.#asked = since(asked, this.#asked, now);
    return asked.filter((id) => now - (this.#asked.get(id) ?? now) > overdueLaunchMs);
  }

  async #launch(overdue: readonly LaunchId[]): Promise<void> {
    const { store, workers, face, clock, log } = this.#world;
    if (!workers) return;
    for (;;) {
      const launch = await store.takeLaunch({ face, overdue, modes: workers.modes });
      if (!launch) return;
      const worker = await store.worker(launch.worker);
      const failed = (reason: string) => {
        this.#starts.failed('worker', clock.monotonic());
        return store.launchFailed({ launch: launch.id, reason, now: clock.now() });
      };
      try {
        // A worker that dies before it has reported would be waited for.
        const judge = async () => {
          if ((await store.worker(launch.worker))?.process === undefined)
            await failed('it ended before it had reported');
          else this.#starts.succeeded('worker');
        };
        const ended = () => void judge().catch((error) => log.debug(messageOf(error)));
        if (worker) await workers.launch(worker, ended);
      } catch (error) {
        log.error(`could not start ${worker?.name ?? launch.worker}`, error);
        await failed(messageOf(error));
      }
    }
  }
}

/** Since when each of these is known: those that were known before keep their time, the others begin now. */
const since = <Key>(keys: readonly Key[], known: ReadonlyMap<Key, number>, now: number): ReadonlyMap<Key, number> =>
  new Map(keys.map((key) => [key, known.get(key) ?? now]));
