import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readiness } from '../../src/claude/readiness.ts';
import { type Sandbox, sandbox } from '../support/model/sandbox.ts';
import { openTerminal } from '../support/model/terminal.ts';
import { waitFor } from '../support/waitFor.ts';

const ask = (box: Sandbox, env: Readonly<Record<string, string>> = {}, keepApiKey = false) =>
  readiness({
    setting: box.home.binary,
    env: { ...box.home.env, ...env },
    keepApiKey,
    mode: 'interactive',
    root: box.repository,
  });

test('a person who has signed in and trusts the repository may begin', async () => {
  await using box = await sandbox();
  expect(await ask(box)).toEqual({
    state: 'ready',
    text: expect.stringMatching(/^Claude Code \d+\.\d+\.\d+ is ready\.$/),
  });
});

test('one who has not signed in may not, and an API key counts only where sessions may see it', async () => {
  await using box = await sandbox({ signedIn: false });
  const key = { ANTHROPIC_API_KEY: 'sk-ant-key' };
  const states = [
    await ask(box),
    await ask(box, key),
    await ask(box, key, true),
    await ask(box, { CLAUDE_CODE_OAUTH_TOKEN: 'token' }),
  ].map(({ state }) => state);
  expect(states).toEqual(['signed_out', 'signed_out', 'ready', 'ready']);
});

test('swarm setup leads whoever is not signed in straight to the question how', async () => {
  await using box = await sandbox({ signedIn: false });
  const cli = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
  await using terminal = await openTerminal({
    command: [process.execPath, cli, 'setup'],
    cwd: box.repository,
    env: { ...box.home.env, SWARM_CLAUDE: box.home.binary, SWARM_CONFIG_DIR: join(box.folder, 'swarm') },
    folder: box.folder,
  });
  await waitFor('the ways of signing in', () => terminal.printed().includes('Selectloginmethod'));
});

test.each<object>([
  { apiKeyHelper: 'echo key' },
  { env: { ANTHROPIC_API_KEY: 'key' } },
  { env: { ANTHROPIC_AUTH_TOKEN: 'token' } },
  { env: { CLAUDE_CODE_USE_BEDROCK: '1' } },
])('%j in Claude Code’s own settings is no account, unless the person wants it', async (settings) => {
  await using box = await sandbox({ signedIn: false });
  await writeFile(join(box.home.configFolder, 'settings.json'), JSON.stringify(settings));
  expect([(await ask(box)).state, (await ask(box, {}, true)).state]).toEqual(['signed_out', 'ready']);
});

test('an account that pays for each answer is refused, unless the person wants it', async () => {
  await using box = await sandbox({ signedIn: false });
  const config = join(box.home.configFolder, '.claude.json');
  await writeFile(
    config,
    JSON.stringify({ ...JSON.parse(await readFile(config, 'utf8')), primaryApiKey: 'sk-ant-key' }),
  );
  expect([await ask(box), (await ask(box, {}, true)).state]).toEqual([
    {
      state: 'api_key',
      text: expect.stringMatching(
        /^Claude Code \d+\.\d+\.\d+ is signed in with an API key, not a subscription, and claude\.keepApiKey is off\.$/,
      ),
      hint: expect.stringContaining('/login'),
    },
    'ready',
  ]);
});

test('a repository that is not trusted is named, and trust in a folder above it is enough', async () => {
  await using box = await sandbox({ trusted: false });
  const untrusted = await ask(box);
  const config = { hasCompletedOnboarding: true, projects: { [box.folder]: { hasTrustDialogAccepted: true } } };
  await writeFile(join(box.home.configFolder, '.claude.json'), JSON.stringify(config));
  expect([untrusted, (await ask(box)).state]).toEqual([
    {
      state: 'untrusted',
      text: `Claude Code was not told yet to trust ${box.repository}.`,
      hint: `Run \`claude\` once in ${box.repository} and say that you trust the folder.`,
    },
    'ready',
  ]);
});

test('a Claude Code that was never started must be, for the terminal only; and one that is not there is missed', async () => {
  await using box = await sandbox();
  await writeFile(
    join(box.home.configFolder, '.claude.json'),
    JSON.stringify({ projects: { [box.repository]: { hasTrustDialogAccepted: true } } }),
  );
  const question = { env: box.home.env, keepApiKey: false, root: box.repository };
  expect([
    (await ask(box)).state,
    (await readiness({ ...question, mode: 'print', setting: box.home.binary })).state,
    (await readiness({ ...question, mode: 'print', setting: '/gone' })).state,
  ]).toEqual(['never_started', 'ready', 'missing']);
});
