import { UsageError } from '../../base/errors.ts';
import { mostClaims } from '../model/claim.ts';
import type { BatchId, TaskId } from '../model/ids.ts';
import { isId } from '../model/ids.ts';
import { declaredPath, declaredText } from '../model/scope.ts';
import { permissionModes } from '../model/session.ts';
import type { TaskOptions } from '../model/task.ts';
import { branchName, hasEnded, isBranchName, titleOf } from '../model/task.ts';
import type { Git } from '../ports.ts';
import type { Settings } from '../settings.ts';
import type { NewTask, Store } from '../store.ts';
import type { TaskRequest } from './plan.ts';

/** Longest prompt, in UTF-16 units; beyond it a file in the repository serves better. */
const longestPrompt = 1_000_000;

export interface NewTaskWorld {
  readonly store: Pick<Store, 'task'>;
  readonly settings: Settings;
  readonly git: Pick<Git, 'resolve' | 'isFolder'>;
}

/** Checks one request and makes the task of it. Throws a UsageError that begins with `where`. */
export async function newTask(
  world: NewTaskWorld,
  id: TaskId,
  batch: BatchId,
  where: string,
  request: TaskRequest & { target: string },
  named: ReadonlyMap<string, TaskId>,
): Promise<NewTask> {
  if (request.prompt.trim() === '') throw new UsageError(`${where} has an empty prompt`);
  if (request.prompt.length > longestPrompt) {
    throw new UsageError(`${where}: the prompt has ${request.prompt.length} characters, more than ${longestPrompt}`, {
      hint: 'Put the text into a file of the repository and name the file in the prompt.',
    });
  }
  if (request.prompt.includes('\u0000')) throw new UsageError(`${where}: the prompt holds a NUL character`);
  const mode = request.options?.permissionMode;
  if (mode !== undefined && !permissionModes.includes(mode)) {
    throw new UsageError(`${where}: permissionMode must be one of ${permissionModes.join(', ')}`);
  }
  const title = titleOf(request.title ?? request.prompt) || 'task';
  const after: TaskId[] = [];
  for (const name of request.after ?? []) after.push(named.get(name) ?? (await existing(world, name, where)));
  return {
    id,
    title,
    prompt: request.prompt,
    target: request.target,
    ...(request.base === undefined ? {} : { requestedBase: request.base }),
    after,
    ...(await branchOf(world, request, where, { id, batch, title }, await optionsOf(world, request, where))),
  };
}

/** The options, with what is declared as it is kept: a folder, which people name as they like, ends with `/`. */
async function optionsOf(
  { git }: NewTaskWorld,
  { options = {}, base, target }: TaskRequest & { target: string },
  where: string,
): Promise<TaskOptions> {
  const declared: { paths?: readonly string[]; forbidden?: readonly string[] } = {};
  for (const field of ['paths', 'forbidden'] as const) {
    const texts = options[field];
    if (texts === undefined) continue;
    if (texts.length > mostClaims)
      throw new UsageError(`${where}: ${texts.length} ${field} are more than ${mostClaims}`, {
        hint: 'Name folders or globs.',
      });
    const kept = new Set<string>();
    for (const text of texts) {
      const path = declaredPath(text);
      if ('refused' in path) throw new UsageError(`${where}: ${path.refused}`);
      const isFolder = path.kind === 'file' && (await git.isFolder(base ?? `refs/heads/${target}`, path.path));
      kept.add(declaredText(isFolder ? { ...path, kind: 'folder' } : path));
    }
    declared[field] = [...kept];
  }
  return { ...options, ...declared };
}

/** The branch of a task: one of its own, or the one that the person named, gone on with if there is one. */
async function branchOf(
  world: NewTaskWorld,
  request: TaskRequest & { target: string },
  where: string,
  task: { id: TaskId; batch: BatchId; title: string },
  options: TaskOptions,
): Promise<Pick<NewTask, 'branch' | 'options'>> {
  const branch = request.branch ?? branchName(world.settings['branches.template'], task);
  if (!isBranchName(branch)) throw new UsageError(`${where}: “${branch}” is no name for a branch`);
  if (branch === request.target) throw new UsageError(`${where} cannot work on ${branch} itself, where it is to land`);
  if (request.branch === undefined || (await world.git.resolve(`refs/heads/${branch}`)) === undefined)
    return { branch, options };
  return { branch, options: { ...options, continues: true } };
}

async function existing(world: NewTaskWorld, name: string, where: string): Promise<TaskId> {
  const task = isId('task', name) ? await world.store.task(name) : undefined;
  if (!task) throw new UsageError(`${where}: there is no task “${name}” to come after`);
  if (hasEnded(task.state) && task.state !== 'merged' && task.state !== 'skipped') {
    throw new UsageError(`${where}: “${task.title}” is ${task.state}, nothing can come after it`);
  }
  return task.id;
}
