import type { Setting } from '../../src/core/settings.ts';
import { jsonType } from './jsonType.ts';

const titles: Readonly<Record<string, string>> = {
  workers: 'Workers',
  worktrees: 'Worktrees',
  branches: 'Branches',
  tasks: 'Tasks',
  claude: 'Claude Code',
  claims: 'Claims',
  decorations: 'Decorations',
  messages: 'Messages',
  commits: 'Commits',
  git: 'Git',
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
    const properties = members.map((key, place) => [`swarm.${key}`, property(key, settings[key] as Setting, place)]);
    return { id: `swarm.${group}`, title: `%settings.${group}%`, order, properties: Object.fromEntries(properties) };
  });
  manifest.contributes.yamlValidation = [{ fileMatch: 'swarm.yaml', url: './media/swarm.schema.json' }];
  manifest.capabilities.untrustedWorkspaces.restrictedConfigurations = keys
    .filter((key) => settings[key]?.sensitive === true)
    .map((key) => `swarm.${key}`);
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

const property = (key: string, setting: Setting, order: number): Record<string, unknown> => ({
  ...jsonType(setting),
  // What starts programs or widens rights differs from machine to machine.
  scope: setting.sensitive === true ? 'machine-overridable' : 'resource',
  order,
  markdownDescription: `%setting.${key}%`,
});

/** The texts of the manifest with those of the settings, which stand behind the others. */
export function withSettingTexts(text: string, settings: Readonly<Record<string, Setting>>): string {
  const others = Object.entries(JSON.parse(text) as Record<string, string>).filter(
    ([key]) => !/^settings?\./.test(key),
  );
  const keys = Object.keys(settings);
  const groups = [...new Set(keys.map((key) => key.split('.')[0] ?? key))].map((group) => {
    const title = titles[group];
    if (title === undefined) throw new Error(`the group of settings “${group}” needs a title`);
    return [`settings.${group}`, title] as const;
  });
  const sentences = keys.map((key) => [`setting.${key}`, settings[key]?.text ?? ''] as const);
  return `${JSON.stringify(Object.fromEntries([...others, ...groups, ...sentences]), null, 2)}\n`;
}
