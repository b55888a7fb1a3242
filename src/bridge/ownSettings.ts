import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../base/errors.ts';
import type { PartialSettings, SettingKey } from '../core/settings.ts';
import { problemWith, settingKeys } from '../core/settings.ts';

/**
 * Reads the settings that a face has written down for the workers it starts, as they are now. An absent file has none;
 * what does not fit a setting is left out, for the face has told the person of it already.
 */
export async function readOwnSettings(path: string): Promise<PartialSettings> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (cause) {
    throw new AppError('own_settings_broken', `${path} is not JSON`, {
      hint: 'Remove the file; VS Code writes it anew.',
      cause,
    });
  }
  const known = Object.entries(values as object).filter(
    ([key, value]) => settingKeys.includes(key as SettingKey) && problemWith(key as SettingKey, value) === undefined,
  );
  return Object.fromEntries(known);
}

/** Writes them, whole or not at all. */
export async function writeOwnSettings(path: string, values: PartialSettings): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.new`;
  await writeFile(draft, `${JSON.stringify(values, undefined, 2)}\n`, { mode: 0o600 });
  await rename(draft, path);
}
