declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type RepoId = Id<'Repo'>;
export type BatchId = Id<'Batch'>;
export type TaskId = Id<'Task'>;
export type WorkerId = Id<'Worker'>;
export type AttemptId = Id<'Attempt'>;
export type SessionId = Id<'Session'>;
export type ReviewId = Id<'Review'>;
export type EntryId = Id<'Entry'>;
export type LaunchId = Id<'Launch'>;
/** One window or one command line that can start workers and show things to a person. */
export type FaceId = Id<'Face'>;
export type ClaimId = Id<'Claim'>;
export type MessageId = Id<'Message'>;
export type ContextId = Id<'Context'>;
/** The id Claude Code gives its own conversation (a UUID). Never one of ours. */
export type ClaudeSessionId = Id<'ClaudeSession'>;

const letters = {
  repo: 'r',
  batch: 'b',
  task: 't',
  worker: 'w',
  attempt: 'a',
  session: 's',
  review: 'v',
  entry: 'e',
  launch: 'l',
  face: 'f',
  claim: 'c',
  message: 'm',
  context: 'x',
} as const;

interface Ids {
  repo: RepoId;
  batch: BatchId;
  task: TaskId;
  worker: WorkerId;
  attempt: AttemptId;
  session: SessionId;
  review: ReviewId;
  entry: EntryId;
  launch: LaunchId;
  face: FaceId;
  claim: ClaimId;
  message: MessageId;
  context: ContextId;
}

/** Crockford's base 32 in lower case: no i, l, o, u, so ids are easy to read out and safe in paths, refs and argv. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const idLength = 9;

/** Fills `length` random bytes; given from outside because core has no source of chance. */
export type RandomBytes = (length: number) => Uint8Array;

/** A new id: the kind's letter and nine random characters (45 bits), matching `[a-z][0-9a-z]{9}`. */
export function newId<Kind extends keyof Ids>(kind: Kind, random: RandomBytes): Ids[Kind] {
  const text = Array.from(random(idLength), (byte) => alphabet[byte % 32]).join('');
  return `${letters[kind]}${text}` as Ids[Kind];
}

/** True when `text` has the shape of an id of that kind; says nothing of its existence. */
export function isId<Kind extends keyof Ids>(kind: Kind, text: string): text is Ids[Kind] {
  return new RegExp(`^${letters[kind]}[${alphabet}]{${idLength}}$`).test(text);
}
