import type { FaceId, LaunchId, TaskId, WorkerId } from '../../core/model/ids.ts';
import { workerLeaseName } from '../../core/model/lease.ts';
import type { ProcessIdentity } from '../../core/model/process.ts';
import { sameProcess } from '../../core/model/process.ts';
import type { Refusal } from '../../core/model/review.ts';
import type { SessionMode } from '../../core/model/session.ts';
import type { Launch, Worker, WorkerState } from '../../core/model/worker.ts';
import { isLive, workerStates } from '../../core/model/worker.ts';
import { line } from '../line.ts';
import { launchOf, workerOf } from '../rows.ts';
import { none, row, type Tx } from '../transaction.ts';
import { append } from './events.ts';
import { isHeld, requeue } from './hold.ts';
import { readTask } from './move.ts';
import { newLease } from './newLease.ts';
import { next, type Scope } from './scope.ts';
import { endSessions } from './sessions.ts';
import { note } from './tasks.ts';

/** The states of a worker that lives or is about to. */
export const liveStates: readonly WorkerState[] = workerStates.filter((state) => isLive({ state }));

const noWorker = (id: WorkerId): Refusal => ({ refused: `there is no worker ${id}` });

/** See `Store.worker`. */
export function* readWorker({ q, repo }: Scope, id: WorkerId): Tx<Worker | undefined> {
  const found = yield* row(q.selectFrom('workers').selectAll().where('repo', '=', repo).where('id', '=', id));
  return found && workerOf(found);
}

/** See `Store.requestWorker`. */
export function* requestWorker(
  scope: Scope,
  args: {
    worker: WorkerId;
    launch: LaunchId;
    face: FaceId;
    mode: SessionMode;
    machine: string;
    max: number;
    now: number;
  },
): Tx<Worker | Refusal> {
  const { q, repo } = scope;
  const live = yield* row(
    q
      .selectFrom('workers')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('repo', '=', repo)
      .where('state', 'in', liveStates),
  );
  if (Number(live?.count) >= args.max) return { refused: `${args.max} workers run already, as many as may` };
  const number = yield* next(scope, 'worker');
  const worker = yield* row(
    q
      .insertInto('workers')
      .values({
        id: args.worker,
        repo,
        name: `worker ${number}`,
        mode: args.mode,
        state: 'starting',
        machine: args.machine,
        position: number,
        started_at: args.now,
        updated_at: args.now,
      })
      .returningAll(),
  );
  if (worker === undefined) throw new Error(`${args.worker} was not stored`);
  yield* none(
    q.insertInto('launches').values({
      id: args.launch,
      repo,
      worker: args.worker,
      face: args.face,
      mode: args.mode,
      state: 'asked',
      asked_at: args.now,
    }),
  );
  yield* append(scope, {
    kind: 'worker.asked',
    at: args.now,
    worker: args.worker,
    text: `${worker.name} is asked for`,
  });
  return workerOf(worker);
}

/** See `Store.takeLaunch`. */
export function* takeLaunch(
  { q, repo }: Scope,
  args: { face: FaceId; overdue: readonly LaunchId[]; modes: readonly SessionMode[] },
): Tx<Launch | undefined> {
  const [otherMode] = args.modes;
  if (otherMode === undefined) return undefined;
  const asked = yield* row(
    q
      .selectFrom('launches')
      .select(['id', 'worker', 'face', 'mode'])
      .where('repo', '=', repo)
      .where('state', '=', 'asked')
      .where((eb) => {
        const mine = eb.and([eb('face', '=', args.face), eb('mode', 'in', args.modes)]);
        return args.overdue.length === 0 ? mine : eb.or([mine, eb('id', 'in', args.overdue)]);
      })
      .orderBy('asked_at')
      // Those asked for in the same moment start in the order of their names.
      .orderBy((eb) => eb.selectFrom('workers').select('position').whereRef('workers.id', '=', 'launches.worker'))
      .limit(1),
  );
  if (asked === undefined) return undefined;
  const mode = args.modes.includes(asked.mode) ? asked.mode : otherMode;
  if (asked.face !== args.face || asked.mode !== mode) {
    // The face that asked does not answer, or not in this mode: its work gets a home where it can be seen and started.
    const home = { face: args.face, mode };
    yield* none(q.updateTable('batches').set(home).where('repo', '=', repo).where('face', '=', asked.face));
    yield* none(q.updateTable('workers').set({ mode }).where('id', '=', asked.worker));
  }
  const taken = yield* row(
    q
      .updateTable('launches')
      .set({ state: 'taken', taken_by: args.face, face: args.face, mode })
      .where('id', '=', asked.id)
      .returningAll(),
  );
  return taken && launchOf(taken);
}

/** See `Store.launchFailed`. */
export function* launchFailed(scope: Scope, args: { launch: LaunchId; reason: string; now: number }): Tx<void> {
  const launch = yield* row(
    scope.q
      .selectFrom('launches')
      .select('worker')
      .where('repo', '=', scope.repo)
      .where('id', '=', args.launch)
      .where('state', 'in', ['asked', 'taken']),
  );
  if (launch !== undefined)
    yield* endWorker(scope, launch.worker, 'stopped', `could not be started: ${args.reason}`, args.now);
}

/** See `Store.workerStarted`. */
export function* workerStarted(
  scope: Scope,
  args: { worker: WorkerId; process: ProcessIdentity; leaseMs: number; now: number },
): Tx<Worker | Refusal> {
  const { q } = scope;
  const { process, now } = args;
  const worker = yield* readWorker(scope, args.worker);
  if (worker === undefined) return noWorker(args.worker);
  if (!isLive(worker)) return { refused: `${worker.name} was given up (${worker.state})` };
  if (worker.process !== undefined) {
    if (sameProcess(worker.process, process)) return worker;
    return { refused: `${worker.name} runs already, as process ${worker.process.pid} on ${worker.machine}` };
  }
  const started = yield* row(
    q
      .updateTable('workers')
      .set({
        state: worker.state === 'starting' ? 'idle' : worker.state,
        machine: process.machine,
        pid: process.pid,
        start_time: process.startTime,
        updated_at: now,
      })
      .where('id', '=', worker.id)
      .returningAll(),
  );
  if (started === undefined) throw new Error(`${worker.id} is gone`);
  yield* newLease(scope, { name: workerLeaseName(worker.id), owner: process, ms: args.leaseMs, now });
  yield* none(q.updateTable('launches').set({ state: 'started' }).where('worker', '=', worker.id));
  const text = `${worker.name} is process ${process.pid} on ${process.machine}`;
  yield* append(scope, { kind: 'worker.started', at: now, worker: worker.id, text });
  return workerOf(started);
}

/** See `Store.workerPhase`. */
export function* workerPhase(
  scope: Scope,
  args: { worker: WorkerId; phase: string; task?: TaskId; now: number },
): Tx<void> {
  const phase = line(args.phase);
  const changed = yield* row(
    scope.q
      .updateTable('workers')
      .set({ phase, updated_at: args.now })
      .where('repo', '=', scope.repo)
      .where('id', '=', args.worker)
      .where('state', 'in', liveStates)
      .returning('id'),
  );
  if (changed === undefined) return;
  const { worker, task, now } = args;
  if (task !== undefined) yield* note(scope, { kind: 'task.phase', task, worker, text: phase, now });
  else yield* append(scope, { kind: 'task.phase', at: now, worker, text: phase });
}

/** See `Store.askWorkerToStop`. */
export function* askWorkerToStop(scope: Scope, args: { worker: WorkerId; now: number }): Tx<Worker | Refusal> {
  const { q } = scope;
  const worker = yield* readWorker(scope, args.worker);
  if (worker === undefined) return noWorker(args.worker);
  if (!isLive(worker)) return { refused: `${worker.name} does not run (${worker.state})` };
  if (worker.state === 'stopping') return worker;
  const launch = yield* row(q.selectFrom('launches').select('state').where('worker', '=', worker.id));
  if (launch?.state === 'asked') {
    yield* endWorker(scope, worker.id, 'stopped', 'asked to stop before it was started', args.now);
  } else {
    yield* none(q.updateTable('workers').set({ state: 'stopping', updated_at: args.now }).where('id', '=', worker.id));
    yield* append(scope, {
      kind: 'worker.stopping',
      at: args.now,
      worker: worker.id,
      text: `${worker.name} is asked to stop`,
    });
  }
  return (yield* readWorker(scope, worker.id)) ?? noWorker(worker.id);
}

/** See `Store.workerStopped`. */
export function* workerStopped(scope: Scope, args: { worker: WorkerId; reason: string; now: number }): Tx<void> {
  const held = yield* row(scope.q.selectFrom('tasks').select('id').where('worker', '=', args.worker));
  const task = held && (yield* readTask(scope, held.id));
  if (task && isHeld(task)) {
    yield* requeue(scope, task, 'stopped', `its worker stopped: ${args.reason}`, args.now);
  }
  yield* endWorker(scope, args.worker, 'stopped', args.reason, args.now);
}

/** See `Store.workerLost`. */
export function* workerLost(scope: Scope, args: { worker: WorkerId; now: number }): Tx<void> {
  yield* loseWorker(scope, args.worker, 'its process is gone', args.now);
}

/** A worker whose process is dead, or was silent for too long, is given up; its open sessions end. */
export function* loseWorker(scope: Scope, worker: WorkerId, reason: string, now: number): Tx<void> {
  yield* endWorker(scope, worker, 'lost', reason, now);
}

function* endWorker(scope: Scope, id: WorkerId, state: 'stopped' | 'lost', reason: string, now: number): Tx<void> {
  const { q, repo } = scope;
  const ended = yield* row(
    q
      .updateTable('workers')
      .set({ state, task: null, phase: null, updated_at: now })
      .where('repo', '=', repo)
      .where('id', '=', id)
      .where('state', 'in', liveStates)
      .returning('name'),
  );
  if (ended === undefined) return;
  yield* none(q.deleteFrom('leases').where('repo', '=', repo).where('name', '=', workerLeaseName(id)));
  yield* none(
    q
      .updateTable('launches')
      .set({ state: 'failed', reason: line(reason) || state })
      .where('worker', '=', id)
      .where('state', 'in', ['asked', 'taken']),
  );
  yield* endSessions(scope, { worker: id }, `its worker ${state === 'lost' ? 'was lost' : 'stopped'}`, now);
  yield* append(scope, { kind: `worker.${state}`, at: now, worker: id, text: `${ended.name}: ${reason}` });
}
