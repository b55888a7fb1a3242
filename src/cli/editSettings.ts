import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isCollection, isScalar, parse, parseDocument } from 'yaml';
import { AppError, messageOf, UsageError } from '../base/errors.ts';
import { parseSettings } from '../bridge/settingsFiles.ts';
import type { Setting, SettingKey } from '../core/settings.ts';
import { problemWith, settings } from '../core/settings.ts';

/** Reads a value as a person types it for a setting. Throws a UsageError for one that the setting does not take. */
export function parseValue(key: SettingKey, text: string): unknown {
  const setting: Setting = settings[key];
  const value = readValue(setting, text);
  const problem = problemWith(key, value);
  if (problem !== undefined) throw new UsageError(problem);
  return value;
}

function readValue(setting: Setting, text: string): unknown {
  switch (setting.type) {
    case 'string':
    case 'choice':
      return text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'integer':
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case 'strings':
      if (text.trim() === '') return [];
      return text.trimStart().startsWith('[') ? fromYaml(text) : [text];
    case 'choices':
    case 'object':
      return fromYaml(text);
  }
}

function fromYaml(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(`the value is not YAML: ${messageOf(error)}`);
  }
}

/** Sets one value in a settings file, made when absent; comments and everything else in it stay. Throws a UsageError for a file that is wrong already. */
export async function editSettings(file: string, key: SettingKey, value: unknown): Promise<void> {
  const before = await readOrEmpty(file);
  parseSettings(before, file);
  const after = withValue(before, key, value);
  parseSettings(after, file);
  await replace(file, after);
}

/** The text of a settings file with one value changed. */
export function withValue(text: string, key: SettingKey, value: unknown): string {
  const document = parseDocument(text);
  const path = document.has(key) ? [key] : key.split('.');
  const parent = path.slice(0, -1);
  // `workers:` alone is a map without anything in it; in the file it is nothing at all.
  if (isCollection(document.contents) && !isCollection(document.getIn(parent, true))) document.deleteIn(parent);
  const before = document.getIn(path, true);
  // A value that is replaced inside its node keeps the comment beside it.
  if (isScalar(before) && !(value instanceof Object)) before.value = value;
  else document.setIn(path, document.createNode(value));
  return document.toString({ lineWidth: 0 });
}

async function readOrEmpty(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new AppError('settings_unreadable', `${file} cannot be read`, { cause: error });
  }
}

/** Whole or not at all; a symbolic link stays one. */
async function replace(file: string, text: string): Promise<void> {
  const place = await realpath(file).catch(() => file);
  const draft = `${place}.${process.pid}.new`;
  try {
    await mkdir(dirname(place), { recursive: true });
    await writeFile(draft, text);
    await rename(draft, place);
  } catch (error) {
    await rm(draft, { force: true });
    throw new AppError('settings_not_written', `${file} cannot be written`, { cause: error });
  }
}
