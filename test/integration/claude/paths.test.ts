import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepsHookList } from '../../../src/claude/hookAllowList.ts';
import { givePrompt } from '../../../src/claude/prompt.ts';
import { resolvePath } from '../../../src/claude/resolvePath.ts';
import { tempFolder } from '../../support/tempFolder.ts';

test('a path leads where its links lead, existing or not', async () => {
  await using folder = await tempFolder();
  const at = (...parts: readonly string[]) => join(folder.path, ...parts);
  await mkdir(at('real', 'deep'), { recursive: true });
  await writeFile(at('real', 'file'), '');
  await symlink('real', at('link'));
  await symlink(at('real', 'deep', '..', 'not yet'), at('dangling'));
  await symlink('link/deep', at('chain'));
  await symlink('dangling', at('second'));
  await symlink('circle', at('circle'));
  const asked = [
    'real/file',
    'link/file',
    'link/new/x',
    'dangling',
    'second',
    'second/x',
    'chain/x',
    'real/../link/x',
    'circle',
    'circle/x',
  ];
  expect(asked.map((path) => resolvePath(`${folder.path}/${path}`).replace(folder.path, ''))).toEqual(
    ['/real/file', '/real/file', '/real/new/x', '/real/not yet', '/real/not yet', '/real/not yet/x'].concat([
      '/real/deep/x',
      '/real/x',
      '/',
      '/x',
    ]),
  );
});

test('a prompt is given as it is, and a longer one in a private file', async () => {
  await using folder = await tempFolder();
  const long = 'ä'.repeat(60_000);
  const { text, file = '' } = await givePrompt(long, 'interactive', folder.path);
  expect({
    same: (await readFile(file, 'utf8')) === long,
    mode: ((await stat(file)).mode & 0o777).toString(8),
    named: text.includes(file),
    short: text.length < 500,
    print: (await givePrompt(long, 'print', folder.path)).text === long,
    odd: await Promise.all(
      ['/x y', ' /x', '-x', 'exit', ' :q! \n', 'exit now', 'a\0b'].map((prompt) =>
        givePrompt(prompt, 'interactive', '/'),
      ),
    ),
    zero: await givePrompt('a\0b', 'print', '/'),
  }).toEqual({
    same: true,
    mode: '600',
    named: true,
    short: true,
    print: true,
    odd: [' /x y', ' /x', '-x', 'exit.', ':q!.', 'exit now', 'ab'].map((given) => ({ text: given })),
    zero: { text: 'a\0b' },
  });
  await expect(givePrompt(' \n\t', 'print', folder.path)).rejects.toMatchObject({ code: 'prompt_empty' });
});

test('a list of hook addresses is found in each of the settings that may hold one', async () => {
  await using folder = await tempFolder();
  const config = join(folder.path, 'config');
  const repository = join(folder.path, 'repository');
  await mkdir(join(repository, '.claude'), { recursive: true });
  await mkdir(config);
  const env = { CLAUDE_CONFIG_DIR: config };
  const found: boolean[] = [await keepsHookList(repository, env)];
  for (const file of [join(config, 'settings.json'), join(repository, '.claude', 'settings.local.json')]) {
    await writeFile(file, '{"allowedHttpHookUrls":');
    found.push(await keepsHookList(repository, env));
    await writeFile(file, '{"allowedHttpHookUrls":[]}');
    found.push(await keepsHookList(repository, env));
    await writeFile(file, '{}');
  }
  expect(found).toEqual([false, false, true, false, true]);
});

test.skipIf(process.platform === 'win32')(
  'a backslash belongs to a name, so that no sibling passes for a child',
  async () => {
    await using folder = await tempFolder();
    expect(resolvePath(`${folder.path}/task\\x/file`)).toBe(`${folder.path}/task\\x/file`);
  },
);
