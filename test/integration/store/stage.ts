import { randomBytes } from 'node:crypto';
import type { Batch } from '../../../src/core/model/batch.ts';
import type { ClaimModes } from '../../../src/core/model/claim.ts';
import type { SwarmEvent } from '../../../src/core/model/event.ts';
import type {
  AttemptId,
  BatchId,
  ClaudeSessionId,
  EntryId,
  FaceId,
  SessionId,
  TaskId,
  WorkerId,
} from '../../../src/core/model/ids.ts';
import { newId } from '../../../src/core/model/ids.ts';
import type { TaskLease } from '../../../src/core/model/lease.ts';
import { targetLeaseName } from '../../../src/core/model/lease.ts';
import type { ProcessIdentity } from '../../../src/core/model/process.ts';
import type { Session } from '../../../src/core/model/session.ts';
import type { Task } from '../../../src/core/model/task.ts';
import type { LeaseAnswer, NewTask, Outcome } from '../../../src/core/store.ts';
import type { OpenStore } from '../../../src/store/store.ts';

/** A store for one test, and a way to it that asks nobody. */
export interface Ground extends AsyncDisposable {
  readonly store: OpenStore;
  /** The same repository as another process would open it. */
  another(): Promise<OpenStore>;
  /** One statement, in a transaction of its own, past every rule but the tables' own. */
  raw(sql: string): Promise<readonly unknown[]>;
}

export type OpenGround = () => Promise<Ground>;

type Leased = Extract<LeaseAnswer, { kind: 'leased' }>;

/** What a worker holds while its session runs. */
export interface Running {
  readonly worker: WorkerId;
  readonly task: TaskId;
  readonly lease: TaskLease;
  readonly attempt: AttemptId;
  readonly session: SessionId;
}

export const base = 'ba5e000000000000000000000000000000000000';
export const head = '4ead000000000000000000000000000000000000';

/** Says in a few words what a test needs to have happened before its own sentence begins. */
export class Stage {
  readonly store: OpenStore;
  readonly face = newId('face', randomBytes);
  /** The wall clock; every step is one millisecond. */
  now = 1_000_000;
  #pid = 100;

  constructor(store: OpenStore) {
    this.store = store;
  }

  id = newIdOf;

  process(): ProcessIdentity {
    return { machine: 'here', pid: ++this.#pid, startTime: `start of ${this.#pid}` };
  }

  at(): number {
    return ++this.now;
  }

  newBatch(over: Partial<Batch> = {}): Batch {
    return {
      id: newIdOf('batch'),
      repo: this.store.repo,
      face: this.face,
      mode: 'interactive',
      workers: 64,
      review: 'human',
      land: false,
      createdAt: this.now,
      ...over,
    };
  }

  newTask(over: Partial<NewTask> = {}): NewTask {
    const id = newIdOf('task');
    return {
      id,
      title: 'Do it',
      prompt: 'Do it',
      target: 'main',
      after: [],
      branch: `swarm/${id}`,
      options: {},
      ...over,
    };
  }

  /** Queues tasks of one batch. */
  async queue(tasks: number | readonly NewTask[] = 1, over: Partial<Batch> = {}): Promise<readonly TaskId[]> {
    const list = typeof tasks === 'number' ? Array.from({ length: tasks }, () => this.newTask()) : tasks;
    await this.store.addBatch({ batch: this.newBatch(over), tasks: list, now: this.at() });
    return list.map((task) => task.id);
  }

  /** Queues one task. */
  async one(over: Partial<NewTask> = {}, batch: Partial<Batch> = {}): Promise<TaskId> {
    const task = this.newTask(over);
    await this.queue([task], batch);
    return task.id;
  }

  /** A worker that was asked for, launched and has reported. */
  async worker(mode: 'interactive' | 'print' = 'interactive'): Promise<WorkerId> {
    const worker = newIdOf('worker');
    const launch = newIdOf('launch');
    const args = { worker, launch, face: this.face, mode, machine: 'here', max: 1000, now: this.at() };
    await this.store.requestWorker(args);
    await this.store.workerStarted({ worker, process: this.process(), leaseMs: 30_000, now: this.at() });
    return worker;
  }

  ask(
    worker: WorkerId,
    over: { max?: number; startAfter?: 'merged' | 'in_review'; attempt?: AttemptId; modes?: ClaimModes } = {},
  ): Promise<LeaseAnswer> {
    return this.store.leaseNext({
      worker,
      attempt: newIdOf('attempt'),
      owner: this.process(),
      leaseMs: 30_000,
      max: 100,
      startAfter: 'merged',
      modes: {},
      now: this.at(),
      ...over,
    });
  }

  async lease(worker: WorkerId): Promise<Leased> {
    const answer = await this.ask(worker);
    if (answer.kind !== 'leased') throw new Error(`nothing was leased: ${answer.kind}`);
    return answer;
  }

  newSession(lease: TaskLease, attempt: AttemptId): Session {
    return {
      id: newIdOf('session'),
      attempt,
      task: lease.task,
      worker: lease.worker,
      claudeSessionId: 'aaaaaaaa-0000-4000-8000-000000000000' as ClaudeSessionId,
      mode: 'interactive',
      state: 'starting',
      logs: '/logs/of it',
      usage: { costUsd: 0, tokens: 0, turns: 0 },
      startedAt: this.now,
    };
  }

  /** Leases the next task and opens its session. */
  async run(worker: WorkerId): Promise<Running> {
    const { task, attempt } = await this.lease(worker);
    const { lease } = task;
    const session = this.newSession(lease, attempt.id);
    await this.store.placed({ lease, worktree: `/worktrees/${task.id}`, base, now: this.at() });
    await this.store.sessionStarting({ lease, session, now: this.at() });
    await this.store.sessionOpen({ lease, session: session.id, process: this.process(), now: this.at() });
    return { worker, task: task.id, lease, attempt: attempt.id, session: session.id };
  }

  finish(lease: TaskLease, outcome: Outcome): Promise<'finished' | 'lost'> {
    return this.store.finish({
      lease,
      outcome,
      review: newIdOf('review'),
      entry: newIdOf('entry'),
      now: this.at(),
    });
  }

  /** A task that was handed over, at a worker whose session is still open. */
  async inReview(batch: Partial<Batch> = {}): Promise<Running> {
    await this.one({}, batch);
    const running = await this.run(await this.worker());
    await this.finish(running.lease, { kind: 'in_review', base, head });
    return running;
  }

  /** Like inReview, and approved. */
  async approved(batch: Partial<Batch> = {}): Promise<Running> {
    const running = await this.inReview(batch);
    await this.decide(running.task, { kind: 'approve' });
    return running;
  }

  decide(
    task: TaskId,
    verdict: Parameters<OpenStore['decide']>[0]['verdict'],
    over: { head?: string; entry?: EntryId } = {},
  ): ReturnType<OpenStore['decide']> {
    return this.store.decide({
      task,
      verdict,
      head,
      reviewer: 'you',
      entry: newIdOf('entry'),
      now: this.at(),
      ...over,
    });
  }

  /** An approved task whose entry is being landed; with the fence its landing shows. */
  async landing(): Promise<Running & { entry: EntryId; fence: { entry: EntryId; target: string; token: number } }> {
    const running = await this.approved();
    const entry = newIdOf('entry');
    await this.store.enqueue({ entries: [{ id: entry, task: running.task }], now: this.at() });
    const lease = await this.store.takeLease({ name: targetLeaseName('main'), owner: this.process(), ms: 30_000 });
    if (lease === 'held') throw new Error('the target is held');
    const fence = { entry, target: 'main', token: lease.token };
    await this.store.landingStarted({ ...fence, now: this.at() });
    return { ...running, entry, fence };
  }

  async task(id: TaskId): Promise<Task> {
    const task = await this.store.task(id);
    if (!task) throw new Error(`there is no ${id}`);
    return task;
  }

  async state(id: TaskId): Promise<Task['state']> {
    return (await this.task(id)).state;
  }

  /** Every event after `seq`, as `kind: text`. */
  async told(seq = 0, task?: TaskId): Promise<readonly string[]> {
    const events: readonly SwarmEvent[] = await this.store.eventsAfter(seq, 10_000, task);
    return events.map((event) => `${event.kind}: ${event.text}`);
  }

  /** Everything that a call which must change nothing could have changed. */
  async everything(): Promise<unknown> {
    return [await this.store.overview(), await this.store.situation()];
  }

  async seq(): Promise<number> {
    return (await this.store.overview()).seq;
  }

  newBatchId(): BatchId {
    return newIdOf('batch');
  }

  newFace(): FaceId {
    return newIdOf('face');
  }
}

/** A new random id. */
export function newIdOf<Kind extends Parameters<typeof newId>[0]>(kind: Kind) {
  return newId(kind, randomBytes);
}
