import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { UsageError } from '../base/errors.ts';
import type { PartialSettings, Setting, SettingKey, Settings } from '../core/settings.ts';
import { mergeSettings, problemWith, settingKeys, settings } from '../core/settings.ts';

/** The settings file of a repository, at its top. */
export const repoSettingsFile = (root: string): string => join(root, 'swarm.yaml');
/** The settings file of a person. */
export const userSettingsFile = (folder: string): string => join(folder, 'config.yaml');

/** One source of settings, for `swarm config` to name. */
export interface SettingsSource {
  readonly name: string;
  readonly values: PartialSettings;
  /** Keys that the source sets but may not, because the repository is not trusted. */
  readonly ignored: readonly SettingKey[];
}

/** Where settings come from; later sources win. */
export interface SettingsPlaces {
  readonly root: string;
  readonly userFolder: string;
  /** Whether the person trusts the repository's own settings that can start programs. */
  readonly trusted: boolean;
  /** VS Code's settings or the command line's flags. */
  readonly own?: PartialSettings;
}

/** Reads every source. A file that cannot be read or holds something wrong is a UsageError that names file and line. */
export async function settingsSources(places: SettingsPlaces): Promise<readonly SettingsSource[]> {
  const repo = await readSettings(repoSettingsFile(places.root));
  const user = await readSettings(userSettingsFile(places.userFolder));
  const ignored = places.trusted ? [] : keysOf(repo).filter((key) => (settings[key] as Setting).sensitive === true);
  const allowed = Object.fromEntries(
    keysOf(repo)
      .filter((key) => !ignored.includes(key))
      .map((key) => [key, repo[key]]),
  );
  return [
    { name: 'swarm.yaml', values: allowed, ignored },
    { name: 'user', values: user, ignored: [] },
    { name: 'own', values: places.own ?? {}, ignored: [] },
  ];
}

/** The settings that hold. */
export async function readAllSettings(places: SettingsPlaces): Promise<Settings> {
  return mergeSettings(...(await settingsSources(places)).map((source) => source.values));
}

/** The values of one settings file; an absent file has none. */
export async function readSettings(path: string): Promise<PartialSettings> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new UsageError(`${path} cannot be read`, { cause: error });
  }
  return parseSettings(text, path);
}

/** Reads YAML with dots as levels: `workers: { max: 3 }` or `workers.max: 3`. Throws a UsageError for what is wrong. */
export function parseSettings(text: string, path: string): PartialSettings {
  const document = parseDocument(text, { prettyErrors: true });
  const problem = document.errors[0];
  if (problem) throw new UsageError(`${path}: ${problem.message.trim()}`);
  const values: Record<string, unknown> = {};
  flatten(document.toJS() ?? {}, '', values, path);
  return values as PartialSettings;
}

function flatten(node: unknown, prefix: string, into: Record<string, unknown>, path: string): void {
  if (typeof node !== 'object' || node === null || Array.isArray(node))
    throw new UsageError(`${path}: a map of settings is expected`);
  for (const [name, value] of Object.entries(node)) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    if (settingKeys.includes(key as SettingKey)) {
      const problem = problemWith(key as SettingKey, value);
      if (problem !== undefined) throw new UsageError(`${path}: ${problem}`);
      into[key] = value;
    } else if (settingKeys.some((known) => known.startsWith(`${key}.`))) {
      flatten(value, key, into, path);
    } else {
      throw new UsageError(`${path}: there is no setting “${key}”`, { hint: '`swarm config --list` shows them all.' });
    }
  }
}

const keysOf = (values: PartialSettings): readonly SettingKey[] => Object.keys(values) as SettingKey[];
