import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { SessionEvent } from '../core/model/session.ts';
import { readable } from './readableLog.ts';
import { withoutControls } from './toolSummary.ts';

/** What remains of a session for people: `log.txt` to read, `events.jsonl` as it came from Claude Code. */
export class SessionLog {
  readonly #readable: WriteStream;
  readonly #raw: WriteStream;
  readonly #clock: Clock;

  private constructor(readable: WriteStream, raw: WriteStream, clock: Clock) {
    this.#readable = readable;
    this.#raw = raw;
    this.#clock = clock;
  }

  /** Opens both files at their ends; only their owner may read them. */
  static async open(folder: string, clock: Clock, log: Log): Promise<SessionLog> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const [text, raw] = ['log.txt', 'events.jsonl'].map((name) => {
      const stream = createWriteStream(join(folder, name), { flags: 'a', mode: 0o600 });
      // A full disk must not end the session: what it does matters more than the record of it.
      return stream.on('error', (error) => log.warn(`cannot write ${name} of a session: ${error.message}`));
    }) as [WriteStream, WriteStream];
    return new SessionLog(text, raw, clock);
  }

  /** Writes one event for people. */
  event(event: SessionEvent): void {
    this.line(readable(event));
  }

  /** Writes any words for people; empty ones leave no trace. */
  line(text: string): void {
    if (text.trim() === '') return;
    const time = new Date(this.#clock.now()).toTimeString().slice(0, 8);
    this.#readable.write(`${time} ${withoutControls(text)}\n`);
  }

  /** Writes one line as Claude Code gave it. */
  raw(line: string): void {
    this.#raw.write(`${line}\n`);
  }

  /** Resolves when all is written, or cannot be. */
  async close(): Promise<void> {
    await Promise.all(
      [this.#readable, this.#raw].map((stream) => {
        stream.end();
        return finished(stream).catch(() => {});
      }),
    );
  }
}
