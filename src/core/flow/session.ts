import { messageOf } from '../../base/errors.ts';
import type { ClaudeSessionId } from '../model/ids.ts';
import { newId } from '../model/ids.ts';
import type { Attempt, Session, SessionEnd } from '../model/session.ts';
import type { Task } from '../model/task.ts';
import { interrupted } from '../model/task.ts';
import { briefingFor, freshPrompt, nextPrompt } from './briefing.ts';
import type { Drive } from './drive.ts';
import { keep } from './drive.ts';
import type { Held } from './handOver.ts';
import { exitText } from './outcome.ts';
import { TaskTeam } from './sessionTeam.ts';
import { snapshotsOf } from './snapshots.ts';
import type { OpenSession } from './supervise.ts';
import { EventReader } from './supervise.ts';
import type { WorkerWorld } from './worker.ts';

/** Time a session has to end by itself before its processes are killed. */
const graceMs = 10_000;

/** What a session begins with. */
export interface Beginning {
  readonly attempt: Attempt;
  /** The session whose conversation goes on. */
  readonly conversation: Session | undefined;
  /** Whether the task had a session before. */
  readonly begun: boolean;
}

/** Starts Claude Code for a task that has its place. Throws LeaseLost, and then nothing of it runs. */
export async function openSession(
  drive: Drive,
  held: Held,
  { attempt, conversation, begun }: Beginning,
): Promise<OpenSession> {
  const { world, task, lease, settings } = drive;
  const id = newId('session', world.random);
  const claudeSessionId = conversation?.claudeSessionId ?? (uuid(world) as ClaudeSessionId);
  const startedAt = world.clock.now();
  if (begun && conversation === undefined) {
    const text = 'its conversation is gone: a new one begins, with the work so far in the worktree';
    await world.store.warned({ task: task.id, text, now: startedAt });
  }
  const session: Session = {
    id,
    attempt: attempt.id,
    task: task.id,
    worker: world.worker,
    claudeSessionId,
    mode: world.mode,
    state: 'starting',
    logs: held.logs,
    usage: { costUsd: 0, tokens: 0, turns: 0 },
    startedAt,
  };
  const team = new TaskTeam(world, task, held, settings);
  const [claims, values] = await Promise.all([world.store.claims(), world.store.values(), team.takeStock()]);
  keep(drive, await world.store.sessionStarting({ lease, session, now: startedAt }));
  const launching = world.sessions.launch(
    {
      task,
      mode: world.mode,
      worktree: held.worktree,
      claudeSessionId,
      resume: conversation !== undefined,
      prompt: promptFor(task, conversation !== undefined, begun),
      briefing: briefingFor(task, {
        check: held.batch.check,
        prefixed: settings['commits.prefix'] !== '',
        claims,
        values,
      }),
      logs: held.logs,
      settings,
      check: held.batch.check,
      team,
    },
    drive.signal,
  );
  const running = await launching.catch(async (error: unknown) => {
    // Left as starting it would tie the task to this worker.
    await world.store.sessionEnded({ session: id, exit: `not started: ${messageOf(error)}`, now: world.clock.now() });
    throw error;
  });
  const snapshots = snapshotsOf(world, task.id, held.worktree);
  const events = new EventReader(running.events);
  const open: OpenSession = { id, task: task.id, worktree: held.worktree, running, snapshots, events };
  try {
    const opened = { lease, session: id, process: running.process, now: world.clock.now() };
    keep(drive, await world.store.sessionOpen(opened));
  } catch (error) {
    await endSession(world, open, 'the lease was lost while it started');
    throw error;
  }
  running.grantEdits(true);
  return open;
}

/** Ends a session's process and saves how it ended. */
export async function endSession(
  world: Pick<WorkerWorld, 'store' | 'clock'>,
  open: OpenSession,
  why: string,
): Promise<SessionEnd> {
  open.running.grantEdits(false);
  await open.running.stop(graceMs);
  const end = await open.running.ended;
  await world.store.sessionEnded({ session: open.id, exit: why, now: world.clock.now() });
  return end;
}

/** Saves that a session has ended by itself, and ends what it has left running: a command outlives the Claude Code that began it. */
export async function settleSession(
  world: Pick<WorkerWorld, 'store' | 'clock' | 'processes'>,
  open: OpenSession,
  end: SessionEnd,
): Promise<void> {
  const session = (await world.store.sessions(open.task)).find(({ id }) => id === open.id);
  // Once the store has given it up, somebody else may be at work in the worktree.
  if (session?.state === 'open') await world.processes.endLeftovers({ folder: open.worktree, sessions: [] });
  await world.store.sessionEnded({ session: open.id, exit: exitText(end), now: world.clock.now() });
}

const promptFor = (task: Task, resume: boolean, begun: boolean): string => {
  if (!resume) return begun ? freshPrompt(task) : task.prompt;
  return nextPrompt(task.feedback ?? interrupted(undefined));
};

/** A random UUID (version 4). */
function uuid(world: Pick<WorkerWorld, 'random'>): string {
  const bytes = Array.from(world.random(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
