import type { Disposable } from '../base/lifecycle.ts';
import type { Batch } from './model/batch.ts';
import type { ClaimModes } from './model/claim.ts';
import type { SwarmEvent } from './model/event.ts';
import type {
  AttemptId,
  BatchId,
  EntryId,
  FaceId,
  LaunchId,
  ReviewId,
  SessionId,
  TaskId,
  WorkerId,
} from './model/ids.ts';
import type { Lease, TaskLease } from './model/lease.ts';
import type { MergeEntry } from './model/merge.ts';
import type { ProcessIdentity } from './model/process.ts';
import type { Refusal, Review, Verdict } from './model/review.ts';
import type { Attempt, Session, SessionEvent, SessionMode, Usage } from './model/session.ts';
import type { Overview, Situation } from './model/snapshot.ts';
import type { Feedback, Task, TaskCommon } from './model/task.ts';
import type { Launch, Worker } from './model/worker.ts';
import type { TeamStore } from './team.ts';

/** A task as a face asks for it; the rest is filled in by the store. */
export type NewTask = Pick<
  TaskCommon,
  'id' | 'title' | 'prompt' | 'target' | 'requestedBase' | 'after' | 'branch' | 'options'
>;

/** What a free worker got, or why it got nothing. */
export type LeaseAnswer =
  | {
      readonly kind: 'leased';
      readonly task: Extract<Task, { state: 'leased' }>;
      readonly attempt: Attempt;
      readonly batch: Batch;
      /** The newest session of the task with a conversation to resume. */
      readonly last?: Session;
    }
  /** Nothing may start now. `queued` counts tasks that are queued but wait for something. */
  | { readonly kind: 'nothing'; readonly queued: number }
  /** The worker was asked to stop or is not known any more. */
  | { readonly kind: 'stop' };

/** How a held task goes on after its session. */
export type Outcome =
  | { readonly kind: 'in_review'; readonly base: string; readonly head: string }
  /** Approved without a person, because the batch asks for none and the check was green on `head`. */
  | { readonly kind: 'approved'; readonly base: string; readonly head: string }
  | { readonly kind: 'no_changes' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Others hold files that it was refused and still wants: back to the queue with its claims, until these can be claimed for it, too. */
  | { readonly kind: 'waits_for_files'; readonly files: readonly string[] }
  /** Back to the queue, for the same session on the same branch. */
  | {
      readonly kind: 'requeue';
      readonly feedback?: Feedback;
      readonly countsAsRound: boolean;
      readonly outcome: 'stopped' | 'failed';
    };

/** What became of a merge entry. */
export type Landing =
  /** `files`: what it changed on the target; their claimants and readers are told. */
  | { readonly kind: 'merged'; readonly landed: string; readonly files: readonly string[] }
  /** `rounds` used up: the task goes to review instead of back to its author. */
  | {
      readonly kind: 'conflict' | 'check_failed';
      readonly reason: string;
      readonly log?: string;
      readonly feedback: Feedback;
      readonly maxRounds: number;
    }
  | { readonly kind: 'refused'; readonly reason: string }
  /** The branch has commits that nobody approved: a new review is opened for `head`. */
  | { readonly kind: 'moved'; readonly reason: string; readonly base: string; readonly head: string };

/**
 * The only truth. Each call is one transaction: all of it happened, or nothing. `now` is wall-clock milliseconds.
 * Calls that show a lease answer `'lost'` and change nothing once the lease has a new owner or is gone; a call
 * never answers `'lost'` merely because it comes late. Any call may throw AppError `store_busy` (after bounded
 * retries), `store_full`, `store_broken`.
 */
export interface Store extends Disposable, TeamStore {
  // asking
  addBatch(args: { batch: Batch; tasks: readonly NewTask[]; now: number }): Promise<void>;
  cancelTask(args: { task: TaskId; reason: string; now: number }): Promise<Task | Refusal>;
  /** Queues a task again that failed, was cancelled, skipped or is dead; same branch, same session, its rounds begin anew. */
  retryTask(args: { task: TaskId; now: number }): Promise<Task | Refusal>;

  // looking
  overview(): Promise<Overview>;
  situation(): Promise<Situation>;
  task(id: TaskId): Promise<Task | undefined>;
  batch(id: BatchId): Promise<Batch | undefined>;
  attempts(task: TaskId): Promise<readonly Attempt[]>;
  sessions(task: TaskId): Promise<readonly Session[]>;
  reviews(task: TaskId): Promise<readonly Review[]>;
  entry(id: EntryId): Promise<MergeEntry | undefined>;
  worker(id: WorkerId): Promise<Worker | undefined>;
  /** Events with a larger number than `seq`, in order, at most `limit`; of one task when given. */
  eventsAfter(seq: number, limit: number, task?: TaskId): Promise<readonly SwarmEvent[]>;
  /** Fires (coalesced) after another process or this one has committed something. */
  onDidChange(listener: () => void): Disposable;

  // leases by name (leader, targets)
  /** Takes the lease if it is free. */
  takeLease(args: { name: string; owner: ProcessIdentity; ms: number }): Promise<Lease | 'held'>;
  renewLease(args: { name: string; token: number }): Promise<'renewed' | 'lost'>;
  /** Gives a lease back. An entry that was still being landed under it goes back to `queued`, its task to `approved`. */
  dropLease(args: { name: string; token: number }): Promise<void>;
  /**
   * Takes lost leases from their owners: a task goes back to the queue (its attempt ends as `lost`, its sessions end, feedback
   * `interrupted` if it had a session), a target's landing entry goes back to `queued`. A lease that was renewed
   * since (`renewals` differ) is left alone. The worker of a reaped task, dead or silent, becomes `lost`; so does one whose own
   * lease is lost, and its task goes back to the queue. Returns what was taken.
   */
  reap(args: { lost: readonly Pick<Lease, 'name' | 'token' | 'renewals'>[]; now: number }): Promise<readonly string[]>;

  // workers
  /** A new worker row in `starting` with a launch request for `face`, unless `max` live workers exist already. */
  requestWorker(args: {
    worker: WorkerId;
    launch: LaunchId;
    face: FaceId;
    mode: SessionMode;
    machine: string;
    max: number;
    now: number;
  }): Promise<Worker | Refusal>;
  /**
   * Takes a launch of one of `modes` that is addressed to `face`, or one of `overdue`, whoever it is addressed to and whatever
   * its mode: the batches of the face that did not answer get `face` as their home, and a mode that it offers.
   */
  takeLaunch(args: {
    face: FaceId;
    /** Those that the leader has seen unanswered for too long. */
    overdue: readonly LaunchId[];
    modes: readonly SessionMode[];
  }): Promise<Launch | undefined>;
  /** The launch did not succeed: its worker is stopped. */
  launchFailed(args: { launch: LaunchId; reason: string; now: number }): Promise<void>;
  /** The worker's own report that its process lives, whoever launched it. Refused for one that is unknown, given up or another process already. */
  workerStarted(args: {
    worker: WorkerId;
    process: ProcessIdentity;
    /** The length of its own lease, which it has from now until it ends; each task that it leases makes it as long as the task's. */
    leaseMs: number;
    now: number;
  }): Promise<Worker | Refusal>;
  /** A sign of life of a worker that drives no task; `renewTask` is one, too. */
  renewWorker(args: { worker: WorkerId; leaseMs: number }): Promise<void>;
  workerPhase(args: { worker: WorkerId; phase: string; task?: TaskId; now: number }): Promise<void>;
  /** Asks a worker to end its session and stop; its task goes back to the queue with all its work. */
  askWorkerToStop(args: { worker: WorkerId; now: number }): Promise<Worker | Refusal>;
  /** The worker's own last word: its open sessions end, and a task it still holds goes back to the queue. */
  workerStopped(args: { worker: WorkerId; reason: string; now: number }): Promise<void>;
  /** Marks a worker that did not come, or whose process is known dead; its open sessions end. The lease of its task is reaped apart. */
  workerLost(args: { worker: WorkerId; now: number }): Promise<void>;

  // driving a task
  /**
   * Leases the next task that may run: oldest first, of a batch of the worker's mode with fewer than its `workers` tasks leased,
   * dependencies met, fewer than `max` tasks leased in all, and no session of it open at another live worker. The worker's
   * own open session's task (changes asked) comes first. What the task has declared to change is claimed for it in the same
   * transaction; while others hold some of that, the next one is tried. A worker that has not reported yet is told to stop.
   */
  leaseNext(args: {
    worker: WorkerId;
    attempt: AttemptId;
    owner: ProcessIdentity;
    leaseMs: number;
    max: number;
    startAfter: 'merged' | 'in_review';
    /** The setting `claims.modes`. */
    modes: ClaimModes;
    now: number;
  }): Promise<LeaseAnswer>;
  /** Takes back a task that was handed over (in review, approved or skipped), because the person typed into its session. Refused otherwise. */
  retake(args: {
    worker: WorkerId;
    task: TaskId;
    attempt: AttemptId;
    session: SessionId;
    owner: ProcessIdentity;
    leaseMs: number;
    now: number;
  }): Promise<{ readonly task: Extract<Task, { state: 'running' }>; readonly attempt: Attempt } | Refusal>;
  /** Whether the lease still holds its task; `stop`: it does, but the worker was asked to stop. Asked at every change, so it reads next to nothing. */
  taskHeld(args: { lease: TaskLease }): Promise<'held' | 'lost' | 'stop'>;
  /** `stop`: renewed, but the worker was asked to stop. */
  renewTask(args: { lease: TaskLease; now: number }): Promise<'renewed' | 'lost' | 'stop'>;
  /** The task's worktree and base, before anything starts in it. */
  placed(args: { lease: TaskLease; worktree: string; base: string; now: number }): Promise<'saved' | 'lost'>;
  /** A line for people on the task: a warning, what was left out. */
  warned(args: { task: TaskId; text: string; now: number }): Promise<void>;
  /** Saves the session as `starting`, before its launch. */
  sessionStarting(args: { lease: TaskLease; session: Session; now: number }): Promise<'saved' | 'lost'>;
  /** Its process lives: session `open`, task `running`. */
  sessionOpen(args: {
    lease: TaskLease;
    session: SessionId;
    process: ProcessIdentity;
    now: number;
  }): Promise<'saved' | 'lost'>;
  /** Appends what the session did; keeps Claude's id, transcript and usage up to date; moves the task between running and waiting when `lease` still holds it. Never refused for the log itself. */
  sessionDid(args: {
    session: SessionId;
    lease?: TaskLease;
    events: readonly SessionEvent[];
    now: number;
  }): Promise<'saved' | 'lost'>;
  /** Its process is gone. Harmless when repeated. */
  sessionEnded(args: { session: SessionId; exit: string; usage?: Usage; now: number }): Promise<void>;
  snapshotKept(args: { task: TaskId; commit: string; text: string; now: number }): Promise<void>;
  /** Ends the attempt and the lease. Durable before it answers. Opens a review where there is one to open. */
  finish(args: {
    lease: TaskLease;
    outcome: Outcome;
    review: ReviewId;
    entry: EntryId;
    now: number;
  }): Promise<'finished' | 'lost'>;

  // review and merge
  /** Judges with `core/model/review`; sends back with feedback, or approves and (if the batch lands by itself) queues the entry. Durable. */
  decide(args: {
    task: TaskId;
    verdict: Verdict;
    head: string;
    reviewer: string;
    entry: EntryId;
    now: number;
  }): Promise<Task | Refusal>;
  /** Opens a new review of `head` for a task that is in review or approved, because its branch has moved. */
  reopenReview(args: {
    task: TaskId;
    review: ReviewId;
    base: string;
    head: string;
    reason: string;
    now: number;
  }): Promise<Task | Refusal>;
  /** Puts approved tasks into the queue of their targets, in the given order; one that waits there already keeps its place. Durable. */
  enqueue(args: {
    entries: readonly { id: EntryId; task: TaskId }[];
    now: number;
  }): Promise<readonly (MergeEntry | Refusal)[]>;
  /** The entry is being landed under the target's lease: task `merging`. */
  landingStarted(args: { entry: EntryId; target: string; token: number; now: number }): Promise<'saved' | 'lost'>;
  /** Durable. */
  landed(args: {
    entry: EntryId;
    target: string;
    token: number;
    landing: Landing;
    review: ReviewId;
    now: number;
  }): Promise<'saved' | 'lost'>;
}
