import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAnsweredInTerminal } from '../../../src/claude/obstacle.ts';
import { settings } from '../../../src/core/settings.ts';
import { workerColor } from '../../../src/extension/model/workerColor.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (path: string) => readFile(join(root, path), 'utf8');

interface MenuItem {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}

interface Manifest {
  readonly icon: string;
  readonly activationEvents: readonly string[];
  readonly enabledApiProposals?: unknown;
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly category: string; readonly icon?: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly views: Readonly<Record<string, readonly { readonly id: string; readonly when?: string }[]>>;
    readonly colors: readonly { readonly id: string; readonly defaults: Readonly<Record<string, string>> }[];
    readonly viewsContainers: { readonly activitybar: readonly { readonly icon: string }[] };
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string; readonly when: string }[];
  };
}

/** The contrast of two colors as WCAG defines it. */
function contrast(one: string, other: string): number {
  const light = (hex: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, bright = 0] = [light(one), light(other)].toSorted((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

const manifest: Manifest = JSON.parse(await read('package.json'));
const texts: Readonly<Record<string, string>> = JSON.parse(await read('package.nls.json'));
const { commands, menus, views, viewsWelcome } = manifest.contributes;
const viewIds = Object.values(views).flatMap((list) => list.map((view) => view.id));

async function sources(): Promise<string> {
  const folder = join(root, 'src', 'extension');
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts'));
  return (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n');
}

/** Every text of the manifest that a person sees. */
function shownTexts(value: unknown, key = ''): readonly string[] {
  const shown =
    /^(title|shortTitle|displayName|category|name|contextualTitle|contents|(markdown)?(Enum)?Descriptions?|(markdown)?(Deprecation)?(Description|Message)|description|markdownDescription|markdownEnumDescriptions|enumDescriptions)$/;
  if (typeof value === 'string') return shown.test(key) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => shownTexts(item, key));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => shownTexts(item, name));
}

test('every text that a person sees stands in package.nls.json, and nothing else stands there', () => {
  const { contributes, capabilities } = manifest;
  const shown = shownTexts({ contributes, capabilities }).filter((text) => text !== 'Swarm');
  expect(shown.filter((text) => !/^%[\w.]+%$/.test(text))).toEqual([]);
  const used = new Set([...JSON.stringify(manifest).matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]));
  expect({
    missing: [...used].filter((key) => key && !(key in texts)),
    unused: Object.keys(texts).filter((key) => !used.has(key)),
  }).toEqual({
    missing: [],
    unused: [],
  });
});

test('the main command is found in the palette as the owner wrote it', () => {
  const fanOut = commands.find(({ command }) => command === 'swarm.fanOut');
  expect([fanOut?.category, texts['command.fanOut']]).toEqual(['Swarm', 'Fan out tasks']);
  expect(menus.commandPalette?.some(({ command }) => command === 'swarm.fanOut')).toBe(false);
});

test('the manifest and the code know the same commands', async () => {
  const registered = [...(await sources()).matchAll(/^ {2}'(swarm\.\w+)': \{/gm)].map((match) => match[1]);
  expect(registered.toSorted()).toEqual(commands.map(({ command }) => command).toSorted());
});

test('every command has the category and an icon, and every menu names a command that exists', () => {
  expect(commands.filter(({ category, icon }) => category !== 'Swarm' || !/^\$\([a-z-]+\)$/.test(icon ?? ''))).toEqual(
    [],
  );
  const known = new Set(commands.map(({ command }) => command));
  const named = Object.values(menus).flatMap((items) => items.map((item) => item.command));
  expect(named.filter((command) => !known.has(command))).toEqual([]);
});

test('no proposed menu and no proposed API is used', async () => {
  const stable =
    /^(commandPalette|editor\/title|editor\/title\/context|explorer\/context|view\/title|view\/item\/context|terminal\/context|terminal\/title\/context)$/;
  expect(manifest.enabledApiProposals).toBeUndefined();
  expect(Object.keys(menus).filter((menu) => !stable.test(menu))).toEqual([]);
  const proposed =
    /onDidWriteTerminalData|tabInputMultiDiff|TabInputTextMultiDiff|registerQuickDiffProvider|onDidChangeTerminalDimensions|registerChatSession|treeItemMarkdownLabel/;
  expect((await sources()).match(proposed)).toBeNull();
  expect(manifest.devDependencies['@types/vscode']?.split('.').slice(0, 2).join('.')).toBe(
    manifest.engines.vscode.slice(1).split('.').slice(0, 2).join('.'),
  );
});

test('every condition asks only for keys that somebody sets', async () => {
  const set = new Set([...(await sources()).matchAll(/'(swarm\.\w+)': [\w[]/g)].map((match) => match[1] ?? ''));
  const foreign = new Set([
    'view',
    'viewItem',
    'resource',
    'isWorkspaceTrusted',
    'in',
    'false',
    'ready',
    'explorerResourceIsRoot',
  ]);
  const conditions = [
    ...Object.values(menus).flatMap((items) => items.map((item) => item.when ?? '')),
    ...viewsWelcome.map((welcome) => welcome.when),
    ...Object.values(views).flatMap((list) => list.map((view) => view.when ?? '')),
  ];
  const asked = conditions.flatMap((when) =>
    when
      .replace(/\/[^/]*\//g, '')
      .split(/&&|\|\||==|=~|!|\(|\)|\s+/)
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  );
  const states = [
    'no_folder',
    'untrusted',
    'opening',
    'no_repository',
    'broken',
    'missing',
    'too_old',
    'never_started',
    'signed_out',
    'api_key',
    'undecided_servers',
  ];
  expect(
    asked.filter((word) => !set.has(word) && !foreign.has(word) && !viewIds.includes(word) && !states.includes(word)),
  ).toEqual([]);
});

test('a row has at most three inline actions, and what ends something stands in the last group', () => {
  const items = menus['view/item/context'] ?? [];
  const inline = items.filter(({ group }) => group?.startsWith('inline'));
  const perCondition = Map.groupBy(inline, ({ when }) => when);
  expect([...perCondition.values()].filter((group) => group.length > 3)).toEqual([]);
  const ending = items.filter(({ command }) => /reject|cancel|stop|restart/i.test(command));
  expect(ending.map(({ group }) => group?.split('@')[0])).toEqual(ending.map(() => '9_end'));
});

test('there is a welcome text for every state without tasks, and links in it lead to commands that exist', () => {
  const conditions = viewsWelcome.filter(({ view }) => view === 'swarm.tasks').map(({ when }) => when);
  // A repository that is broken says why in the view's message instead, which leaves no room for a welcome text.
  for (const state of ['no_folder', 'untrusted', 'opening', 'no_repository'])
    expect(conditions).toContain(`swarm.state == ${state}`);
  for (const state of Object.keys(isAnsweredInTerminal).filter((each) => each !== 'ready'))
    expect(conditions).toContain(`swarm.state == ready && swarm.claude == ${state}`);
  const links = Object.values(texts).flatMap((text) =>
    [...text.matchAll(/\(command:([\w.]+)/g)].map((match) => match[1] ?? ''),
  );
  const known = new Set(commands.map(({ command }) => command));
  expect(links.filter((link) => link.startsWith('swarm.') && !known.has(link))).toEqual([]);
});

test('settings that can start programs are not read from a folder that is not trusted', () => {
  const sensitive = Object.entries(settings).filter(([, setting]) => 'sensitive' in setting);
  expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toEqual(
    sensitive.map(([key]) => `swarm.${key}`),
  );
});

test('the colors of workers can be read on the side bars of VS Code’s own themes', () => {
  const grounds = { dark: '#1f1f1f', light: '#f3f3f3', highContrast: '#000000', highContrastLight: '#ffffff' };
  const { colors } = manifest.contributes;
  expect(colors.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((number) => workerColor(`worker ${number}`)));
  const ratios = colors.flatMap(({ id, defaults }) =>
    Object.entries(grounds).map(([kind, ground]) => ({ id, kind, ratio: contrast(defaults[kind] ?? '', ground) })),
  );
  expect(ratios.filter(({ ratio }) => !(ratio >= 4.5))).toEqual([]);
});

test('the icons exist: a PNG of 128 pixels or more, and a drawing for the activity bar', async () => {
  const png = await readFile(join(root, manifest.icon));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.readUInt32BE(16)).toBeGreaterThanOrEqual(128);
  const drawing = manifest.contributes.viewsContainers.activitybar[0]?.icon ?? '';
  expect((await stat(join(root, drawing))).size).toBeGreaterThan(0);
});

test('it starts after VS Code has, or when one of its own documents is shown', () => {
  expect(
    manifest.activationEvents.filter((event) => !/^(onStartupFinished|onFileSystem:swarm-\w+)$/.test(event)),
  ).toEqual([]);
});
