import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseSettings } from '../../../src/bridge/settingsFiles.ts';
import { detectCheck } from '../../../src/cli/detectCheck.ts';
import { parseValue, withValue } from '../../../src/cli/editSettings.ts';
import { settingsTemplate } from '../../../src/cli/settingsTemplate.ts';
import { defaultSettings } from '../../../src/core/settings.ts';

test('a value is changed where it stands, with every comment kept', () => {
  expect(withValue('# a\nworkers:\n  # b\n  max: 3 # c\n\n# d\n', 'workers.max', 4)).toBe(
    '# a\nworkers:\n  # b\n  max: 4 # c\n\n# d\n',
  );
  expect(withValue('workers.max: 3 # flat\n', 'workers.max', 4)).toBe('workers.max: 4 # flat\n');
  expect(withValue('', 'check.command', 'npm test')).toBe('check:\n  command: npm test\n');
  expect(withValue('workers:\n', 'workers.max', 4)).toBe('workers:\n  max: 4\n');
  expect(withValue('check: { timeoutSeconds: 5 }\n', 'check.command', 'make')).toBe(
    'check: { timeoutSeconds: 5, command: make }\n',
  );
  expect(withValue('claude:\n  addDirs: [/a]\n', 'claude.addDirs', ['/b', '/c'])).toBe(
    'claude:\n  addDirs:\n    - /b\n    - /c\n',
  );
});

test('values are read as a person types them', () => {
  expect([
    parseValue('workers.max', '7'),
    parseValue('tasks.commitLeftovers', 'false'),
    parseValue('check.command', 'true && [ -f x ]'),
    parseValue('claude.allowedCommands', 'npm test, please'),
    parseValue('claude.allowedCommands', '[npm test, make]'),
    parseValue('claude.allowedCommands', ''),
    parseValue('claude.mcpServers', '{ db: { command: psql } }'),
  ]).toEqual([
    7,
    false,
    'true && [ -f x ]',
    ['npm test, please'],
    ['npm test', 'make'],
    [],
    { db: { command: 'psql' } },
  ]);
});

test.each([
  ['workers.max', '1.5'],
  ['workers.max', '65'],
  ['tasks.commitLeftovers', 'yes'],
  ['tasks.startAfter', 'later'],
  ['claude.mcpServers', '[1]'],
  ['claude.allowedCommands', '[1, 2]'],
] as const)('%s does not take “%s”', (key, text) => {
  expect(() => parseValue(key, text)).toThrow(key);
});

test('the template means nothing but the check that was found, and every default when its comments are taken away', () => {
  const text = settingsTemplate({ check: 'npm test', branch: 'main' });
  expect(parseSettings(text, 'swarm.yaml')).toEqual({ 'check.command': 'npm test' });
  const plain = settingsTemplate({ check: undefined, branch: undefined });
  expect(parse(plain)).toBeNull();
  const uncommented = plain
    .split('\n')
    .slice(3)
    .map((line) => line.replace(/^# /, '').replace(/^#(?= )/, ''))
    .join('\n');
  expect(parseSettings(uncommented, 'swarm.yaml')).toEqual(defaultSettings);
});

const check = (files: Readonly<Record<string, string>>) => detectCheck(async (name) => files[name]);

test.each([
  [{ 'package.json': '{"scripts":{"test":"vitest"}}' }, 'npm test'],
  [{ 'package.json': '{"scripts":{"test":"vitest"}}', 'pnpm-lock.yaml': '' }, 'pnpm test'],
  [{ 'package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' }, undefined],
  [{ 'package.json': 'broken', 'Cargo.toml': '' }, 'cargo test'],
  [{ 'go.mod': '' }, 'go test ./...'],
  [{ Makefile: 'all:\n\ntest: all\n' }, 'make test'],
  [{ Makefile: 'check:\ntest:\n' }, 'make check'],
  [{ Makefile: 'test := 1\n', 'pyproject.toml': '', 'uv.lock': '' }, 'uv run pytest'],
  [{ 'pyproject.toml': '' }, 'python -m pytest'],
  [{}, undefined],
])('a repository with %o is checked by %s', async (files, command) => {
  expect(await check(files as Readonly<Record<string, string>>)).toBe(command);
});
