import { claimModes } from './model/claim.ts';
import { permissionModes } from './model/session.ts';

interface Common {
  /** One sentence for people: VS Code's settings page, `swarm config`, the docs. */
  readonly text: string;
  /** May start programs or widen rights: read from the repository only where the person trusts it. */
  readonly sensitive?: true;
}

/** One setting: its type, default and bounds. */
export type Setting = Common &
  (
    | { readonly type: 'string'; readonly default: string }
    | { readonly type: 'boolean'; readonly default: boolean }
    | { readonly type: 'integer'; readonly default: number; readonly minimum: number; readonly maximum: number }
    | { readonly type: 'choice'; readonly default: string; readonly choices: readonly string[] }
    | { readonly type: 'strings'; readonly default: readonly string[] }
    | { readonly type: 'object'; readonly default: Readonly<Record<string, unknown>> }
    /** One of the choices for each of any names. */
    | {
        readonly type: 'choices';
        readonly default: Readonly<Record<string, string>>;
        readonly choices: readonly string[];
      }
  );

/**
 * Every setting there is. The manifest of the extension, `swarm.yaml`, the user's file, the flags that share a name and
 * the tables in the docs are made from this. Keys are dotted; in YAML the dots are levels.
 */
export const settings = {
  'workers.max': {
    type: 'integer',
    default: 5,
    minimum: 1,
    maximum: 64,
    text: 'How many workers may run at once in one repository, over all windows and command lines.',
  },
  'workers.leaseSeconds': {
    type: 'integer',
    default: 30,
    minimum: 5,
    maximum: 3600,
    text: 'How long a worker may be silent before its task is offered to another one; a worker whose process has died is replaced at once.',
  },
  'worktrees.folder': {
    type: 'string',
    default: '{repo}.worktrees',
    text: 'Where worktrees are made: `{repo}` is the path of the repository; a relative path starts at the repository.',
  },
  'worktrees.include': {
    type: 'strings',
    default: [],
    text: 'Ignored files to copy into each worktree, as in .gitignore, besides those that .worktreeinclude names.',
  },
  'branches.template': {
    type: 'string',
    default: 'swarm/{slug}-{id}',
    text: 'The name of a task’s branch: `{slug}` is made of its title, `{id}` is its id, `{batch}` that of its batch.',
  },
  'tasks.startAfter': {
    type: 'choice',
    default: 'merged',
    choices: ['merged', 'in_review'],
    text: 'When a dependency counts as met: once merged, or once in review (the dependent then starts from its head).',
  },
  'tasks.maxRounds': {
    type: 'integer',
    default: 3,
    minimum: 0,
    maximum: 20,
    text: 'How often a task goes back to its session by itself after a conflict or a red check before it waits for you.',
  },
  'tasks.commitLeftovers': {
    type: 'boolean',
    default: true,
    text: 'Commit what a session left uncommitted when it is finished; off: such a task fails and its files stay in the worktree.',
  },
  'claude.path': {
    type: 'string',
    default: '',
    sensitive: true,
    text: 'The `claude` program; empty: found by $SWARM_CLAUDE, the PATH and the usual places.',
  },
  'claude.model': {
    type: 'string',
    default: '',
    text: 'The model for sessions, as `claude --model` takes it; empty: Claude Code’s own choice.',
  },
  'claude.permissionMode': {
    type: 'choice',
    default: 'default',
    choices: permissionModes,
    sensitive: true,
    text: 'What sessions may do without asking. Edits inside the worktree are granted by Swarm in `default`, `acceptEdits` and `dontAsk`; `plan` edits nothing; `bypassPermissions` lets everything through.',
  },
  'claude.allowedCommands': {
    type: 'strings',
    default: [],
    sensitive: true,
    text: 'Commands that sessions may run without asking, each with any arguments: `npm test`. The check and common git commands are allowed already.',
  },
  'claude.allowedTools': {
    type: 'strings',
    default: [],
    sensitive: true,
    text: 'Permission rules to allow, in Claude Code’s own form: `WebFetch`, `Bash(make:*)`.',
  },
  'claude.disallowedTools': {
    type: 'strings',
    default: [],
    text: 'Permission rules to deny, in Claude Code’s own form. They win over every other rule.',
  },
  'claude.addDirs': {
    type: 'strings',
    default: [],
    sensitive: true,
    text: 'Folders outside the worktree that sessions may read and edit.',
  },
  'claude.mcpServers': {
    type: 'object',
    default: {},
    sensitive: true,
    text: 'MCP servers for sessions, by name, in the form of Claude Code’s --mcp-config, besides those that Claude Code finds by itself.',
  },
  'claude.keepApiKey': {
    type: 'boolean',
    default: false,
    sensitive: true,
    text: 'Let sessions use API keys and cloud providers, from the environment and from Claude Code’s own settings; off, they run on your subscription only.',
  },
  'claims.modes': {
    type: 'choices',
    default: {},
    choices: claimModes,
    text: 'How claims work on some files, by glob: `exclusive` (one task at a time, what holds for all others), `shared-append` (any number may add, nobody may change what is there), `warn` (the second one is told and may go on), `off`. The last glob that matches wins.',
  },
  'decorations.claims': {
    type: 'boolean',
    default: true,
    text: 'Mark claimed files in VS Code’s explorer and on its tabs with the number of the worker that holds them.',
  },
  'messages.tokenBudget': {
    type: 'integer',
    default: 1500,
    minimum: 100,
    maximum: 20_000,
    text: 'How many tokens of messages, decisions and news a session is told at most between two of its steps; the rest comes with the next ones.',
  },
  'commits.prefix': {
    type: 'string',
    default: '',
    text: 'What `swarm commit` puts before a message inside a session: `{worker}`, `{task}` and `{title}` are replaced; empty: nothing. Example: `[{worker}] `.',
  },
  'git.allowPush': {
    type: 'boolean',
    default: false,
    sensitive: true,
    text: 'Let sessions push their own branch with `swarm push`; off, nothing is pushed.',
  },
  'check.command': {
    type: 'string',
    default: '',
    sensitive: true,
    text: 'The command that must pass on the merged tree before anything lands: `npm test`. Empty: none.',
  },
  'check.timeoutSeconds': {
    type: 'integer',
    default: 1800,
    minimum: 1,
    maximum: 86_400,
    text: 'How long the check may take before it counts as failed.',
  },
  'snapshots.maxFileMegabytes': {
    type: 'integer',
    default: 50,
    minimum: 1,
    maximum: 10_000,
    text: 'Larger files are left out of snapshots, and named.',
  },
  'snapshots.retentionDays': {
    type: 'integer',
    default: 14,
    minimum: 1,
    maximum: 3650,
    text: 'How long the snapshots of a task that has ended are kept.',
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof settings;

type ValueOf<S> = S extends { type: 'choice'; choices: readonly (infer Choice)[] }
  ? Choice
  : S extends { type: 'string' }
    ? string
    : S extends { type: 'boolean' }
      ? boolean
      : S extends { type: 'integer' }
        ? number
        : S extends { type: 'strings' }
          ? readonly string[]
          : S extends { type: 'choices'; choices: readonly (infer Choice)[] }
            ? Readonly<Record<string, Choice>>
            : S extends { type: 'object' }
              ? Readonly<Record<string, unknown>>
              : never;

/** A value for every setting. */
export type Settings = { readonly [Key in SettingKey]: ValueOf<(typeof settings)[Key]> };
/** Some values, as one source gives them. */
export type PartialSettings = { readonly [Key in SettingKey]?: Settings[Key] };

export const settingKeys = Object.keys(settings) as readonly SettingKey[];

/** The settings when nobody sets any. */
export const defaultSettings: Settings = Object.fromEntries(
  settingKeys.map((key) => [key, settings[key].default]),
) as unknown as Settings;

/** Checks one value from outside; returns the problem in words, or undefined when it is good. */
export function problemWith(key: SettingKey, value: unknown): string | undefined {
  const setting: Setting = settings[key];
  switch (setting.type) {
    case 'string':
      return typeof value === 'string' ? undefined : `${key} must be text`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${key} must be true or false`;
    case 'integer':
      return Number.isInteger(value) && Number(value) >= setting.minimum && Number(value) <= setting.maximum
        ? undefined
        : `${key} must be a whole number from ${setting.minimum} to ${setting.maximum}`;
    case 'choice':
      return setting.choices.includes(value as string)
        ? undefined
        : `${key} must be one of ${setting.choices.join(', ')}`;
    case 'strings':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
        ? undefined
        : `${key} must be a list of texts`;
    case 'object':
      return isMap(value) ? undefined : `${key} must be a map`;
    case 'choices':
      return isMap(value) && Object.values(value).every((each) => setting.choices.includes(each as string))
        ? undefined
        : `${key} must be a map to ${setting.choices.join(', ')}`;
  }
}

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Lays sources over one another; later ones win. */
export function mergeSettings(...sources: readonly PartialSettings[]): Settings {
  return Object.assign({}, defaultSettings, ...sources) as Settings;
}
