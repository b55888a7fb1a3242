import type { AttemptId, ClaudeSessionId, SessionId, TaskId, WorkerId } from './ids.ts';
import type { ProcessIdentity } from './process.ts';

/** The TUI in a terminal that a person can use, or one prompt to one answer without a terminal. */
export type SessionMode = 'interactive' | 'print';

/** What a person may choose. Edits inside the worktree are granted by Swarm's gate in every one but `plan`. */
export const permissionModes = ['default', 'acceptEdits', 'plan', 'dontAsk', 'bypassPermissions'] as const;
export type PermissionMode = (typeof permissionModes)[number];

/** What a session has used, as far as Claude Code tells. */
export interface Usage {
  readonly costUsd: number;
  /** Input, cache and output tokens of the whole session. */
  readonly tokens: number;
  readonly turns: number;
}

/** One try at a task. */
export interface Attempt {
  readonly id: AttemptId;
  readonly task: TaskId;
  /** 1 for the first. */
  readonly number: number;
  readonly worker: WorkerId;
  readonly base?: string;
  readonly head?: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** How it ended, in one word and one sentence. */
  readonly outcome?: 'handed_over' | 'no_changes' | 'failed' | 'lost' | 'cancelled' | 'stopped';
  readonly reason?: string;
}

/** One Claude Code process of ours. */
export interface Session {
  readonly id: SessionId;
  readonly attempt: AttemptId;
  readonly task: TaskId;
  readonly worker: WorkerId;
  readonly claudeSessionId: ClaudeSessionId;
  readonly mode: SessionMode;
  /** `starting` is saved before the launch; `open` has a living process; `ended` has none. */
  readonly state: 'starting' | 'open' | 'ended';
  readonly process?: ProcessIdentity;
  readonly transcript?: string;
  /** Folder with `log.txt`, `events.jsonl` and, once ended, `transcript.jsonl`. */
  readonly logs: string;
  readonly usage: Usage;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly exit?: string;
}

/** What a session does, from hooks, stream-json and transcript alike. Facts, in order. */
export type SessionEvent =
  | {
      readonly kind: 'started';
      readonly claudeSessionId: ClaudeSessionId;
      readonly model?: string;
      readonly transcript?: string;
    }
  /** A prompt was given: ours at the start, or the person's in the terminal. */
  | { readonly kind: 'prompted'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tool'; readonly use: string; readonly tool: string; readonly summary: string }
  | {
      readonly kind: 'tool_done';
      readonly use: string;
      readonly tool: string;
      readonly ok: boolean;
      readonly summary: string;
    }
  /** A batch of tools ended: the moment for a snapshot. */
  | { readonly kind: 'batch_done' }
  /** It stands still until a person answers. */
  | {
      readonly kind: 'asks';
      readonly what: 'permission' | 'question' | 'input';
      readonly tool?: string;
      readonly text: string;
    }
  /** It says how it gets on, in a line of its own: `STATUS: …`, with how sure it is (0 to 100) when it says so. */
  | { readonly kind: 'status'; readonly text: string; readonly confidence?: number }
  /** It says that it cannot go on: `STUCK: …`. */
  | { readonly kind: 'stuck'; readonly text: string }
  /** Something else than the gate may let edits through; why, in words. */
  | { readonly kind: 'unenforced'; readonly reason: string }
  | { readonly kind: 'denied'; readonly tool: string; readonly reason: string }
  | { readonly kind: 'usage'; readonly usage: Usage }
  | { readonly kind: 'limited'; readonly status: string; readonly resetsAt?: number }
  | { readonly kind: 'compacted' }
  /** Claude ended its turn. `pending` counts background tasks that will wake it again. */
  | { readonly kind: 'turn_ended'; readonly text: string; readonly pending: number }
  | { readonly kind: 'turn_failed'; readonly reason: string }
  /** `/clear` and its like: the process lives on, the conversation does not. */
  | { readonly kind: 'cleared'; readonly reason: string };

/** How a Claude Code process ended. */
export interface SessionEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** Whether its last answer was a success, when it said so (print mode). */
  readonly succeeded?: boolean;
  /** Its own words on why not, or the end of its error output. */
  readonly reason?: string;
  /** Tools it asked for and was denied, by name. */
  readonly denied: readonly string[];
}
