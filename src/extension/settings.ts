import { type Disposable, type Uri, workspace } from 'vscode';
import type { PartialSettings, SettingKey } from '../core/settings.ts';
import { problemWith, settingKeys } from '../core/settings.ts';

const section = 'swarm';

/** Settings with a value that does not fit, in words; told once each. */
export type Complain = (problem: string) => void;

/**
 * The settings that the person has made in VS Code for `folder`: only what is set somewhere, so that the repository's own
 * file holds where nothing is. A value that does not fit is left out and told.
 */
export function ownSettings(folder: Uri, complain: Complain): PartialSettings {
  const configuration = workspace.getConfiguration(section, folder);
  const values: Partial<Record<SettingKey, unknown>> = {};
  for (const key of settingKeys) {
    const found = configuration.inspect(key);
    const set = [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue];
    if (set.every((value) => value === undefined)) continue;
    const value = configuration.get(key);
    const problem = problemWith(key, value);
    if (problem === undefined) values[key] = value;
    else complain(`${section}.${problem}`);
  }
  return values as PartialSettings;
}

/** Calls when a setting of ours has changed. */
export const onSettingsChange = (listener: () => void): Disposable =>
  workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(section)) listener();
  });
