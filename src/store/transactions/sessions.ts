import type { AttemptId, SessionId, TaskId, WorkerId } from '../../core/model/ids.ts';
import type { TaskLease } from '../../core/model/lease.ts';
import type { ProcessIdentity } from '../../core/model/process.ts';
import type { Attempt, Session, SessionEvent, Usage } from '../../core/model/session.ts';
import { line } from '../line.ts';
import { attemptOf, sessionOf } from '../rows.ts';
import type { SessionRow } from '../tables.ts';
import { none, row, rows, type Tx } from '../transaction.ts';
import { append } from './events.ts';
import { type HeldTask, heldTask } from './hold.ts';
import { moveTask } from './move.ts';
import { next, type Scope } from './scope.ts';
import { sessionText } from './sessionText.ts';

/** See `Store.sessions`. */
export function* sessionsOf({ q }: Scope, task: TaskId): Tx<readonly Session[]> {
  return (yield* rows(q.selectFrom('sessions').selectAll().where('task', '=', task).orderBy('position'))).map(
    sessionOf,
  );
}

/** See `Store.attempts`. */
export function* attemptsOf({ q }: Scope, task: TaskId): Tx<readonly Attempt[]> {
  return (yield* rows(q.selectFrom('attempts').selectAll().where('task', '=', task).orderBy('number'))).map(attemptOf);
}

/** The newest session of a task in which something was said, so that it can be resumed. */
export function* resumable({ q }: Scope, task: TaskId): Tx<Session | undefined> {
  const found = yield* row(
    q
      .selectFrom('sessions')
      .selectAll()
      .where('task', '=', task)
      .where('conversation', '=', 1)
      .orderBy('position', 'desc')
      .limit(1),
  );
  return found && sessionOf(found);
}

/** See `Store.sessionStarting`. */
export function* sessionStarting(
  scope: Scope,
  { lease, session, now }: { lease: TaskLease; session: Session; now: number },
): Tx<'saved' | 'lost'> {
  const task = yield* heldTask(scope, lease);
  if (task === undefined) return 'lost';
  yield* none(
    scope.q.insertInto('sessions').values({
      id: session.id,
      attempt: session.attempt,
      task: task.id,
      worker: lease.worker,
      claude_session_id: session.claudeSessionId,
      mode: session.mode,
      state: 'starting',
      logs: session.logs,
      conversation: 0,
      cost_usd: 0,
      tokens: 0,
      turns: 0,
      position: yield* next(scope, 'position'),
      started_at: session.startedAt,
    }),
  );
  yield* append(scope, {
    kind: 'task.phase',
    at: now,
    task: task.id,
    batch: task.batch,
    worker: lease.worker,
    text: 'starting Claude Code',
  });
  return 'saved';
}

/** See `Store.sessionOpen`. */
export function* sessionOpen(
  scope: Scope,
  args: { lease: TaskLease; session: SessionId; process: ProcessIdentity; now: number },
): Tx<'saved' | 'lost'> {
  const { lease, session, process, now } = args;
  const task = yield* heldTask(scope, lease);
  if (task === undefined) return 'lost';
  const opened = yield* row(
    scope.q
      .updateTable('sessions')
      .set({ state: 'open', machine: process.machine, pid: process.pid, start_time: process.startTime })
      .where('id', '=', session)
      .where('attempt', '=', task.attempt)
      .where('state', '=', 'starting')
      .returning('id'),
  );
  if (opened === undefined) return 'lost';
  const to = { state: 'running', lease: task.lease, attempt: task.attempt, session } as const;
  yield* moveTask(scope, task, { to, worker: lease.worker, text: 'Claude Code is running', now });
  return 'saved';
}

/** See `Store.sessionDid`. */
export function* sessionDid(
  scope: Scope,
  args: { session: SessionId; lease?: TaskLease; events: readonly SessionEvent[]; now: number },
): Tx<'saved' | 'lost'> {
  const { lease, events, now } = args;
  const session = yield* row(scope.q.selectFrom('sessions').selectAll().where('id', '=', args.session));
  if (session === undefined) return 'lost';
  const batch = yield* row(scope.q.selectFrom('tasks').select('batch').where('id', '=', session.task));
  yield* append(
    scope,
    ...events.map((event) => ({
      kind: `session.${event.kind}` as const,
      at: now,
      task: session.task,
      batch: batch?.batch,
      worker: session.worker,
      text: sessionText(event),
    })),
  );
  yield* learn(scope, session, events);
  if (lease === undefined) return 'saved';
  let task = yield* heldTask(scope, lease);
  if (task === undefined) return 'lost';
  for (const event of events) task = yield* waitOrRun(scope, task, session, event, now);
  return 'saved';
}

/** Keeps what the session's events tell about the session itself. */
function* learn(scope: Scope, session: SessionRow, events: readonly SessionEvent[]): Tx<void> {
  let known: Pick<SessionRow, 'claude_session_id' | 'transcript' | 'conversation'> = session;
  let usage: Usage | undefined;
  for (const event of events) {
    if (event.kind === 'usage') usage = event.usage;
    if (event.kind !== 'started') {
      if (!['cleared', 'unenforced', 'usage'].includes(event.kind)) known = { ...known, conversation: 1 };
    } else if (event.claudeSessionId !== known.claude_session_id) {
      known = { claude_session_id: event.claudeSessionId, transcript: event.transcript ?? null, conversation: 0 };
    } else if (event.transcript !== undefined) {
      known = { ...known, transcript: event.transcript };
    }
  }
  if (known !== session) {
    const { claude_session_id, transcript, conversation } = known;
    const set = { claude_session_id, transcript, conversation };
    yield* none(scope.q.updateTable('sessions').set(set).where('id', '=', session.id));
  }
  if (usage !== undefined) yield* spend(scope, session, usage);
}

/** A session's usage is a total; the task's is the sum over its sessions. */
function* spend(
  { q }: Scope,
  session: Pick<SessionRow, 'id' | 'task' | 'cost_usd' | 'tokens' | 'turns'>,
  usage: Usage,
): Tx<void> {
  const { costUsd, tokens, turns } = usage;
  yield* none(q.updateTable('sessions').set({ cost_usd: costUsd, tokens, turns }).where('id', '=', session.id));
  yield* none(
    q
      .updateTable('tasks')
      .set((eb) => ({
        cost_usd: eb('cost_usd', '+', costUsd - session.cost_usd),
        tokens: eb('tokens', '+', tokens - session.tokens),
        turns: eb('turns', '+', turns - session.turns),
      }))
      .where('id', '=', session.task),
  );
}

/** What a session asks makes its task wait; whatever answers it makes it run again. */
function* waitOrRun(scope: Scope, task: HeldTask, session: SessionRow, event: SessionEvent, now: number): Tx<HeldTask> {
  if (task.state === 'leased' || task.session !== session.id) return task;
  const { lease, attempt } = task;
  const held = { lease, attempt, session: session.id };
  const isStuck = task.state === 'waiting' && task.waitingFor.startsWith(stuckPrefix);
  // A turn that failed goes on only when somebody says so.
  if (event.kind === 'asks' || event.kind === 'turn_failed' || (event.kind === 'stuck' && !isStuck)) {
    const waitingFor = line(sessionText(event));
    const to = { state: 'waiting', ...held, waitingFor } as const;
    return (yield* moveTask(scope, task, { to, worker: lease.worker, text: `waits: ${waitingFor}`, now })) as HeldTask;
  }
  if (task.state === 'running' || !answers.has(event.kind)) return task;
  // Who is stuck ends its turn, too.
  if (isStuck && event.kind === 'turn_ended') return task;
  const to = { state: 'running', ...held } as const;
  return (yield* moveTask(scope, task, { to, worker: lease.worker, text: 'goes on', now })) as HeldTask;
}

/** How what a stuck session waits for begins. */
const stuckPrefix = sessionText({ kind: 'stuck', text: '' });

const answers: ReadonlySet<SessionEvent['kind']> = new Set([
  'prompted',
  'tool_done',
  'batch_done',
  'denied',
  'turn_ended',
]);

/** See `Store.sessionEnded`. */
export function* sessionEnded(
  scope: Scope,
  args: { session: SessionId; exit: string; usage?: Usage; now: number },
): Tx<void> {
  const session = yield* row(scope.q.selectFrom('sessions').selectAll().where('id', '=', args.session));
  if (session === undefined) return;
  if (args.usage !== undefined) yield* spend(scope, session, args.usage);
  yield* endSessions(scope, { session: session.id }, args.exit, args.now);
}

/** Ends sessions that are not ended yet: one, those of an attempt, or all of a worker. */
export function* endSessions(
  scope: Scope,
  which: { session: SessionId } | { attempt: AttemptId } | { worker: WorkerId },
  exit: string,
  now: number,
): Tx<void> {
  const set = { state: 'ended', ended_at: now, exit: line(exit) } as const;
  const open = scope.q.updateTable('sessions').set(set).where('state', '<>', 'ended');
  const chosen =
    'session' in which
      ? open.where('id', '=', which.session)
      : 'attempt' in which
        ? open.where('attempt', '=', which.attempt)
        : open.where('worker', '=', which.worker);
  const ended = yield* rows(chosen.returning(['task', 'worker']));
  yield* append(
    scope,
    ...ended.map(({ task, worker }) => ({ kind: 'session.ended' as const, at: now, task, worker, text: exit })),
  );
}
