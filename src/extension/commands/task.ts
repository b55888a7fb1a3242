import { commands, env, Uri, window } from 'vscode';
import { taskFor } from '../ask/pickTask.ts';
import { taskLogUri } from '../documents/taskLog.ts';
import { taskPageUri } from '../documents/taskPages.ts';
import type { Face } from '../face.ts';
import { words } from '../words.ts';

const { t } = words;

export async function cancelTask(face: Face, id: string | undefined): Promise<void> {
  const none = t('there is no task to cancel');
  const found = await taskFor(face, id, { word: 'cancellable', title: t('Cancel which task?'), none });
  if (!found) return;
  const verb = t('Cancel Task');
  const detail = t('Its session ends. Its branch {0} and its worktree stay as they are.', found.task.branch);
  const chosen = await window.showWarningMessage(t('Cancel “{0}”?', found.task.title), { modal: true, detail }, verb);
  if (chosen !== verb) return;
  const answer = await found.repository.open.swarm.cancel(found.task.id, t('cancelled in VS Code'));
  if ('refused' in answer) face.tell.refusal(answer.refused);
}

export async function retryTask(face: Face, id: string | undefined): Promise<void> {
  const none = t('no task has failed or was cancelled');
  const found = await taskFor(face, id, { word: 'retryable', title: t('Retry which task?'), none });
  if (!found) return;
  const answer = await found.repository.open.swarm.retry(found.task.id);
  if ('refused' in answer) face.tell.refusal(answer.refused);
}

export async function showLog(face: Face, id: string | undefined): Promise<void> {
  const none = t('no task has been started yet');
  const found = await taskFor(face, id, { word: 'begun', title: t('Show the log of which task?'), none });
  if (!found) return;
  const editor = await window.showTextDocument(taskLogUri(found), { preview: true });
  const { document } = editor;
  editor.revealRange(document.lineAt(document.lineCount - 1).range);
}

export async function showTask(face: Face, id: string | undefined): Promise<void> {
  const none = t('there is no task yet');
  const found = await taskFor(face, id, { word: 'task', title: t('Show which task?'), none });
  if (found) await commands.executeCommand('markdown.showPreview', taskPageUri(found));
}

export async function copySessionId(face: Face, id: string | undefined): Promise<void> {
  const none = t('no task has a session yet');
  const found = await taskFor(face, id, { word: 'begun', title: t('Copy the session id of which task?'), none });
  if (!found) return;
  const session = found.seen.sessions.get(found.task.id);
  if (!session) return face.tell.refusal(t('“{0}” has no session yet', found.task.title));
  await env.clipboard.writeText(session.claudeSessionId);
}

export async function copyWorktreePath(face: Face, id: string | undefined): Promise<void> {
  const worktree = await worktreeFor(face, id, t('Copy the worktree path of which task?'));
  if (worktree !== undefined) await env.clipboard.writeText(worktree);
}

export async function openWorktree(face: Face, id: string | undefined): Promise<void> {
  const worktree = await worktreeFor(face, id, t('Open the worktree of which task?'));
  if (worktree === undefined) return;
  await commands.executeCommand('vscode.openFolder', Uri.file(worktree), { forceNewWindow: true });
}

async function worktreeFor(face: Face, id: string | undefined, title: string): Promise<string | undefined> {
  const found = await taskFor(face, id, { word: 'placed', title, none: t('no task has a worktree yet') });
  return found?.task.worktree;
}
