import type { Claim, ClaimPath } from '../../core/model/claim.ts';
import type { ContextEntry } from '../../core/model/context.ts';
import type { Message } from '../../core/model/message.ts';
import { nameOf } from '../../core/model/party.ts';

/** A path as it is written and read again: a folder ends with a slash. */
export const pathText = ({ kind, path }: ClaimPath): string => (kind === 'folder' ? `${path}/` : path);

/** Who holds a claim, in one or two words. */
export const holderName = ({ holder, worker }: Claim): string => worker?.name ?? nameOf(holder);

/** A claim as scripts see it. Fields may be added, none will go. */
export const claimView = (claim: Claim) => ({
  path: pathText(claim),
  worker: claim.worker?.id ?? null,
  task: claim.task ?? null,
  expiresAt: claim.expiresAt ?? null,
  id: claim.id,
  kind: claim.kind,
  mode: claim.mode,
  origin: claim.origin,
  holder: holderName(claim),
  title: claim.title,
  claimedAt: claim.claimedAt,
});

/** A message as scripts see it. */
export const messageView = (message: Message) => ({
  id: message.id,
  from: message.from === 'swarm' ? 'swarm' : nameOf(message.from),
  fromTitle: message.fromTitle,
  to: nameOf(message.to),
  toTitle: message.toTitle,
  kind: message.kind,
  body: message.body,
  replyTo: message.replyTo ?? null,
  sentAt: message.sentAt,
  readAt: message.readAt ?? null,
});

/** An entry of the shared context as scripts see it. */
export const contextView = (entry: ContextEntry) => ({
  id: entry.id,
  category: entry.category,
  text: entry.text,
  author: nameOf(entry.author),
  authorTitle: entry.authorTitle,
  at: entry.at,
});
