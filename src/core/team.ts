import type { Claim, ClaimAnswer, ClaimOrigin, ClaimPath, RefusedClaim, WantedClaim } from './model/claim.ts';
import type { ContextCategory, ContextEntry, ContextValue } from './model/context.ts';
import type { ClaimId, ContextId, MessageId, TaskId, WorkerId } from './model/ids.ts';
import type { LandedFile } from './model/landing.ts';
import type { Message, MessageKind } from './model/message.ts';
import type { Guest, Member, Party } from './model/party.ts';
import type { ProcessIdentity } from './model/process.ts';
import type { Refusal } from './model/review.ts';

/** What is new for a party. */
export interface News {
  /** Unread, oldest first. */
  readonly messages: readonly Message[];
  /** Of others, since this party last looked, oldest first. */
  readonly context: readonly ContextEntry[];
  /** More than was asked for is there. */
  readonly hasMore: boolean;
}

/**
 * What parties do with each other: claims, messages, shared context. A part of the store, with its rules: each call is one
 * transaction, `now` is wall-clock milliseconds. All of it is written without the query builder, so that a command that
 * does one of these things and ends starts fast.
 */
export interface TeamStore {
  /** You, every task that has not ended, every guest that has not left. */
  members(): Promise<readonly Member[]>;
  /** The task that a worker drives, or whose session it has open. */
  taskOf(worker: WorkerId): Promise<TaskId | undefined>;
  /** The task whose worktree this folder is (its path, exactly). */
  taskAt(worktree: string): Promise<TaskId | undefined>;
  /** The worker that was recorded as one of these processes, whatever became of it. */
  workerAmong(
    processes: readonly ProcessIdentity[],
  ): Promise<{ readonly id: WorkerId; readonly name: string } | undefined>;
  /** A guest shows that it lives: joins, or goes on for `ms` more. Its claims end when it has been silent for so long. */
  guestSeen(args: { guest: Guest; ms: number; now: number }): Promise<'joined' | 'known'>;
  /** A guest leaves; its claims end. */
  guestLeft(args: { guest: Guest; now: number }): Promise<void>;

  /**
   * Takes all of the claims or none. What the party holds already is no second claim; what a folder or glob of its own covers
   * needs none. Claims of tasks that this one comes after (directly or not) do not stand in its way once they are handed over,
   * as it builds on them, nor ever those of tasks that come after it. Whoever is refused is told (a notification) as soon as what it wanted is free.
   */
  claim(args: {
    party: Party;
    paths: readonly WantedClaim[];
    origin: Exclude<ClaimOrigin, 'found'>;
    ids: readonly ClaimId[];
    now: number;
  }): Promise<ClaimAnswer>;
  /** What a party was refused and has neither got since nor given up by `unclaim`, whether or not it is free by now. */
  wants(party: Party): Promise<readonly ClaimPath[]>;
  /**
   * Claims what a task was found to have changed, each path by itself: what is free, or its own already, becomes its claim;
   * the rest are violations. Those that were not told before (`isNew`) get an event, and the holder a notification.
   */
  claimFound(args: { task: TaskId; paths: readonly WantedClaim[]; ids: readonly ClaimId[]; now: number }): Promise<{
    readonly claimed: readonly Claim[];
    readonly violations: readonly (RefusedClaim & { readonly isNew: boolean })[];
  }>;
  /** Which of these files others hold, so that this task's changes to them must not land. Changes nothing. */
  audit(args: { task: TaskId; paths: readonly WantedClaim[] }): Promise<readonly RefusedClaim[]>;
  /** Ends claims of `party` (all of them without `paths`) and tells whoever waits for them; what it was refused there it wants no more. A path matches a claim on exactly it. */
  unclaim(args: {
    party: Party;
    paths?: readonly ClaimPath[];
    /** Who releases them, for the event. */
    by: Party;
    /** Give them to this one instead. */
    to?: Party;
    now: number;
  }): Promise<readonly Claim[] | Refusal>;
  /** Live claims, oldest first; of one party when given; overlapping `path` when given. */
  claims(args?: { party?: Party; path?: ClaimPath }): Promise<readonly Claim[]>;

  /** Sends to each of `to`; refused as a whole when one of them is not there (any more). `ids` has one for each. */
  send(args: {
    from: Party;
    to: readonly Party[];
    kind: MessageKind;
    body: string;
    replyTo?: MessageId;
    ids: readonly MessageId[];
    now: number;
  }): Promise<readonly Message[] | Refusal>;
  message(id: MessageId): Promise<Message | undefined>;
  /** Messages to a party (`box: 'in'`) or from it (`'out'`), newest `most`, oldest of them first. */
  mailbox(args: { party: Party; box: 'in' | 'out'; unreadOnly: boolean; most: number }): Promise<readonly Message[]>;
  unread(party: Party): Promise<number>;
  /** Marks messages to this party as read. */
  markRead(args: { party: Party; messages: readonly MessageId[]; now: number }): Promise<void>;

  addContext(args: {
    id: ContextId;
    author: Party;
    category: ContextCategory;
    text: string;
    now: number;
  }): Promise<ContextEntry>;
  /** Newest `most` entries, oldest of them first. */
  context(args: { most: number }): Promise<readonly ContextEntry[]>;
  values(): Promise<readonly ContextValue[]>;
  /** Sets a value, or with `undefined` removes it. */
  setValue(args: { key: string; value: string | undefined; author: Party; now: number }): Promise<void>;

  /** At most `most` messages and `most` entries. Changes nothing. */
  news(args: { party: Party; most: number }): Promise<News>;
  /** The party has seen this: messages are read, the context is known up to the last entry. */
  told(args: { party: Party; news: Pick<News, 'messages' | 'context'>; now: number }): Promise<void>;
  /** `news` and `told` in one. */
  sync(args: { party: Party; most: number; now: number }): Promise<News>;

  /** The newest landing on `target` of each of these files. */
  landedOn(args: { target: string; paths: readonly string[] }): Promise<readonly LandedFile[]>;
  /** The number of the last landing on `target`; 0 when there was none. */
  lastLanding(args: { target: string }): Promise<number>;
  /** What landed on `target` after a number, at most `most`, in order. */
  landedOnAfter(args: { target: string; seq: number; most: number }): Promise<readonly LandedFile[]>;
}
