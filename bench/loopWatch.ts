import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';

/** How long, in milliseconds, one turn of the event loop was at most. */
export interface LongestTurns {
  /** By the watched code and what it called. */
  readonly ours: number;
  /** By everything. */
  readonly whole: number;
}

const everyMs = 1;

/** Watches the event loop of its own process: a timer sees how long each turn takes, and V8's profiler who was at it meanwhile. */
export class LoopWatch {
  readonly #session = new Session();
  /** When a timer was served, in microseconds. */
  readonly #served: number[] = [microseconds()];
  readonly #timer = setInterval(() => this.#served.push(microseconds()), everyMs);

  static async start(): Promise<LoopWatch> {
    const watch = new LoopWatch();
    watch.#session.connect();
    await watch.#session.post('Profiler.enable');
    await watch.#session.post('Profiler.setSamplingInterval', { interval: everyMs * 1_000 });
    await watch.#session.post('Profiler.start');
    return watch;
  }

  /**
   * Stops watching. `isOurs` is asked whether a script belongs to the watched code; what that calls counts for it.
   * The garbage is everybody's: its collection counts for the whole only.
   */
  async end(isOurs: (url: string) => boolean): Promise<LongestTurns> {
    clearInterval(this.#timer);
    const { profile } = await this.#session.post('Profiler.stop');
    this.#session.disconnect();
    const turns = this.#served
      .slice(1)
      .map((end, index) => ({ end, whole: end - (this.#served[index] ?? end), ours: 0 }));
    let at = 0;
    for (const { from, to } of oursIn(profile, isOurs)) {
      while ((turns[at]?.end ?? Number.POSITIVE_INFINITY) <= from) at += 1;
      const turn = turns[at];
      if (turn) turn.ours += Math.min(to, turn.end) - from;
    }
    return {
      ours: Math.max(...turns.map(({ ours }) => ours)) / 1_000,
      whole: Math.max(...turns.map(({ whole }) => whole)) / 1_000,
    };
  }
}

/** On the clock of V8's profiler. */
function microseconds(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** The times, in order, during which the watched code was running. */
function* oursIn(profile: Profiler.Profile, isOurs: (url: string) => boolean) {
  const ours = nodesBelow(profile, isOurs);
  const { samples = [], timeDeltas = [] } = profile;
  let from = profile.startTime;
  for (const [index, node] of samples.entries()) {
    from += timeDeltas[index] ?? 0;
    if (ours.has(node)) yield { from, to: from + (timeDeltas[index + 1] ?? 0) };
  }
}

function nodesBelow({ nodes }: Profiler.Profile, isOurs: (url: string) => boolean): ReadonlySet<number> {
  const found = new Set<number>();
  // Parents stand before their children.
  for (const { id, callFrame, children = [] } of nodes) {
    if (isOurs(callFrame.url)) found.add(id);
    if (found.has(id)) for (const child of children) found.add(child);
  }
  return found;
}
