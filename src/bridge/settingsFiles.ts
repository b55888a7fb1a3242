import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Document } from 'yaml';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { UsageError } from '../base/errors.ts';
import type { PartialSettings, Setting, SettingKey } from '../core/settings.ts';
import { problemWith, settingKeys, settings } from '../core/settings.ts';

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

/** What the files said when they were last read: they are read anew all the time, and hardly ever changed. */
const lastRead = new Map<string, { readonly text: string; readonly values: PartialSettings }>();

/** The values of one settings file; an absent file has none. */
async function readSettings(path: string): Promise<PartialSettings> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new UsageError(`${path} cannot be read`, { cause: error });
  }
  const last = lastRead.get(path);
  if (last?.text === text) return last.values;
  const values = parseSettings(text, path);
  lastRead.set(path, { text, values });
  return values;
}

/** Reads YAML with dots as levels: `workers: { max: 3 }` or `workers.max: 3`. Throws a UsageError for what is wrong. */
export function parseSettings(text: string, path: string): PartialSettings {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: true, lineCounter });
  const problem = document.errors[0];
  if (problem) throw new UsageError(`${path}: ${problem.message.trim()}`);
  const where: Where = (keys) => {
    const line = lineOf(document, lineCounter, keys);
    return line === undefined ? path : `${path}:${line}`;
  };
  const values: Record<string, unknown> = {};
  flatten(document.toJS() ?? {}, [], values, where);
  return values as PartialSettings;
}

/** The file, and the line where a key stands, for messages. */
type Where = (keys: readonly string[]) => string;

function lineOf(document: Document, lines: LineCounter, keys: readonly string[]): number | undefined {
  const map = keys.length < 2 ? document.contents : document.getIn(keys.slice(0, -1), true);
  const key = isMap(map)
    ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === keys.at(-1))?.key
    : undefined;
  return isScalar(key) && key.range ? lines.linePos(key.range[0]).line : undefined;
}

function flatten(node: unknown, prefix: readonly string[], into: Record<string, unknown>, where: Where): void {
  if (typeof node !== 'object' || node === null || Array.isArray(node))
    throw new UsageError(`${where(prefix)}: a map of settings is expected`, {
      hint: 'Write `workers:` and below it `max: 3`.',
    });
  for (const [name, value] of Object.entries(node)) {
    const keys = [...prefix, name];
    const key = keys.join('.');
    if (settingKeys.includes(key as SettingKey)) {
      const problem = key in into ? `${key} is set twice` : problemWith(key as SettingKey, value);
      if (problem !== undefined) throw new UsageError(`${where(keys)}: ${problem}`);
      into[key] = value;
    } else if (settingKeys.some((known) => known.startsWith(`${key}.`))) {
      flatten(value, keys, into, where);
    } else {
      throw new UsageError(`${where(keys)}: there is no setting “${key}”`, {
        hint: '`swarm config --list` shows them all.',
      });
    }
  }
}

const keysOf = (values: PartialSettings): readonly SettingKey[] => Object.keys(values) as SettingKey[];
