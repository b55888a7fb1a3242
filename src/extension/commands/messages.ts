import { commands, type QuickPickItem, window } from 'vscode';
import { requestedPath } from '../../core/model/message.ts';
import type { Member } from '../../core/model/party.ts';
import { nameOf } from '../../core/model/party.ts';
import { askLine } from '../ask/askLine.ts';
import { repositoryOf } from '../ask/repositoryOf.ts';
import { messageUri } from '../documents/messagePages.ts';
import type { Face } from '../face.ts';
import { findMessage, findTask } from '../find.ts';
import { senderName } from '../model/inboxTree.ts';
import type { Repository } from '../repository.ts';
import { words } from '../words.ts';
import { unclaim } from './claims.ts';

const { t } = words;

/** Shows a whole message, which is read then. */
export async function openMessage(face: Face, id: string | undefined): Promise<void> {
  const found = findMessage(face.repositories, id);
  if (!found) return;
  await commands.executeCommand('markdown.showPreview', messageUri(found));
  await markRead(face, id);
}

/** Marks one message as read. */
export async function markRead({ repositories }: Face, id: string | undefined): Promise<void> {
  const found = findMessage(repositories, id);
  if (found && found.message.readAt === undefined)
    await found.repository.open.swarm.teamwork('you').markRead([found.message.id]);
}

/** Marks all messages as read that the view shows. */
export async function markAllRead({ repositories }: Face): Promise<void> {
  for (const { open, feed } of repositories.all) {
    const unread = feed.latest?.team?.inbox.filter(({ readAt }) => readAt === undefined) ?? [];
    if (unread.length > 0) await open.swarm.teamwork('you').markRead(unread.map(({ id }) => id));
  }
}

/** Answers a message; it is read then. */
export async function reply(face: Face, id: string | undefined): Promise<void> {
  const found = findMessage(face.repositories, id);
  if (!found) return;
  const { repository, seen, message } = found;
  const text = await askLine(t('Reply to {0}', senderName(seen, words, message)), t('Your answer'));
  if (text === undefined) return;
  told(face, await repository.open.swarm.teamwork('you').reply(message.id, text));
}

/** Releases what a message asks for. */
export async function releaseRequested(face: Face, id: string | undefined): Promise<void> {
  const found = findMessage(face.repositories, id);
  const path = found && requestedPath(found.message);
  if (!found || path === undefined) return;
  const { repository, message } = found;
  const teamwork = repository.open.swarm.teamwork('you');
  const held = await teamwork.claims({ party: 'you', path });
  await teamwork.markRead([message.id]);
  if (held.length === 0) face.tell.refusal(t('you do not hold “{0}” any more', path.path));
  else await unclaim(face, repository, 'you', held);
}

interface Receiver extends QuickPickItem {
  /** Absent: everyone. */
  readonly member?: Member;
}

/** Writes to one member or to everyone; called on a task's row, to that task. */
export async function sendMessage(face: Face, id: string | undefined): Promise<void> {
  const task = findTask(face.repositories, id);
  const repository = task?.repository ?? (await repositoryOf(face, t('Write to somebody in which repository?')));
  if (!repository) return;
  const others = (await repository.open.swarm.teamwork('you').members()).filter(({ party }) => party !== 'you');
  if (others.length === 0) return face.tell.refusal(t('there is nobody to write to'));
  const named = others.find(({ party }) => party === task?.task.id);
  if (named) return write(face, repository, receiverOf(named));
  const active = others.filter(({ isActive }) => isActive);
  const everyone = { label: t('Everyone'), description: t('all who are at work now') };
  const items: readonly Receiver[] = [
    ...(active.length > 1 ? [everyone] : []),
    ...[...active, ...others.filter(({ isActive }) => !isActive)].map(receiverOf),
  ];
  const chosen = await window.showQuickPick(items, { title: t('Write to whom?'), matchOnDescription: true });
  if (chosen) await write(face, repository, chosen);
}

const receiverOf = (member: Member): Receiver => ({
  label: member.worker?.name ?? member.title,
  description: [member.worker ? member.title : '', member.isActive ? '' : t('not at work: reads it when it is')]
    .filter(Boolean)
    .join(' · '),
  member,
});

async function write(face: Face, { open }: Repository, { label, member }: Receiver): Promise<void> {
  const text = await askLine(t('Message to {0}', label), t('Sessions read it between two of their steps.'));
  if (text === undefined) return;
  const teamwork = open.swarm.teamwork('you');
  told(face, member ? await teamwork.message(nameOf(member.party), text) : await teamwork.broadcast(text));
}

function told({ tell }: Face, answer: readonly unknown[] | { readonly refused: string }): void {
  if ('refused' in answer) tell.refusal(answer.refused);
  else window.setStatusBarMessage(answer.length === 1 ? t('Sent') : t('Sent to {0}', answer.length), 5_000);
}
