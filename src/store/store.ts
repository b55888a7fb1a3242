import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { RepoId } from '../core/model/ids.ts';
import type { Store } from '../core/store.ts';
import type { Engine } from './engine/engine.ts';
import { queriesFor } from './queries.ts';
import { teamOn } from './team.ts';
import type { Tx } from './transaction.ts';
import { addBatch, readBatch } from './transactions/batches.ts';
import { decide, reopenReview } from './transactions/decide.ts';
import { enqueue, landed, landingStarted, readEntry } from './transactions/entries.ts';
import { eventsAfter } from './transactions/events.ts';
import { finish } from './transactions/finish.ts';
import { renewWorker } from './transactions/hold.ts';
import { dropLease, reap, renewLease, takeLease } from './transactions/leases.ts';
import { readTask } from './transactions/move.ts';
import { overview, situation } from './transactions/overview.ts';
import { leaseNext, retake } from './transactions/queue.ts';
import { reviewsOf } from './transactions/reviews.ts';
import type { Scope } from './transactions/scope.ts';
import {
  attemptsOf,
  sessionDid,
  sessionEnded,
  sessionOpen,
  sessionStarting,
  sessionsOf,
} from './transactions/sessions.ts';
import { cancelTask, placed, renewTask, retryTask, snapshotKept, taskHeld, warned } from './transactions/tasks.ts';
import {
  askWorkerToStop,
  launchFailed,
  readWorker,
  requestWorker,
  takeLaunch,
  workerLost,
  workerPhase,
  workerStarted,
  workerStopped,
} from './transactions/workers.ts';

/** The store of one repository, opened. */
export interface OpenStore extends Store {
  readonly repo: RepoId;
  /** Reads the whole file and returns what is wrong with it, in words; empty when all is well. For the start of a coordinator. */
  check(): Promise<readonly string[]>;
}

/** The store of one repository on an engine: every method is one transaction. */
export function storeOn(engine: Engine, repo: RepoId, clock: Clock): OpenStore {
  const scope: Scope = { q: queriesFor(engine.dialect), repo };
  const reads =
    <A, R>(tx: (scope: Scope, args: A) => Tx<R>) =>
    (args: A): Promise<R> =>
      engine.read(() => tx(scope, args));
  const writing =
    (durable: boolean) =>
    <A, R>(tx: (scope: Scope, args: A) => Tx<R>) =>
    (args: A): Promise<R> =>
      engine.write(() => tx(scope, args), { lock: repo, durable });
  const writes = writing(false);
  const writesDurably = writing(true);
  const now = () => clock.now();
  const team = teamOn(
    { read: (tx) => engine.read(tx), write: (tx) => engine.write(tx, { lock: repo, durable: false }) },
    scope,
    clock,
  );
  return {
    ...team,
    repo,

    addBatch: writesDurably(addBatch),
    cancelTask: writes(cancelTask),
    retryTask: writes(retryTask),

    overview: () => engine.read(() => overview(repo, now())),
    situation: () => engine.read(() => situation(repo)),
    task: reads(readTask),
    batch: reads(readBatch),
    attempts: reads(attemptsOf),
    sessions: reads(sessionsOf),
    reviews: reads(reviewsOf),
    entry: reads(readEntry),
    worker: reads(readWorker),
    eventsAfter: (seq, limit, task) => engine.read(() => eventsAfter(scope, { seq, limit, task })),
    onDidChange: (listener): Disposable => engine.onDidChange(listener),

    takeLease: (args) => writes(takeLease)({ ...args, now: now() }),
    renewLease: (args) => writes(renewLease)({ ...args, now: now() }),
    dropLease: (args) => writes(dropLease)({ ...args, now: now() }),
    reap: writes(reap),

    requestWorker: writes(requestWorker),
    takeLaunch: writes(takeLaunch),
    launchFailed: writes(launchFailed),
    workerStarted: writes(workerStarted),
    renewWorker: (args) => writes(renewWorker)({ ...args, now: now() }),
    workerPhase: writes(workerPhase),
    askWorkerToStop: writes(askWorkerToStop),
    workerStopped: writes(workerStopped),
    workerLost: writes(workerLost),

    leaseNext: writes(leaseNext),
    retake: writes(retake),
    taskHeld: reads(taskHeld),
    renewTask: writes(renewTask),
    placed: writes(placed),
    warned: writes(warned),
    sessionStarting: writes(sessionStarting),
    sessionOpen: writes(sessionOpen),
    sessionDid: writes(sessionDid),
    sessionEnded: writes(sessionEnded),
    snapshotKept: writes(snapshotKept),
    finish: writesDurably(finish),

    decide: writesDurably(decide),
    reopenReview: writes(reopenReview),
    enqueue: writesDurably(enqueue),
    landingStarted: writes(landingStarted),
    landed: writesDurably(landed),

    check: () => engine.check(),
    dispose: () => engine.dispose(),
  };
}
