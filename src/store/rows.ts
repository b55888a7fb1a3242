import { assertNever } from '../base/errors.ts';
import type { Batch } from '../core/model/batch.ts';
import type { Claim } from '../core/model/claim.ts';
import type { ContextEntry } from '../core/model/context.ts';
import type { SwarmEvent } from '../core/model/event.ts';
import type { TaskId } from '../core/model/ids.ts';
import type { Lease } from '../core/model/lease.ts';
import type { MergeEntry } from '../core/model/merge.ts';
import type { Message } from '../core/model/message.ts';
import { isTask, nameOf } from '../core/model/party.ts';
import type { ProcessIdentity } from '../core/model/process.ts';
import type { Review } from '../core/model/review.ts';
import type { Attempt, Session } from '../core/model/session.ts';
import type { Task, TaskCommon } from '../core/model/task.ts';
import type { Launch, Worker } from '../core/model/worker.ts';
import type {
  AttemptRow,
  BatchRow,
  ClaimDetailRow,
  ContextEntryRow,
  EntryRow,
  EventRow,
  LaunchRow,
  LeaseRow,
  MessageRow,
  ReviewRow,
  SessionRow,
  TaskRow,
  WorkerRow,
} from './tables.ts';

/** The fields that are not null; what is null in the store is absent in the model. */
function present<T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const found: Record<string, unknown> = {};
  for (const key in fields) if (fields[key] !== null && fields[key] !== undefined) found[key] = fields[key];
  return found as { [K in keyof T]?: NonNullable<T[K]> };
}

/** A field of which the store's own checks say that it is there. */
function must<T>(value: T | null, what: string): T {
  if (value === null) throw new Error(`the store holds a row without ${what}`);
  return value;
}

const processOf = (row: {
  machine: string | null;
  pid: number | null;
  start_time: string | null;
}): ProcessIdentity | undefined =>
  row.pid === null || row.machine === null || row.start_time === null
    ? undefined
    : { machine: row.machine, pid: row.pid, startTime: row.start_time };

const usageOf = (row: { cost_usd: number; tokens: number; turns: number }) => ({
  costUsd: row.cost_usd,
  tokens: row.tokens,
  turns: row.turns,
});

/** The task that a row and its dependencies say. */
export function taskOf(row: TaskRow, after: readonly TaskId[]): Task {
  const common: TaskCommon = {
    id: row.id,
    repo: row.repo,
    batch: row.batch,
    kind: row.kind,
    title: row.title,
    prompt: row.prompt,
    target: row.target,
    after,
    branch: row.branch,
    options: JSON.parse(row.options),
    attempts: row.attempts,
    rounds: row.rounds,
    ...usageOf(row),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...present({
      requestedBase: row.requested_base,
      worktree: row.worktree,
      base: row.base,
      head: row.head,
      feedback: row.feedback === null ? null : JSON.parse(row.feedback),
    }),
  };
  const { state } = row;
  switch (state) {
    case 'proposed':
    case 'queued':
      return { ...common, state };
    case 'leased':
      return { ...common, state, ...holdOf(row) };
    case 'running':
      return { ...common, state, ...holdOf(row), session: must(row.session, 'session') };
    case 'waiting':
      return {
        ...common,
        state,
        ...holdOf(row),
        session: must(row.session, 'session'),
        waitingFor: must(row.waiting_for, 'waiting_for'),
      };
    case 'in_review':
    case 'approved':
      return { ...common, state, base: must(row.base, 'base'), head: must(row.head, 'head') };
    case 'merging':
      return {
        ...common,
        state,
        base: must(row.base, 'base'),
        head: must(row.head, 'head'),
        entry: must(row.entry, 'entry'),
      };
    case 'merged':
      return { ...common, state, head: must(row.head, 'head'), landed: must(row.landed, 'landed') };
    case 'failed':
    case 'cancelled':
    case 'skipped':
    case 'dead':
      return { ...common, state, reason: must(row.reason, 'reason') };
    default:
      return assertNever(state, 'task state');
  }
}

const holdOf = (row: TaskRow) => ({
  lease: { task: row.id, worker: must(row.worker, 'worker'), token: must(row.lease_token, 'lease_token') },
  attempt: must(row.attempt, 'attempt'),
});

/** The batch that a row says. */
export const batchOf = (row: BatchRow): Batch => ({
  id: row.id,
  repo: row.repo,
  face: row.face,
  mode: row.mode,
  workers: row.workers,
  review: row.review,
  land: row.land === 1,
  ...present({ check: row.check_command }),
  createdAt: row.created_at,
});

/** The worker that a row says. */
export const workerOf = (row: WorkerRow): Worker => ({
  id: row.id,
  repo: row.repo,
  name: row.name,
  mode: row.mode,
  state: row.state,
  machine: row.machine,
  ...present({ process: processOf(row), task: row.task, phase: row.phase }),
  startedAt: row.started_at,
  updatedAt: row.updated_at,
});

/** The launch request that a row says. */
export const launchOf = (row: LaunchRow): Launch => ({
  id: row.id,
  worker: row.worker,
  face: row.face,
  mode: row.mode,
  state: row.state,
  askedAt: row.asked_at,
  ...present({ takenBy: row.taken_by, reason: row.reason }),
});

/** The lease that a row says. */
export const leaseOf = (row: LeaseRow): Lease => ({
  name: row.name,
  token: row.token,
  owner: { machine: row.machine, pid: row.pid, startTime: row.start_time },
  renewals: row.renewals,
  ms: row.ms,
});

/** The attempt that a row says. */
export const attemptOf = (row: AttemptRow): Attempt => ({
  id: row.id,
  task: row.task,
  number: row.number,
  worker: row.worker,
  startedAt: row.started_at,
  ...present({
    base: row.base,
    head: row.head,
    endedAt: row.ended_at,
    outcome: row.outcome,
    reason: row.reason,
  }),
});

/** The session that a row says. */
export const sessionOf = (row: SessionRow): Session => ({
  id: row.id,
  attempt: row.attempt,
  task: row.task,
  worker: row.worker,
  claudeSessionId: row.claude_session_id,
  mode: row.mode,
  state: row.state,
  logs: row.logs,
  usage: usageOf(row),
  startedAt: row.started_at,
  ...present({ process: processOf(row), transcript: row.transcript, endedAt: row.ended_at, exit: row.exit }),
});

/** The review that a row says. */
export const reviewOf = (row: ReviewRow): Review => ({
  id: row.id,
  task: row.task,
  base: row.base,
  head: row.head,
  state: row.state,
  createdAt: row.created_at,
  ...present({ reviewer: row.reviewer, note: row.note, decidedAt: row.decided_at }),
});

/** The merge entry that a row says. */
export const entryOf = (row: EntryRow): MergeEntry => ({
  id: row.id,
  task: row.task,
  target: row.target,
  head: row.head,
  state: row.state,
  position: row.position,
  createdAt: row.created_at,
  ...present({ landed: row.landed, reason: row.reason, log: row.log, endedAt: row.ended_at }),
});

/** The claim that a row says. */
export const claimOf = (row: ClaimDetailRow): Claim => ({
  id: row.id,
  kind: row.kind,
  path: row.path,
  mode: row.mode,
  holder: row.holder,
  origin: row.origin,
  claimedAt: row.claimed_at,
  title: row.title ?? nameOf(row.holder),
  ...(isTask(row.holder) ? { task: row.holder } : {}),
  ...(row.worker === null || row.worker_name === null ? {} : { worker: { id: row.worker, name: row.worker_name } }),
  ...present({ expiresAt: row.expires_at }),
});

/** The message that a row says. */
export const messageOf = (row: MessageRow): Message => ({
  id: row.id,
  seq: row.seq,
  from: row.sender,
  to: row.receiver,
  kind: row.kind,
  body: row.body,
  fromTitle: row.sender_title,
  toTitle: row.receiver_title,
  sentAt: row.sent_at,
  ...present({ replyTo: row.reply_to, readAt: row.read_at }),
});

/** The entry of the shared context that a row says. */
export const contextEntryOf = (row: ContextEntryRow): ContextEntry => ({
  id: row.id,
  seq: row.seq,
  author: row.author,
  authorTitle: row.author_title,
  category: row.category,
  text: row.body,
  at: row.added_at,
});

/** The event that a row says. */
export const eventOf = (row: EventRow): SwarmEvent => ({
  seq: row.seq,
  at: row.at,
  kind: row.kind,
  text: row.text,
  ...present({ batch: row.batch, task: row.task, worker: row.worker }),
});
