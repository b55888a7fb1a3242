import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { editTools } from '../core/model/gate.ts';

const Settings = z.object({
  disableAllHooks: z.boolean().catch(false),
  allowManagedHooksOnly: z.boolean().catch(false),
  permissions: z.object({ allow: z.array(z.string()).catch([]) }).catch({ allow: [] }),
});

/** The files whose settings hold for a session besides its own; of the managed one the place differs by system. */
function settingsFiles(worktree: string, root: string, env: NodeJS.ProcessEnv) {
  const config = env.CLAUDE_CONFIG_DIR ?? join(env.HOME ?? homedir(), '.claude');
  const managed = {
    darwin: '/Library/Application Support/ClaudeCode',
    win32: 'C:\\Program Files\\ClaudeCode',
  }[process.platform as string];
  const files = [
    ['your settings for Claude Code', join(config, 'settings.json')],
    ['the repository’s .claude/settings.json', join(worktree, '.claude', 'settings.json')],
    ['.claude/settings.local.json', join(worktree, '.claude', 'settings.local.json')],
    // There newer versions keep what a person has allowed for good.
    ['.claude/settings.local.json', join(root, '.claude', 'settings.local.json')],
  ] as const;
  return { files, managed: join(managed ?? '/etc/claude-code', 'managed-settings.json') };
}

/** Where settings of Claude Code are looked for. */
export interface SettingsPlaces {
  readonly worktree: string;
  /** The main checkout. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Modes in which Claude Code itself lets edits through. */
const looseModes: readonly string[] = ['acceptEdits', 'auto', 'bypassPermissions'];

/**
 * Looks out for whatever else than the gate may let a session's edits through, so that they would be made even if the gate
 * could not be asked. Each reason is told once, in words.
 */
export class UnenforcedWatch {
  readonly #places: SettingsPlaces;
  readonly #tell: (reason: string) => void;
  readonly #told = new Set<string>();
  #mayBeNew = false;

  constructor(places: SettingsPlaces, tell: (reason: string) => void) {
    this.#places = places;
    this.#tell = tell;
  }

  /** Before it starts: the settings that hold for it, and what it is started with. */
  async look(mode: string, allowedTools: readonly string[]): Promise<void> {
    this.#hear(mode);
    this.#report(rulesText('the setting claude.allowedTools', allowedTools));
    this.#report(await settingsThatAllowEdits(this.#places));
  }

  /** While it runs: a person may change its mode, or allow something for good where it has asked. */
  async heard(event: string, mode: string): Promise<void> {
    this.#hear(mode);
    const look = this.#mayBeNew;
    this.#mayBeNew = event === 'PermissionRequest';
    if (look) this.#report(await settingsThatAllowEdits(this.#places));
  }

  #hear(mode: string): void {
    if (looseModes.includes(mode)) this.#report([`in the mode ${mode} Claude Code allows edits by itself`]);
  }

  #report(reasons: readonly string[]): void {
    for (const reason of reasons) {
      if (!this.#told.has(reason)) this.#tell(reason);
      this.#told.add(reason);
    }
  }
}

/** Rules that allow edits, or an administrator's word that hooks of ours are not asked. */
async function settingsThatAllowEdits({ worktree, root, env }: SettingsPlaces): Promise<readonly string[]> {
  const { files, managed } = settingsFiles(worktree, root, env);
  const all = await Promise.all(
    [['your organization’s settings', managed] as const, ...files].map(([, file]) => read(file)),
  );
  const [organization] = all;
  const silenced = (['disableAllHooks', 'allowManagedHooksOnly'] as const).filter((key) => organization?.[key]);
  return [
    ...silenced.map((key) => `your organization’s settings say ${key}, so the gate is not asked`),
    ...all.flatMap(({ permissions }, at) =>
      rulesText(files[at - 1]?.[0] ?? 'your organization’s settings', permissions.allow),
    ),
  ];
}

function rulesText(whose: string, rules: readonly string[]): readonly string[] {
  const edits = rules.filter((rule) => editTools.includes(/^\w+/.exec(rule.trim())?.[0] ?? ''));
  return edits.length === 0 ? [] : [`edits are allowed anyway by ${whose} (${edits.join(', ')})`];
}

async function read(file: string): Promise<z.infer<typeof Settings>> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  try {
    return Settings.parse(JSON.parse(text));
  } catch {
    return Settings.parse({});
  }
}
