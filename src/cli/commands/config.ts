import { UsageError } from '../../base/errors.ts';
import { userFolder } from '../../bridge/places.ts';
import { repoSettingsFile, settingsSources, userSettingsFile } from '../../bridge/settingsFiles.ts';
import type { SettingKey } from '../../core/settings.ts';
import { settingKeys, settings } from '../../core/settings.ts';
import { openRepo } from '../../git/open.ts';
import { editSettings, parseValue } from '../editSettings.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import { requirePersonAnywhere } from '../person.ts';
import type { Define } from '../registry.ts';
import { isTrusted } from '../trust.ts';

interface ConfigOptions {
  readonly global?: true;
  readonly list?: true;
}

/** `swarm config`. */
export const defineConfig: Define = (command, on) => {
  command
    .argument('[key]', 'the setting to show, or to change when a value follows')
    .argument('[value]', 'its new value; lists and maps as in YAML: `[npm test, make]`')
    .option('--global', 'your own file for all repositories instead of this repository’s swarm.yaml')
    .option('--list', 'show all settings (as without a key)')
    .action(on(config));
};

async function config(
  invocation: Invocation,
  key: string | undefined,
  value: string | undefined,
  { global, list }: ConfigOptions,
): Promise<ExitCode> {
  if (key !== undefined && list) throw new UsageError('--list shows all settings, so no key goes with it');
  if (key !== undefined && !isKey(key)) {
    throw new UsageError(`there is no setting “${key}”`, { hint: '`swarm config --list` shows them all.' });
  }
  if (key === undefined) return showAll(invocation, await heldSettings(invocation, global === true));
  if (value === undefined) return showOne(invocation, await heldSettings(invocation, global === true), key);
  const parsed = parseValue(key, value);
  const { root } = global ? { root: undefined } : await openRepo(process.cwd());
  await requirePersonAnywhere(invocation);
  const file = root === undefined ? userSettingsFile(userFolder(invocation.env)) : repoSettingsFile(root);
  await editSettings(file, key, parsed);
  if (invocation.output.json)
    invocation.output.document({ key, value: parsed, source: global ? 'user' : 'swarm.yaml', file });
  else invocation.output.line(`${key}: ${text(parsed)}`);
  return exitCodes.done;
}

/** A value that holds, and where it comes from. */
interface Held {
  readonly key: SettingKey;
  readonly value: unknown;
  readonly source: string;
  /** A source that sets it and is not heeded, because the person does not trust the repository. */
  readonly ignored: string | null;
}

/** Every setting that holds; with `onlyOwn` those that the person's own file sets. */
async function heldSettings({ env }: Invocation, onlyOwn: boolean): Promise<readonly Held[]> {
  const root = onlyOwn ? undefined : (await openRepo(process.cwd())).root;
  const sources = await settingsSources({
    root: root ?? userFolder(env),
    userFolder: userFolder(env),
    trusted: root !== undefined && (await isTrusted(root, env)),
  });
  return settingKeys.flatMap((key) => {
    const heeded = sources
      .filter(({ name, values }) => values[key] !== undefined && (!onlyOwn || name === 'user'))
      .at(-1);
    if (onlyOwn && heeded === undefined) return [];
    return {
      key,
      value: heeded === undefined ? settings[key].default : heeded.values[key],
      source: heeded?.name ?? 'default',
      ignored: sources.find(({ ignored }) => ignored.includes(key))?.name ?? null,
    };
  });
}

function showAll({ output }: Invocation, held: readonly Held[]): ExitCode {
  if (output.json) {
    output.document({
      settings: held.map((each) => ({ ...each, default: settings[each.key].default, text: settings[each.key].text })),
    });
  } else {
    output.table(
      ['KEY', 'VALUE', 'SOURCE', 'MEANS'],
      held.map(({ key, value, source, ignored }) => [
        { text: key, style: source === 'default' ? 'dim' : 'bold' },
        text(value),
        ignored === null ? source : { text: `${source} (${ignored} is not trusted)`, style: 'yellow' },
        settings[key].text,
      ]),
    );
  }
  return exitCodes.done;
}

function showOne({ output }: Invocation, all: readonly Held[], key: SettingKey): ExitCode {
  const held = all.find((each) => each.key === key);
  if (held === undefined) {
    if (output.json) output.document({ key, value: null, source: null });
    return exitCodes.refused;
  }
  if (output.json) output.document(held);
  else {
    output.line(text(held.value));
    if (held.ignored !== null) {
      output.note(`${held.ignored} sets it, too, and is not heeded until you trust the repository: \`swarm setup\``);
    }
  }
  return exitCodes.done;
}

const isKey = (key: string): key is SettingKey => (settingKeys as readonly string[]).includes(key);

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
