import type { ClaimPath } from './claim.ts';
import { isGlob } from './glob.ts';
import type { MessageId } from './ids.ts';
import type { Party } from './party.ts';

/** `claim_request` asks the holder of a claim for it; `notification` is told by Swarm itself. */
export const messageKinds = [
  'message',
  'claim_request',
  'notification',
  'review_request',
  'review_approved',
  'review_rejected',
] as const;
export type MessageKind = (typeof messageKinds)[number];

/** Something one party tells another. Never lost; read once the one it is for has seen it. */
export interface Message {
  readonly id: MessageId;
  /** Grows in the order in which messages were committed. */
  readonly seq: number;
  readonly from: Party | 'swarm';
  readonly to: Party;
  readonly kind: MessageKind;
  /** Plain text, at most `longestBody` characters. */
  readonly body: string;
  readonly replyTo?: MessageId;
  /** The sender's and the receiver's names at that time, as `Member.title`. */
  readonly fromTitle: string;
  readonly toTitle: string;
  /** Wall clock, milliseconds since 1970. */
  readonly sentAt: number;
  /** When the receiver read it, which the sender may see. */
  readonly readAt?: number;
}

/** Characters of a message or a context entry at most: it is put before a model, which pays for each. */
export const longestBody = 16_000;

/** The text as it is kept: control, bidi and zero-width characters out, lines kept. Refused, in words, when empty or too long. */
export function bodyOf(text: string): { readonly body: string } | { readonly refused: string } {
  if (text.length > 4 * longestBody) return { refused: tooLong(text) };
  const body = text
    .replace(/\r\n?/g, '\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing control, bidi and zero-width characters is the point.
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, '')
    .toWellFormed()
    .trim();
  if (body === '') return { refused: 'say something' };
  return body.length > longestBody ? { refused: tooLong(body) } : { body };
}

const tooLong = ({ length }: string): string =>
  `${length} characters are too many; at most ${longestBody}: put the text into a file and name that`;

/** What a `claim_request` says. */
export const requestText = ({ path }: ClaimPath, why: string): string =>
  [`Please release ${path} as soon as you can.`, why.trim()].filter(Boolean).join(' ');

/** What a `claim_request` asks for: what can overlap what is named; undefined for other messages. */
export function requestedPath({ kind, body }: Pick<Message, 'kind' | 'body'>): ClaimPath | undefined {
  const [, path] = /^Please release (.+?) as soon as you can\./.exec(body) ?? [];
  if (kind !== 'claim_request' || path === undefined) return undefined;
  return { kind: isGlob(path) ? 'glob' : 'folder', path };
}
