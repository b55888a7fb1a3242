import type { ReviewPolicy } from '../core/model/batch.ts';
import type { ClaimOrigin, WantedClaim } from '../core/model/claim.ts';
import type { ContextCategory } from '../core/model/context.ts';
import type { EventKind } from '../core/model/event.ts';
import type {
  AttemptId,
  BatchId,
  ClaimId,
  ClaudeSessionId,
  ContextId,
  EntryId,
  FaceId,
  LaunchId,
  MessageId,
  RepoId,
  ReviewId,
  SessionId,
  TaskId,
  WorkerId,
} from '../core/model/ids.ts';
import type { EntryState } from '../core/model/merge.ts';
import type { MessageKind } from '../core/model/message.ts';
import type { Party } from '../core/model/party.ts';
import type { ReviewState } from '../core/model/review.ts';
import type { Attempt, Session, SessionMode } from '../core/model/session.ts';
import type { TaskState } from '../core/model/task.ts';
import type { Launch, WorkerState } from '../core/model/worker.ts';

/** One applied migration. */
export interface MigrationRow {
  readonly id: string;
  readonly sha256: string;
  readonly applied_at: number;
}

export interface RepoRow {
  readonly id: RepoId;
  readonly root: string;
  readonly common_dir: string;
  readonly created_at: number;
}

/** What only ever grows in a repository: event numbers, fencing tokens, queue positions, worker numbers; changes of claims, messages and the shared context; landed files. */
export interface CounterRow {
  readonly repo: RepoId;
  readonly name: CounterName;
  readonly value: number;
}
export const counterNames = ['event', 'token', 'position', 'worker', 'claim', 'message', 'context', 'landing'] as const;
export type CounterName = (typeof counterNames)[number];

export interface BatchRow {
  readonly id: BatchId;
  readonly repo: RepoId;
  readonly face: FaceId;
  readonly mode: SessionMode;
  readonly workers: number;
  readonly review: ReviewPolicy;
  readonly land: 0 | 1;
  readonly check_command: string | null;
  readonly position: number;
  readonly created_at: number;
}

export interface WorkerRow {
  readonly id: WorkerId;
  readonly repo: RepoId;
  readonly name: string;
  readonly mode: SessionMode;
  readonly state: WorkerState;
  readonly machine: string;
  readonly pid: number | null;
  readonly start_time: string | null;
  readonly task: TaskId | null;
  readonly phase: string | null;
  readonly position: number;
  readonly started_at: number;
  readonly updated_at: number;
}

export interface LaunchRow {
  readonly id: LaunchId;
  readonly repo: RepoId;
  readonly worker: WorkerId;
  readonly face: FaceId;
  readonly mode: SessionMode;
  readonly state: Launch['state'];
  readonly asked_at: number;
  readonly taken_by: FaceId | null;
  readonly reason: string | null;
}

export interface LeaseRow {
  readonly repo: RepoId;
  readonly name: string;
  readonly token: number;
  readonly machine: string;
  readonly pid: number;
  readonly start_time: string;
  readonly renewals: number;
  readonly ms: number;
  /** Wall clock, milliseconds since 1970; for people, and for guests. */
  readonly renewed_at: number;
}

export interface TaskRow {
  readonly id: TaskId;
  readonly repo: RepoId;
  readonly batch: BatchId;
  readonly kind: 'change';
  readonly title: string;
  readonly prompt: string;
  readonly target: string;
  readonly requested_base: string | null;
  readonly branch: string;
  readonly worktree: string | null;
  readonly base: string | null;
  readonly head: string | null;
  /** JSON. */
  readonly options: string;
  readonly attempts: number;
  readonly rounds: number;
  /** JSON. */
  readonly feedback: string | null;
  readonly cost_usd: number;
  readonly tokens: number;
  readonly turns: number;
  readonly state: TaskState;
  readonly lease_token: number | null;
  readonly worker: WorkerId | null;
  readonly attempt: AttemptId | null;
  readonly session: SessionId | null;
  readonly waiting_for: string | null;
  readonly entry: EntryId | null;
  readonly landed: string | null;
  readonly reason: string | null;
  readonly position: number;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface DependencyRow {
  readonly task: TaskId;
  readonly waits_for: TaskId;
  readonly position: number;
}

export interface AttemptRow {
  readonly id: AttemptId;
  readonly task: TaskId;
  readonly number: number;
  readonly worker: WorkerId;
  readonly base: string | null;
  readonly head: string | null;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly outcome: NonNullable<Attempt['outcome']> | null;
  readonly reason: string | null;
}

export interface SessionRow {
  readonly id: SessionId;
  readonly attempt: AttemptId;
  readonly task: TaskId;
  readonly worker: WorkerId;
  readonly claude_session_id: ClaudeSessionId;
  readonly mode: SessionMode;
  readonly state: Session['state'];
  readonly machine: string | null;
  readonly pid: number | null;
  readonly start_time: string | null;
  readonly transcript: string | null;
  readonly logs: string;
  /** 1 once something was said in this conversation, so that it can be resumed. */
  readonly conversation: 0 | 1;
  readonly cost_usd: number;
  readonly tokens: number;
  readonly turns: number;
  readonly position: number;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly exit: string | null;
}

export interface ReviewRow {
  readonly id: ReviewId;
  readonly task: TaskId;
  readonly base: string;
  readonly head: string;
  readonly state: ReviewState;
  readonly reviewer: string | null;
  readonly note: string | null;
  readonly position: number;
  readonly created_at: number;
  readonly decided_at: number | null;
}

export interface EntryRow {
  readonly id: EntryId;
  readonly repo: RepoId;
  readonly task: TaskId;
  readonly target: string;
  readonly head: string;
  readonly state: EntryState;
  readonly position: number;
  readonly lease_token: number | null;
  readonly landed: string | null;
  readonly reason: string | null;
  readonly log: string | null;
  readonly created_at: number;
  readonly ended_at: number | null;
}

export interface EventRow {
  readonly repo: RepoId;
  readonly seq: number;
  readonly at: number;
  readonly kind: EventKind;
  readonly batch: BatchId | null;
  readonly task: TaskId | null;
  readonly worker: WorkerId | null;
  readonly text: string;
}

/** A claim with what is shown of its holder. */
export interface ClaimRow extends WantedClaim {
  readonly id: ClaimId;
  readonly holder: Party;
  readonly origin: ClaimOrigin;
  readonly claimed_at: number;
}

/** Who holds claims, with what is told of them. */
export interface HolderRow {
  readonly holder: Party;
  readonly title: string | null;
  readonly worker: WorkerId | null;
  readonly worker_name: string | null;
  readonly expires_at: number | null;
}

export interface ClaimDetailRow extends ClaimRow, HolderRow {}

export interface MessageRow {
  readonly id: MessageId;
  readonly seq: number;
  readonly sender: Party | 'swarm';
  readonly sender_title: string;
  readonly receiver: Party;
  readonly receiver_title: string;
  readonly kind: MessageKind;
  readonly body: string;
  readonly reply_to: MessageId | null;
  readonly sent_at: number;
  readonly read_at: number | null;
}

export interface ContextEntryRow {
  readonly id: ContextId;
  readonly seq: number;
  readonly author: Party;
  readonly author_title: string;
  readonly category: ContextCategory;
  readonly body: string;
  readonly added_at: number;
}

/** Every table that the query builder is used for. */
export interface Tables {
  readonly migrations: MigrationRow;
  readonly repos: RepoRow;
  readonly counters: CounterRow;
  readonly batches: BatchRow;
  readonly workers: WorkerRow;
  readonly launches: LaunchRow;
  readonly leases: LeaseRow;
  readonly tasks: TaskRow;
  readonly dependencies: DependencyRow;
  readonly attempts: AttemptRow;
  readonly sessions: SessionRow;
  readonly reviews: ReviewRow;
  readonly entries: EntryRow;
  readonly events: EventRow;
}
