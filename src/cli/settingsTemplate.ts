import { stringify } from 'yaml';
import type { Setting, SettingKey } from '../core/settings.ts';
import { settingKeys, settings } from '../core/settings.ts';

export interface TemplateFacts {
  /** The command that was found to test the repository. */
  readonly check: string | undefined;
  /** The branch checked out now. */
  readonly branch: string | undefined;
}

/** A settings file for a repository: every setting with its sentence and default as comments, the check as found. */
export function settingsTemplate({ check, branch }: TemplateFacts): string {
  const now = branch === undefined ? '' : ` (now ${branch})`;
  const head = [
    '# Settings of Swarm for this repository. Everything has a default: take the `# ` away from what you want to change.',
    `# Work lands on the branch that is checked out when it is asked for${now}, or on the one named with --target.`,
  ];
  const groups = Map.groupBy(settingKeys, (key) => key.split('.')[0] ?? key);
  const found: Partial<Record<SettingKey, unknown>> = check === undefined ? {} : { 'check.command': check };
  const blocks = Array.from(groups, ([group, keys]) => {
    const isUsed = keys.some((key) => found[key] !== undefined);
    const lines = keys.flatMap((key) => linesOf(key, found[key], isUsed ? '  ' : '#   '));
    return [isUsed ? `${group}:` : `# ${group}:`, ...lines];
  });
  return `${[head, ...blocks].map((block) => block.join('\n')).join('\n\n')}\n`;
}

function linesOf(key: SettingKey, value: unknown, indent: string): readonly string[] {
  const setting: Setting = settings[key];
  const name = key.split('.').slice(1).join('.');
  const isComment = value === undefined && !indent.startsWith('#');
  const text = stringify({ [name]: value ?? setting.default }, { lineWidth: 0, collectionStyle: 'flow' })
    .trim()
    .replace(/^\{ (.*) \}$/s, '$1');
  return [`${indent}# ${setting.text}`, `${indent}${isComment ? '# ' : ''}${text}`];
}
