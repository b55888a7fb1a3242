import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { UnenforcedWatch } from '../../../src/claude/unenforced.ts';
import { tempFolder } from '../../support/tempFolder.ts';

/** A watch over a session with these settings files, given relative to its folder; `told` are the reasons. */
async function watched(files: Readonly<Record<string, unknown>>) {
  const folder = await tempFolder();
  const put = async (path: string, content: unknown) => {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  for (const [path, content] of Object.entries(files)) await put(path, content);
  const told: string[] = [];
  const env = { HOME: join(folder.path, 'home') };
  const places = { worktree: join(folder.path, 'work tree'), root: join(folder.path, 'main'), env };
  const watch = new UnenforcedWatch(places, (reason) => told.push(reason));
  return { watch, told, put, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

const allow = (...rules: unknown[]) => ({ permissions: { allow: rules } });

test.each([
  ['home/.claude/settings.json', 'your settings for Claude Code'],
  ['work tree/.claude/settings.json', 'the repository’s .claude/settings.json'],
  ['work tree/.claude/settings.local.json', '.claude/settings.local.json'],
  ['main/.claude/settings.local.json', '.claude/settings.local.json'],
])('rules that allow edits are told of %s', async (path, whose) => {
  await using given = await watched({ [path]: allow('Bash(ls)', 'Edit(src/**)', 'Write', 'EditNothing') });
  await given.watch.look('default', []);
  expect(given.told).toEqual([`edits are allowed anyway by ${whose} (Edit(src/**), Write)`]);
});

test.each([
  ['nothing', {}],
  ['rules for other tools', { 'home/.claude/settings.json': allow('Bash', 'Read(Edit)', 7) }],
  [
    'a mode that our own word overrules',
    { 'work tree/.claude/settings.json': { permissions: { defaultMode: 'acceptEdits' } } },
  ],
  ['hooks switched off, which our own word overrules', { 'home/.claude/settings.json': { disableAllHooks: true } }],
  ['no JSON', { 'home/.claude/settings.json': '{ "permissions": ' }],
  ['another shape', { 'home/.claude/settings.json': { permissions: [] }, 'work tree/.claude/settings.json': '7' }],
])('%s is no reason', async (_, files) => {
  await using given = await watched(files);
  await given.watch.look('default', ['WebFetch']);
  expect(given.told).toEqual([]);
});

test('so are the setting of ours, and a mode in which Claude Code allows edits, each told once', async () => {
  await using given = await watched({});
  await given.watch.look('bypassPermissions', ['Edit']);
  for (const mode of ['default', 'plan', 'acceptEdits', 'acceptEdits', 'dontAsk'])
    await given.watch.heard('PreToolUse', mode);
  expect(given.told).toEqual([
    'in the mode bypassPermissions Claude Code allows edits by itself',
    'edits are allowed anyway by the setting claude.allowedTools (Edit)',
    'in the mode acceptEdits Claude Code allows edits by itself',
  ]);
});

test('what a person allows for good while it runs is told with the next hook', async () => {
  await using given = await watched({});
  await given.watch.look('default', []);
  await given.watch.heard('PermissionRequest', 'default');
  await given.put('main/.claude/settings.local.json', allow('Write'));
  const before = [...given.told];
  await given.watch.heard('PostToolUse', 'default');
  expect([before, given.told]).toEqual([[], ['edits are allowed anyway by .claude/settings.local.json (Write)']]);
});
