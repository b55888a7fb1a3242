import type { Setting } from '../../src/core/settings.ts';
import { jsonType } from './jsonType.ts';

const titles: Readonly<Record<string, string>> = {
  workers: 'Workers',
  worktrees: 'Worktrees',
  branches: 'Branches',
  tasks: 'Tasks',
  claude: 'Claude Code',
  check: 'Check',
  snapshots: 'Snapshots',
};

interface Manifest {
  readonly contributes: Record<string, unknown>;
  readonly capabilities: { readonly untrustedWorkspaces: Record<string, unknown> };
}

/** The manifest with what follows from the settings: their page in VS Code, which of them need trust, and the schema of swarm.yaml. */
export function withConfiguration(text: string, settings: Readonly<Record<string, Setting>>): string {
  const manifest = JSON.parse(text) as Manifest;
  const keys = Object.keys(settings);
  const groups = Map.groupBy(keys, (key) => key.split('.')[0] ?? key);
  manifest.contributes.configuration = Array.from(groups, ([group, members], order) => {
    const title = titles[group];
    if (title === undefined) throw new Error(`the group of settings “${group}” needs a title`);
    const properties = members.map((key, place) => [`swarm.${key}`, property(key, settings[key] as Setting, place)]);
    return { id: `swarm.${group}`, title, order, properties: Object.fromEntries(properties) };
  });
  manifest.contributes.yamlValidation = [{ fileMatch: 'swarm.yaml', url: './media/swarm.schema.json' }];
  manifest.capabilities.untrustedWorkspaces.restrictedConfigurations = keys
    .filter((key) => settings[key]?.sensitive === true)
    .map((key) => `swarm.${key}`);
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

const property = (key: string, setting: Setting, order: number): Record<string, unknown> => ({
  ...jsonType(setting),
  // Where a program lies differs from machine to machine.
  scope: key === 'claude.path' ? 'machine-overridable' : 'resource',
  order,
  markdownDescription: setting.text,
});
