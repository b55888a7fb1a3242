import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findClaude } from '../../../src/claude/binary.ts';
import { tempFolder } from '../../support/tempFolder.ts';

async function program(path: string, says: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho '${says}'\n`);
  await chmod(path, 0o755);
  return path;
}

test('the setting comes before the variable, that before the PATH, and that before the usual places', async () => {
  await using folder = await tempFolder();
  const at = (...parts: readonly string[]) => join(folder.path, ...parts);
  const [setting, variable, onPath, usual] = await Promise.all([
    program(at('set', 'claude'), '2.1.201 (Claude Code)'),
    program(at('var', 'claude'), '2.1.202 (Claude Code)'),
    program(at('path', 'claude'), '2.2.0 (Claude Code)'),
    program(at('.local', 'bin', 'claude'), '3.0.1 (Claude Code)'),
  ]);
  await writeFile(at('set', 'other'), 'not a program');
  const PATH = ['relative', at('empty'), at('path')].join(':');
  const env = { HOME: folder.path, PATH, SWARM_CLAUDE: variable };
  expect([
    await findClaude({ setting, env }),
    await findClaude({ setting: '', env }),
    await findClaude({ setting: '', env: { ...env, SWARM_CLAUDE: '' } }),
    await findClaude({ setting: '', env: { HOME: folder.path, PATH: at('empty') } }),
  ]).toEqual([
    { path: setting, version: '2.1.201' },
    { path: variable, version: '2.1.202' },
    { path: onPath, version: '2.2.0' },
    { path: usual, version: '3.0.1' },
  ]);
});

test('one that is named wrongly is an error, not a reason to take another', async () => {
  await using folder = await tempFolder();
  const found = await program(join(folder.path, 'claude'), '2.1.300 (Claude Code)');
  const other = await program(join(folder.path, 'other'), 'hello');
  const env = { HOME: folder.path, PATH: folder.path };
  const missing = { code: 'claude_missing' };
  await expect(findClaude({ setting: join(folder.path, 'gone'), env })).rejects.toMatchObject(missing);
  await expect(findClaude({ setting: 'claude', env })).rejects.toMatchObject(missing);
  await expect(findClaude({ setting: other, env })).rejects.toMatchObject(missing);
  await expect(findClaude({ setting: '', env: { ...env, SWARM_CLAUDE: '/gone' } })).rejects.toMatchObject(missing);
  await expect(findClaude({ setting: '', env: { HOME: '/gone', PATH: '' } })).rejects.toMatchObject(missing);
  expect(await findClaude({ setting: '', env })).toEqual({ path: found, version: '2.1.300' });
});

test('one that is too old is refused with a hint', async () => {
  await using folder = await tempFolder();
  const setting = await program(join(folder.path, 'claude'), '2.1.99 (Claude Code)');
  await expect(findClaude({ setting, env: {} })).rejects.toMatchObject({
    code: 'claude_too_old',
    hint: 'Run `claude update`.',
  });
});
