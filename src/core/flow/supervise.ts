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
  /** Its process is gone; `stuck`: it had said so, and nothing has answered it. */
  | { readonly kind: 'ended'; readonly end: SessionEnd; readonly stuck?: string }
  /** `signal` was aborted. */
  | { readonly kind: 'aborted' }
  /** The person gave a prompt while no task was held. */
  | { readonly kind: 'prompted' }
  /** The store says that the lease has gone. */
  | { readonly kind: 'lost' };

/** Reads a session's events one by one, so that one reader can stop and another go on without losing any. */
export class EventReader {
  readonly #iterator: AsyncIterator<SessionEvent>;
  #isAsked = false;
  #arrived: (() => IteratorResult<SessionEvent>) | undefined;
  #wake: (() => void) | undefined;
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
    this.#ask();
    await this.#arrival(signal);
    const take = this.#arrived;
    if (take === undefined) return 'aborted';
    this.#arrived = undefined;
    this.#isAsked = false;
    const { done, value } = take();
    if (done) return 'end';
    if (value.kind === 'started') this.#hasStarted = true;
    return value;
  }

  /** Asks for one event once, however many readers come and go before it is there. */
  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const arrive = (take: () => IteratorResult<SessionEvent>) => {
      this.#arrived = take;
      this.#wake?.();
    };
    this.#iterator.next().then(
      (result) => arrive(() => result),
      (error) =>
        arrive(() => {
          throw error;
        }),
    );
  }

  /** Resolves when there is something to take, or `signal` aborts. */
  #arrival(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.#arrived !== undefined) return resolve();
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

/** What shows that a session goes on although it was stuck. */
const goesOn: ReadonlySet<SessionEvent['kind']> = new Set(['prompted', 'tool_done', 'batch_done', 'denied']);

/**
 * Follows a session: every event goes to the store, a batch of tools makes a snapshot. With a lease, until the work is
 * complete, which it is not while the session says that it is stuck; without one (the session is only kept open), until
 * the person types.
 */
export async function follow(
  world: Pick<WorkerWorld, 'store' | 'clock' | 'mode'>,
  open: OpenSession,
  lease: TaskLease | undefined,
  signal: AbortSignal,
): Promise<Followed> {
  let stuck: string | undefined;
  for (;;) {
    const event = await open.events.next(signal);
    if (event === 'aborted') return { kind: 'aborted' };
    if (event === 'end') {
      const end = await open.running.ended;
      return { kind: 'ended', end, ...(stuck === undefined ? {} : { stuck }) };
    }
    const now = world.clock.now();
    const saved = await world.store.sessionDid({
      session: open.id,
      ...(lease === undefined ? {} : { lease }),
      events: [event],
      now,
    });
    if (saved === 'lost') return { kind: 'lost' };
    if (event.kind === 'unenforced') {
      await world.store.warned({ task: open.task, text: `claims are not enforced: ${event.reason}`, now });
    }
    if (event.kind === 'stuck') stuck ??= event.text;
    if (goesOn.has(event.kind)) stuck = undefined;
    if (event.kind === 'batch_done') open.snapshots.poke();
    if (event.kind === 'prompted' && lease === undefined) return { kind: 'prompted' };
    const complete = event.kind === 'turn_ended' && event.pending === 0 && stuck === undefined;
    if (complete && lease !== undefined && world.mode === 'interactive') return { kind: 'finished' };
  }
}
