import { window } from 'vscode';
import type { Worker } from '../../core/model/worker.ts';
import { taskFor, workerFor } from '../ask/pickTask.ts';
import type { Face } from '../face.ts';
import type { FoundWorker } from '../find.ts';
import { allTasks, findTask, findWorker } from '../find.ts';
import { workerOf } from '../model/seen.ts';
import type { Repository } from '../repository.ts';
import { words } from '../words.ts';

const { t } = words;

/** Brings the terminal of a worker, or of the worker that holds a task, to the front. */
export async function revealTerminal(face: Face, id: string | undefined): Promise<void> {
  const named = findWorker(face.repositories, id);
  if (named) return reveal(face, named.repository, named.worker);
  const none = t('no session is open in a terminal');
  const found = await taskFor(face, id, {
    word: 'openTerminal',
    title: t('Reveal the terminal of which task?'),
    none,
  });
  if (!found) return;
  const worker = workerOf(found.seen, found.task);
  if (worker) await reveal(face, found.repository, worker);
  else face.tell.refusal(t('the session of “{0}” is not open', found.task.title));
}

/** Brings the terminal to the front whose session asks something; the status bar leads here. */
export async function revealAsking(face: Face): Promise<void> {
  const asking = allTasks(face.repositories).filter(({ task }) => task.state === 'waiting');
  await revealTerminal(face, asking.length === 1 ? asking[0]?.task.id : undefined);
}

export async function stopWorker(face: Face, id: string | undefined): Promise<void> {
  const found = await workerFor(face, id, t('Stop which worker?'));
  if (!found) return;
  const task = findTask(face.repositories, found.worker.task)?.task;
  const verb = t('Stop Worker');
  const detail = task
    ? t(
        'Its session ends and its terminal closes. “{0}” goes back to the queue with all its work, and another worker goes on with it at once. To end the work itself, cancel the task.',
        task.title,
      )
    : t('It has no task now. Its terminal closes; another worker starts when there is work for it.');
  const chosen = await window.showWarningMessage(t('Stop {0}?', found.worker.name), { modal: true, detail }, verb);
  if (chosen === verb) await askToStop(face, found);
}

export async function restartWorker(face: Face, id: string | undefined): Promise<void> {
  const found = await workerFor(face, id, t('Restart which worker?'));
  if (!found) return;
  const task = findTask(face.repositories, found.worker.task)?.task;
  if (!task) return face.tell.refusal(t('{0} has no task to go on with', found.worker.name));
  const verb = t('Restart Worker');
  const detail = t('Its terminal closes; a new worker goes on with “{0}” in the same session.', task.title);
  const chosen = await window.showWarningMessage(t('Restart {0}?', found.worker.name), { modal: true, detail }, verb);
  if (chosen === verb) await askToStop(face, found);
}

async function askToStop({ tell }: Face, { repository, worker }: FoundWorker): Promise<void> {
  const answer = await repository.open.store.askWorkerToStop({ worker: worker.id, now: Date.now() });
  if ('refused' in answer) tell.refusal(answer.refused);
}

async function reveal({ tell }: Face, repository: Repository, worker: Worker): Promise<void> {
  const terminal = await repository.terminals.of(worker);
  if (terminal) terminal.show();
  else tell.refusal(t('{0} has no terminal in this window; Restart Worker opens a new one', worker.name));
}
