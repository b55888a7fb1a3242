import { UsageError } from '../../base/errors.ts';
import type { TaskOptions } from '../model/task.ts';

/** One thing asked for, before it is a task. */
export interface TaskRequest {
  readonly prompt: string;
  readonly title?: string;
  /** A name that other requests of the same fan-out may use in `after`. */
  readonly name?: string;
  /** Names in the same fan-out, or ids of tasks that exist. */
  readonly after?: readonly string[];
  readonly base?: string;
  readonly target?: string;
  /** The branch to work on instead of one of its own: gone on with when there is one, made when not. */
  readonly branch?: string;
  readonly options?: TaskOptions;
}

/** One prompt per line; empty lines are left out. */
export function requestsFromLines(text: string): readonly TaskRequest[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((prompt) => ({ prompt }));
}

const todoItem = /^\s*(?:[-*+]|\d+[.)])\s+\[([ xX])\]\s+(.*)$/;

/** The open items of a Markdown task list (`- [ ] …`) with the indented lines below each; done items are left out. */
export function requestsFromTodo(text: string): readonly TaskRequest[] {
  const items: { done: boolean; lines: string[] }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const match = todoItem.exec(line);
    if (match) items.push({ done: match[1] !== ' ', lines: [match[2] ?? ''] });
    else if (/^\s+\S/.test(line)) items.at(-1)?.lines.push(line.trim());
  }
  return items
    .filter((item) => !item.done && item.lines.join('').trim() !== '')
    .map((item) => ({ prompt: item.lines.join('\n').trim() }));
}

const textFields = ['prompt', 'title', 'name', 'base', 'target', 'branch'] as const;
const listFields = ['after'] as const;
const optionLists = ['addDirs', 'allowedCommands', 'allowedTools', 'disallowedTools', 'paths', 'forbidden'] as const;
const optionTexts = ['model', 'permissionMode'] as const;
const knownFields: readonly string[] = [...textFields, ...listFields, ...optionLists, ...optionTexts];

/**
 * A list of tasks as a YAML or JSON document holds it: prompts, or maps with `prompt` and the fields of a request and its
 * options. Throws a UsageError that names the item and what is wrong with it.
 */
export function requestsFromDocument(document: unknown): readonly TaskRequest[] {
  const list = isMap(document) && 'tasks' in document ? document.tasks : document;
  if (!Array.isArray(list)) throw new UsageError('the task list must be a list of tasks, or a map with `tasks`');
  return list.map((item, index) => requestFrom(item, `task ${index + 1}`));
}

function requestFrom(item: unknown, where: string): TaskRequest {
  if (typeof item === 'string') return { prompt: item };
  if (!isMap(item)) throw new UsageError(`${where} must be a text or a map`);
  const unknown = Object.keys(item).find((key) => !knownFields.includes(key));
  if (unknown !== undefined) {
    throw new UsageError(`${where} has an unknown field \`${unknown}\``, { hint: `Known: ${knownFields.join(', ')}.` });
  }
  const texts = pick(item, textFields, where, (value) => typeof value === 'string', 'text');
  if (texts.prompt === undefined) throw new UsageError(`${where} has no prompt`);
  const isList = (value: unknown) => Array.isArray(value) && value.every((entry) => typeof entry === 'string');
  const options = {
    ...pick(item, optionTexts, where, (value) => typeof value === 'string', 'text'),
    ...pick(item, optionLists, where, isList, 'a list of texts'),
  };
  return { ...texts, ...pick(item, listFields, where, isList, 'a list of texts'), options } as unknown as TaskRequest;
}

function pick(
  item: Readonly<Record<string, unknown>>,
  fields: readonly string[],
  where: string,
  fits: (value: unknown) => boolean,
  form: string,
): Record<string, unknown> {
  const entries = fields.filter((field) => item[field] !== undefined).map((field) => [field, item[field]] as const);
  const wrong = entries.find(([, value]) => !fits(value));
  if (wrong) throw new UsageError(`${where}: \`${wrong[0]}\` must be ${form}`);
  return Object.fromEntries(entries);
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
