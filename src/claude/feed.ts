import type { ChildProcess } from 'node:child_process';
import type { SessionEnd, SessionEvent } from '../core/model/session.ts';
import type { WhenSent } from './hookDesk.ts';

/** How a process ended, as the system tells. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Turns what comes from one Claude Code into events. */
export interface Feed {
  /** Begins to listen to the process, once it runs. */
  listen(child: ChildProcess): void;
  /** Answers a hook, soon: Claude Code waits for it. */
  onHook(body: unknown, whenSent: WhenSent): Promise<object>;
  /** Takes a report of what was used. */
  onTelemetry(body: unknown): void;
  /** Tells the last events and how it ended. */
  end(exit: Exit): Promise<SessionEnd>;
  /** Files of the conversation, oldest first. */
  readonly transcripts: readonly string[];
}

/** Where a feed's events go. */
export interface Sink {
  event(event: SessionEvent): void;
  raw(line: string): void;
  line(text: string): void;
}
