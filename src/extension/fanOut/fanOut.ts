import { commands, window } from 'vscode';
import { AppError, UsageError } from '../../base/errors.ts';
import { requestsFromText } from '../../bridge/taskTexts.ts';
import type { FannedOut } from '../../core/flow/fanOut.ts';
import type { TaskRequest } from '../../core/flow/plan.ts';
import type { Settings } from '../../core/settings.ts';
import type { Inspection } from '../../git/preflight.ts';
import type { Answer, Place } from '../ask/quickInput.ts';
import { askChoice, askText } from '../ask/quickInput.ts';
import type { Face } from '../face.ts';
import { sentences } from '../model/sentence.ts';
import type { Repository } from '../repository.ts';
import { words } from '../words.ts';
import { askTasks } from './collect.ts';
import type { Draft } from './draft.ts';
import { fanOutOf } from './draft.ts';
import { askOption } from './options.ts';
import { repositoryFor } from './repositoryFor.ts';
import { countedTasks, taskName } from './sources.ts';
import { askStart } from './start.ts';
import { openTaskEditor } from './taskEditor.ts';

const { t } = words;

/** What the questions are asked about. */
interface Scene {
  readonly repository: Repository;
  readonly settings: Settings;
  readonly checkout: Inspection;
  readonly branches: readonly string[];
}

/** One question: answers with the draft as it is after it. */
type Step = (scene: Scene, draft: Draft, place: Place) => Promise<Answer<Draft>>;

const steps: readonly Step[] = [askForTasks, askForTarget, askForWorkers, askForStart];

/** Asks for tasks and everything they need, and queues them. */
export async function fanOutTasks(face: Face): Promise<void> {
  await fanOut(face, []);
}

/** Queues what the editor in front holds. */
export async function fanOutDocument(face: Face): Promise<void> {
  const document = window.activeTextEditor?.document;
  if (!document) throw new UsageError(t('no editor is open'));
  const requests = requestsFromText(document.getText(), taskName(document));
  if (requests.length === 0) throw new UsageError(t('write one task on each line first'));
  await fanOut(face, requests);
}

async function fanOut(face: Face, requests: readonly TaskRequest[]): Promise<void> {
  const repository = await repositoryFor(face);
  if (!repository) return;
  void repository.gate.look();
  const { git, settings, swarm } = repository.open;
  const scene = {
    repository,
    settings: await settings(),
    checkout: await git.inspect(),
    branches: await git.branches(),
  };
  const draft = await askAll(scene, {
    requests,
    target: scene.checkout.branch ?? scene.branches[0] ?? '',
    workers: scene.settings['workers.max'],
    review: 'human',
    land: false,
  });
  if (!draft) return;
  const { tasks } = await swarm.fanOut(fanOutOf(draft));
  await commands.executeCommand('swarm.tasks.focus');
  window.setStatusBarMessage(t('Swarm: {0} queued', countedTasks(tasks.length)), 5_000);
}

/** Walks through the questions, back and forth. Tasks that are given already are not asked for first. */
async function askAll(scene: Scene, given: Draft): Promise<Draft | undefined> {
  let draft = given;
  for (let at = given.requests.length > 0 ? 1 : 0; at < steps.length; ) {
    const place = { title: t('Fan out tasks'), step: at + 1, totalSteps: steps.length, canGoBack: at > 0 };
    const answer = await steps[at]?.(scene, draft, place);
    if (answer === undefined) return undefined;
    if (answer === 'back') {
      at -= 1;
    } else {
      draft = answer.value;
      at += 1;
    }
  }
  return draft;
}

async function askForTasks(_scene: Scene, draft: Draft, place: Place): Promise<Answer<Draft>> {
  const answer = await askTasks(place, draft.requests);
  if (typeof answer !== 'object') return answer;
  if (answer.value !== 'editor') return { value: { ...draft, requests: answer.value } };
  await openTaskEditor();
  return undefined;
}

async function askForTarget(scene: Scene, draft: Draft, place: Place): Promise<Answer<Draft>> {
  const { branch, behind, upstream } = scene.checkout;
  const ours = scene.repository.feed.latest?.overview.tasks.map((task) => task.branch) ?? [];
  const others = scene.branches.filter((name) => !ours.includes(name));
  const known = new Set([...(branch === undefined ? [] : [branch]), ...others]);
  const about =
    behind > 0 && upstream !== undefined ? t('checked out, {0} behind {1}', behind, upstream) : t('checked out');
  const items = [...known].map((name) => ({
    label: `$(git-branch) ${name}`,
    ...(name === branch ? { description: about } : {}),
    value: name,
  }));
  const answer = await askChoice(place, t('On which branch is the work to land?'), items, draft.target);
  return typeof answer === 'object' ? { value: { ...draft, target: answer.value } } : answer;
}

async function askForWorkers({ settings }: Scene, draft: Draft, place: Place): Promise<Answer<Draft>> {
  const most = settings['workers.max'];
  const suggested = Math.min(draft.workers, draft.requests.length, most);
  const prompt = t('How many workers at once? The setting workers.max allows {0} in this repository.', most);
  const answer = await askText(place, prompt, String(suggested), (text) =>
    /^\s*\d+\s*$/.test(text) && Number(text) >= 1 && Number(text) <= 64 ? undefined : t('Type a number from 1 to 64.'),
  );
  return typeof answer === 'object' ? { value: { ...draft, workers: Number(answer.value) } } : answer;
}

async function askForStart(scene: Scene, given: Draft, place: Place): Promise<Answer<Draft>> {
  const { repository, settings, checkout } = scene;
  let draft = given;
  for (;;) {
    const claude = repository.gate.latest;
    const waits = claude !== undefined && claude.state !== 'ready';
    const plan = await planned(repository, draft);
    const answer = await askStart(place, {
      draft,
      settings,
      plan,
      warnings: [
        ...checkout.warnings,
        ...(plan instanceof AppError ? [] : plan.warnings),
        ...(waits ? [sentences(claude.text, t('The tasks wait until it is ready.'))] : []),
      ],
    });
    if (typeof answer !== 'object') return answer;
    if (answer.value === 'start') return { value: draft };
    const changed = await askOption({ ...place, canGoBack: true }, answer.value, draft, settings);
    if (changed === undefined) return undefined;
    if (changed !== 'back') draft = changed.value;
  }
}

/** What would be made; what is wrong with it is an answer too. */
async function planned({ open }: Repository, draft: Draft): Promise<FannedOut | AppError> {
  try {
    return await open.swarm.planFanOut(fanOutOf(draft));
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
