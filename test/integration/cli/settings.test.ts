import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingKeys } from '../../../src/core/settings.ts';
import { desk } from '../../support/commandLine.ts';

test('config shows what holds and where it comes from, and changes files without losing a comment', async () => {
  await using place = await desk();
  const file = join(place.repo.path, 'swarm.yaml');
  await writeFile(file, '# Ours.\nworkers:\n  max: 3 # not more\n');
  expect((await place.json(['config', 'workers.max'])).json).toEqual({
    key: 'workers.max',
    value: 3,
    source: 'swarm.yaml',
    ignored: null,
  });
  expect(await place.json(['config', '--global', 'workers.max', '7'])).toMatchObject({
    code: 0,
    json: { value: 7, source: 'user' },
  });
  expect((await place.swarm(['config', 'workers.max'])).stdout).toBe('7\n');
  expect(await place.json(['config', 'claude.allowedCommands', '[npm test, make]'])).toMatchObject({ code: 0 });
  expect(await place.json(['config', 'workers.max', '4'])).toMatchObject({ code: 0 });
  expect(await readFile(file, 'utf8')).toBe(
    '# Ours.\nworkers:\n  max: 4 # not more\nclaude:\n  allowedCommands:\n    - npm test\n    - make\n',
  );
  const { json } = await place.json(['config', '--list']);
  const { settings } = json as { settings: { key: string; value: unknown; source: string }[] };
  expect(settings.map(({ key }) => key)).toEqual(settingKeys);
  expect(
    settings.filter(({ source }) => source !== 'default').map(({ key, value, source }) => [key, value, source]),
  ).toEqual([
    ['workers.max', 7, 'user'],
    ['claude.allowedCommands', ['npm test', 'make'], 'swarm.yaml'],
  ]);
  expect(await place.json(['config', '--global', 'claude.model'])).toEqual({
    code: 1,
    json: { key: 'claude.model', value: null, source: null },
  });
});

test('bad values and bad files are refused, and the file stays as it is', async () => {
  await using place = await desk();
  const file = join(place.repo.path, 'swarm.yaml');
  for (const [key = '', value = '', message] of [
    ['workers.max', 'many', /whole number from 1 to 64/],
    ['tasks.commitLeftovers', 'perhaps', /true or false/],
    ['tasks.startAfter', 'noon', /one of merged, in_review/],
    ['claude.mcpServers', '[1', /not YAML/],
    ['claims.modes', '{"*.md": "shared"}', /a map to exclusive, shared-append, warn, off/],
  ] as const) {
    expect(await place.json(['config', key, value])).toMatchObject({
      code: 2,
      json: { error: { message: expect.stringMatching(message) } },
    });
  }
  await writeFile(file, 'workers:\n  many: 3\n');
  for (const args of [
    ['config', 'workers.max'],
    ['config', 'workers.max', '3'],
    ['run', 'x'],
  ]) {
    expect(await place.json(args)).toMatchObject({
      code: 2,
      json: { error: { message: expect.stringContaining('there is no setting “workers.many”') } },
    });
  }
  expect(await readFile(file, 'utf8')).toBe('workers:\n  many: 3\n');
});

test('what may start programs counts only in a trusted repository; setup --trust says so without a terminal', async () => {
  await using place = await desk({ trusted: false });
  await writeFile(join(place.repo.path, 'swarm.yaml'), 'check:\n  command: make it so\n');
  const value = async () => (await place.json(['config', 'check.command'])).json;
  expect(await value()).toEqual({ key: 'check.command', value: '', source: 'default', ignored: 'swarm.yaml' });
  expect(await place.json(['setup'])).toMatchObject({
    code: 1,
    json: { error: { code: 'no_terminal', hint: expect.stringContaining('--trust') } },
  });
  expect(await place.json(['setup', '--trust'])).toMatchObject({
    code: 0,
    json: { claude: 'untrusted', trusted: true, ready: true },
  });
  expect(await value()).toMatchObject({ value: 'make it so', source: 'swarm.yaml', ignored: null });
  expect(JSON.parse(await readFile(join(place.home, 'swarm/trusted.json'), 'utf8'))).toEqual({
    folders: [place.repo.path],
  });
});

test('init writes a file that means nothing but the check it has found, once', async () => {
  await using place = await desk({ files: { 'package.json': '{"scripts":{"test":"vitest"}}' } });
  const file = join(place.repo.path, 'swarm.yaml');
  const { code, json } = await place.json(['init', '--dry-run']);
  expect([code, json]).toEqual([
    0,
    {
      file,
      written: false,
      check: 'npm test',
      target: 'main',
      content: expect.stringContaining('\n  command: npm test\n'),
    },
  ]);
  expect(await readFile(file, 'utf8').catch(() => 'not there')).toBe('not there');
  expect(await place.json(['init'])).toMatchObject({ code: 0, json: { written: true } });
  expect(await readFile(file, 'utf8')).toBe((json as { content: string }).content);
  const { settings } = (await place.json(['config', '--list'])).json as { settings: { key: string; source: string }[] };
  expect(settings.filter(({ source }) => source !== 'default').map(({ key }) => key)).toEqual(['check.command']);
  await writeFile(file, '# mine\n');
  expect(await place.json(['init'])).toMatchObject({ code: 1, json: { error: { code: 'exists' } } });
  expect(await readFile(file, 'utf8')).toBe('# mine\n');
});

test('doctor finds what is broken and says what to do about it', async () => {
  await using well = await desk();
  const { code, json } = await well.json(['doctor']);
  const { checks } = json as { checks: { name: string; state: string; fix: string | null }[] };
  expect([code, checks.map(({ name, state }) => [name, state])]).toEqual([
    0,
    ['node', 'git', 'repository', 'settings', 'store', 'worktrees', 'disk', 'claude'].map((name) => [name, 'ok']),
  ]);
  await using ill = await desk({ signedIn: false });
  await writeFile(join(ill.repo.path, '.git/swarm'), 'a file where a folder should be');
  const { code: illCode, json: found } = await ill.json(['doctor']);
  expect([illCode, found]).toMatchObject([
    1,
    { checks: expect.arrayContaining([expect.objectContaining({ name: 'store', state: 'broken' })]) },
  ]);
});

test('doctor says that the branch which is checked out is behind', async () => {
  await using place = await desk();
  await place.repo.commit({ 'b.txt': 'two' });
  await place.repo.git(['branch', 'ahead']);
  await place.repo.git(['reset', '--quiet', '--hard', 'HEAD^']);
  await place.repo.git(['branch', '--set-upstream-to', 'ahead']);
  const { json } = await place.json(['doctor']);
  expect((json as { checks: object[] }).checks).toContainEqual({
    name: 'repository',
    state: 'warning',
    text: 'main is 1 behind ahead, as last fetched.',
    fix: 'Start from a clean, current branch if that matters.',
  });
});

test('a store on a network file system is refused by whatever would write there, and by doctor', async () => {
  await using place = await desk();
  // No such file system can be had in a test; so the system's answer is what is made up.
  const answer = `import fs from 'node:fs/promises';
    import { syncBuiltinESMExports } from 'node:module';
    const { statfs } = fs;
    fs.statfs = async (path) => Object.assign(await statfs(path), { type: 0x6969 });
    syncBuiltinESMExports();`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(answer)}` };
  const store = join(place.repo.path, '.git/swarm/store.db');
  const message = `${store} is on NFS; SQLite needs a local disk`;
  const hint = 'Move the repository to a local disk, or name a file on one with --store or $SWARM_STORE.';
  for (const args of [['run', 'Write tea.txt'], ['up'], ['task', 'add', 'Write tea.txt']]) {
    expect(await place.json(args, { env })).toEqual({
      code: 1,
      json: { error: { code: 'store_place', message, hint } },
    });
  }
  const { code, json } = await place.json(['doctor'], { env });
  expect([code, (json as { checks: object[] }).checks]).toEqual([
    1,
    expect.arrayContaining([{ name: 'store', state: 'broken', text: message, fix: hint }]),
  ]);
  await expect(access(store)).rejects.toThrow('ENOENT');
});
