import type { SessionId } from '../model/ids.ts';
import type { TaskLease } from '../model/lease.ts';
import type { SessionEnd, SessionEvent } from '../model/session.ts';
import type { Task } from '../model/task.ts';
import type { RunningSession } from '../ports.ts';
import type { Snapshots } from './snapshots.ts';
import type { WorkerWorld } from './worker.ts';

/** A Claude Code that lives in this worker, working on its task or kept open for the person. */
export interface OpenSession {
  readonly id: SessionId;
  readonly task: Task['id'];
  readonly worktree: string;
  readonly running: RunningSession;
  readonly snapshots: Snapshots;
  readonly events: EventReader;
}

/** Why following a session stopped. */
export type Followed =
  /** Claude has ended its turn and nothing will wake it: the work is complete. */
  | { readonly kind: 'finished' }
  /** Its process is gone. */
  | { readonly kind: 'ended'; readonly end: SessionEnd }
  /** `signal` was aborted. */
  | { readonly kind: 'aborted' }
  /** The person gave a prompt while no task was held. */
  | { readonly kind: 'prompted' }
  /** The store says that the lease has gone. */
  | { readonly kind: 'lost' };

/** Reads a session's events one by one, so that one reader can stop and another go on without losing any. */
export class EventReader {
  readonly #iterator: AsyncIterator<SessionEvent>;
  #next: Promise<IteratorResult<SessionEvent>> | undefined;
  #hasStarted = false;

  constructor(events: AsyncIterable<SessionEvent>) {
    this.#iterator = events[Symbol.asyncIterator]();
  }

  /** True once the session has told that its conversation began or goes on. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** The next event, `end` after the last one, or `aborted` with the event kept for the next reader. */
  async next(signal: AbortSignal): Promise<SessionEvent | 'end' | 'aborted'> {
    if (signal.aborted) return 'aborted';
    this.#next ??= this.#iterator.next();
    const pending = this.#next;
    const winner = await new Promise<IteratorResult<SessionEvent> | 'aborted'>((resolve, reject) => {
      const abort = () => resolve('aborted');
      signal.addEventListener('abort', abort, { once: true });
      pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
    if (winner === 'aborted') return 'aborted';
    this.#next = undefined;
    if (winner.done) return 'end';
    if (winner.value.kind === 'started') this.#hasStarted = true;
    return winner.value;
  }
}

/**
 * Follows a session: every event goes to the store, a batch of tools makes a snapshot. With a lease, until the work is
 * complete; without one (the session is only kept open), until the person types.
 */
export async function follow(
  world: Pick<WorkerWorld, 'store' | 'clock' | 'mode'>,
  open: OpenSession,
  lease: TaskLease | undefined,
  signal: AbortSignal,
): Promise<Followed> {
  for (;;) {
    const event = await open.events.next(signal);
    if (event === 'aborted') return { kind: 'aborted' };
    if (event === 'end') return { kind: 'ended', end: await open.running.ended };
    const saved = await world.store.sessionDid({
      session: open.id,
      ...(lease === undefined ? {} : { lease }),
      events: [event],
      now: world.clock.now(),
    });
    if (saved === 'lost') return { kind: 'lost' };
    if (event.kind === 'batch_done') open.snapshots.poke();
    if (event.kind === 'prompted' && lease === undefined) return { kind: 'prompted' };
    const complete = event.kind === 'turn_ended' && event.pending === 0;
    if (complete && lease !== undefined && world.mode === 'interactive') return { kind: 'finished' };
  }
}
