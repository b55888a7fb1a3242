import { window } from 'vscode';
import type { PlannedMerge } from '../../core/swarm.ts';
import { taskFor } from '../ask/pickTask.ts';
import type { Face } from '../face.ts';
import type { FoundTask } from '../find.ts';
import { allTasks } from '../find.ts';
import { taskContext } from '../model/taskState.ts';
import type { Repository } from '../repository.ts';
import { words } from '../words.ts';

const { t } = words;

/** Lands one approved task. */
export async function mergeTask(face: Face, id: string | undefined): Promise<void> {
  const none = t('no approved task waits to be merged');
  const found = await taskFor(face, id, { word: 'mergeable', title: t('Merge which task?'), none });
  if (found) await merge(face, found.repository, [found]);
}

/** Lands every approved task, oldest first. */
export async function mergeAllApproved(face: Face): Promise<void> {
  const mergeable = allTasks(face.repositories).filter(({ seen, task }) =>
    taskContext(seen, task).split(' ').includes('mergeable'),
  );
  if (mergeable.length === 0) return face.tell.refusal(t('no approved task waits to be merged'));
  for (const repository of face.repositories.all) {
    const tasks = mergeable.filter((found) => found.repository === repository);
    tasks.sort((a, b) => a.task.createdAt - b.task.createdAt);
    if (tasks.length > 0) await merge(face, repository, tasks);
  }
}

async function merge(face: Face, repository: Repository, found: readonly FoundTask[]): Promise<void> {
  const { swarm } = repository.open;
  const ids = found.map(({ task }) => task.id);
  const planned = await window.withProgress({ location: { viewId: 'swarm.tasks' } }, () => swarm.previewMerge(ids));
  if (!(await confirmed(repository, planned))) return;
  const answers = await swarm.merge(ids);
  const refused = answers.flatMap((answer) => ('refused' in answer ? [answer.refused] : []));
  if (refused.length > 0) return face.tell.refusal(refused.join('; '));
}

async function confirmed({ feed }: Repository, planned: readonly PlannedMerge[]): Promise<boolean> {
  const [first] = planned;
  if (!first) return false;
  const targets = [...new Set(planned.map(({ task }) => task.target))].join(', ');
  const message =
    planned.length === 1
      ? t('Merge “{0}” into {1}?', first.task.title, targets)
      : t('Merge {0} tasks into {1}?', planned.length, targets);
  const checks = new Set(
    planned.flatMap(({ task }) => feed.latest?.overview.batches.find((batch) => batch.id === task.batch)?.check ?? []),
  );
  const detail = [
    ...planned.map(previewLine),
    ...[...checks].map((check) => t('Before landing, `{0}` must pass on the merged tree.', check)),
  ].join('\n');
  const verb = t('Merge');
  return (await window.showInformationMessage(message, { modal: true, detail }, verb)) === verb;
}

function previewLine({ task, preview }: PlannedMerge): string {
  switch (preview.kind) {
    case 'clean':
      return preview.files === 1
        ? t('✓ {0}: changes 1 file', task.title)
        : t('✓ {0}: changes {1} files', task.title, preview.files);
    case 'conflict':
      return t('✗ {0}: conflicts in {1}; it goes back to its session', task.title, preview.files.join(', '));
    case 'held_back':
      return t('✗ {0}: {1}', task.title, preview.reason);
    case 'already_merged':
      return t('✓ {0}: is in {1} already', task.title, task.target);
    case 'target_missing':
      return t('✗ {0}: the branch {1} is gone', task.title, task.target);
  }
}
