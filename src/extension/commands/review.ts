import { window } from 'vscode';
import type { Verdict } from '../../core/model/review.ts';
import type { Task } from '../../core/model/task.ts';
import { askLine } from '../ask/askLine.ts';
import { taskFor } from '../ask/pickTask.ts';
import type { Face } from '../face.ts';
import type { FoundTask } from '../find.ts';
import { findTask } from '../find.ts';
import { fileOfRow } from '../model/changes.ts';
import { words } from '../words.ts';

const { t } = words;
/** Who decides in this window. */
const reviewer = 'you';

const nothingToReview = () => t('nothing is in review now');

/** Opens everything that a task changes. */
export async function reviewChanges(face: Face, id: string | undefined): Promise<void> {
  const title = t('Review the changes of which task?');
  const found = await taskFor(face, id, { word: 'reviewable', title, none: nothingToReview() });
  if (found) await face.reviews.show(found);
}

/** Opens one changed file of a task; only rows of the tree call this. */
export async function openFileDiff(face: Face, id: string | undefined): Promise<void> {
  const file = id === undefined ? undefined : fileOfRow(id);
  const found = findTask(face.repositories, id);
  if (file && found) await face.reviews.showFile(found, file.path);
}

export async function approve(face: Face, id: string | undefined): Promise<void> {
  const title = t('Approve which task?');
  const found = await taskFor(face, id, { word: 'decidable', title, none: nothingToReview() });
  if (found) await decide(face, found, { kind: 'approve' });
}

export async function requestChanges(face: Face, id: string | undefined): Promise<void> {
  const title = t('Request changes of which task?');
  const found = await taskFor(face, id, { word: 'sendable', title, none: nothingToReview() });
  if (!found) return;
  const note = await askLine(
    t('Request Changes: {0}', found.task.title),
    t('What should change? The same session goes on with your words.'),
  );
  if (note !== undefined) await decide(face, found, { kind: 'request_changes', note });
}

export async function reject(face: Face, id: string | undefined): Promise<void> {
  const title = t('Reject which task?');
  const found = await taskFor(face, id, { word: 'sendable', title, none: nothingToReview() });
  if (!found) return;
  const verb = t('Reject');
  const chosen = await window.showWarningMessage(
    t('Reject “{0}”?', found.task.title),
    {
      modal: true,
      detail: t('The task ends as cancelled. Its branch {0} and its worktree stay as they are.', found.task.branch),
    },
    verb,
  );
  if (chosen !== verb) return;
  const note = await askLine(t('Reject: {0}', found.task.title), t('Why is it not wanted?'));
  if (note !== undefined) await decide(face, found, { kind: 'reject', note });
}

/** What was read is decided on: the commit of the review in front, else the one that the tree showed. */
async function decide(face: Face, { repository, task }: FoundTask, verdict: Verdict): Promise<void> {
  const { active } = face.reviews;
  const head = active?.task === task.id ? active.head : task.head;
  const answer = await repository.open.swarm.decide({
    task: task.id,
    verdict,
    reviewer,
    ...(head === undefined ? {} : { head }),
  });
  if ('refused' in answer) return face.tell.refusal(answer.refused);
  window.setStatusBarMessage(done(answer), 5_000);
}

function done(task: Task): string {
  switch (task.state) {
    case 'approved':
      return t('“{0}” is approved', task.title);
    case 'cancelled':
      return t('“{0}” is rejected', task.title);
    default:
      return t('“{0}” goes back to its session', task.title);
  }
}
