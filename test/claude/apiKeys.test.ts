import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Sandbox, sandbox } from '../support/model/sandbox.ts';
import { say, task } from '../support/model/script.ts';
import { openTerminal } from '../support/model/terminal.ts';
import { launchSession, sessionRequest } from '../support/session.ts';
import { waitFor } from '../support/waitFor.ts';

const answering = { script: [task(() => true).turns([say('Yes.')])] };
const subscription = ['Bearer scripted-access'];

const places = {
  person: ({ home }: Sandbox) => join(home.configFolder, 'settings.json'),
  repository: ({ repository }: Sandbox) => join(repository, '.claude', 'settings.json'),
  'checkout alone': ({ repository }: Sandbox) => join(repository, '.claude', 'settings.local.json'),
};

/** Each of them makes Claude Code pay otherwise, or ask somebody else. */
const ways: readonly (readonly [settings: object, place: keyof typeof places])[] = [
  [{ apiKeyHelper: 'echo key' }, 'person'],
  [{ apiKeyHelper: 'echo key' }, 'repository'],
  [{ env: { ANTHROPIC_API_KEY: 'key' } }, 'person'],
  [{ env: { ANTHROPIC_API_KEY: 'key' } }, 'checkout alone'],
  [{ env: { ANTHROPIC_AUTH_TOKEN: 'token' } }, 'repository'],
  [{ env: { CLAUDE_CODE_USE_ANTHROPIC_AWS: '1' } }, 'person'],
  [{ env: { CLAUDE_CODE_USE_BEDROCK: '1' } }, 'checkout alone'],
  [{ env: { CLAUDE_CODE_USE_FOUNDRY: '1' } }, 'repository'],
  [{ env: { CLAUDE_CODE_USE_MANTLE: '1' } }, 'person'],
  [{ env: { CLAUDE_CODE_USE_VERTEX: '1' } }, 'repository'],
];

async function given(box: Sandbox, settings: object, place: keyof typeof places): Promise<void> {
  const file = places[place](box);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(settings));
}

async function session(box: Sandbox, keepApiKey: boolean, env: Readonly<Record<string, string>> = {}) {
  const request = sessionRequest(box, { prompt: 'Ask.', settings: { 'claude.keepApiKey': keepApiKey } });
  await using launched = await launchSession(request, { ...box.home.env, CLAUDE_CODE_MAX_RETRIES: '0', ...env });
  await launched.finished;
  return box.model.credentials;
}

test.each(ways)('with %j in the settings of the %s a session runs on the subscription', async (settings, place) => {
  await using box = await sandbox(answering);
  await given(box, settings, place);
  expect(await session(box, false)).toEqual(subscription);
});

test('keys in the environment and in settings pay where the person wants it', async () => {
  await using box = await sandbox(answering);
  expect(await session(box, true, { ANTHROPIC_API_KEY: 'inherited' })).toEqual(['inherited']);
  await given(box, { apiKeyHelper: 'echo key' }, 'person');
  expect(await session(box, true)).toEqual(['inherited', 'key']);
});

test('with keys in the environment and in settings a session in a terminal runs on the subscription, unasked', async () => {
  await using box = await sandbox(answering);
  await given(box, { apiKeyHelper: 'echo key', env: { ANTHROPIC_API_KEY: 'key' } }, 'person');
  const plan = join(box.folder, 'plan.json');
  const notes = join(box.folder, 'notes.jsonl');
  const request = sessionRequest(box, { prompt: 'Ask.', mode: 'interactive' });
  await writeFile(plan, JSON.stringify({ request, notes }));
  await using terminal = await openTerminal({
    command: [process.execPath, fileURLToPath(new URL('../support/interactiveSession.ts', import.meta.url)), plan],
    cwd: box.folder,
    env: { ...box.home.env, ANTHROPIC_API_KEY: 'inherited', CLAUDE_CODE_USE_BEDROCK: '1' },
    folder: box.folder,
  });
  await waitFor('the question to the model', () => box.model.credentials.length > 0, 50_000);
  process.kill(terminal.pid, 'SIGTERM');
  await terminal.exit;
  expect(new Set(box.model.credentials)).toEqual(new Set(subscription));
});

test('swarm setup lets the person sign in where a key would do without', async () => {
  await using box = await sandbox({ signedIn: false });
  await given(box, { apiKeyHelper: 'echo key' }, 'person');
  await using terminal = await openTerminal({
    command: [process.execPath, fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url)), 'setup'],
    cwd: box.repository,
    env: { ...box.home.env, SWARM_CLAUDE: box.home.binary, SWARM_CONFIG_DIR: join(box.folder, 'config') },
    folder: box.folder,
  });
  await waitFor('Claude Code to be ready', () => terminal.printed().includes('forshortcuts'), 50_000);
  expect(terminal.printed()).toContain('Notloggedin');
});
