import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { decisionsIn, undecidedServers } from '../../src/claude/projectServers.ts';
import { readiness } from '../../src/claude/readiness.ts';
import { type Sandbox, sandbox } from '../support/model/sandbox.ts';
import { say, task } from '../support/model/script.ts';
import { openTerminal } from '../support/model/terminal.ts';
import { launchSession, sessionRequest } from '../support/session.ts';
import { waitFor } from '../support/waitFor.ts';

const anything = task(() => true).turns([say('Yes.')]);
/** Two that end at once; that they were started shows in the folder `started`. */
const servers = (folder: string) => ({
  mcpServers: Object.fromEntries(
    ['my notes', 'other'].map((name) => [name, { command: 'sh', args: ['-c', `: > '${join(folder, name)}'`] }]),
  ),
});

/** A sandbox whose repository brings two servers along, and a worktree of it beside the repository. */
async function withServers(): Promise<{ box: Sandbox; worktree: string; started: string }> {
  const box = await sandbox({ script: [anything] });
  const started = join(box.folder, 'started');
  await mkdir(started);
  await put(join(box.repository, '.mcp.json'), servers(started));
  await box.git('add', '.');
  await box.git('commit', '--quiet', '--message', 'servers');
  const worktree = join(box.folder, 'my repository.worktrees', 'one');
  await box.git('worktree', 'add', '--quiet', '-b', 'one', worktree);
  return { box, worktree, started };
}

async function put(file: string, content: object | string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
}

const ask = (box: Sandbox, mode: 'interactive' | 'print') =>
  readiness({ setting: box.home.binary, env: box.home.env, keepApiKey: false, mode, root: box.repository });

/** Opens Claude Code and says what comes first: its question about servers, or the prompt at the model. */
async function first(box: Sandbox, cwd: string, args: readonly string[] = []): Promise<'question' | 'prompt'> {
  await using terminal = await box.open({ args: [...args, '--', 'begin'], cwd });
  const before = box.model.conversations().length;
  return await waitFor('a question or the prompt', () => {
    if (/newMCPserver/i.test(terminal.printed())) return 'question';
    return box.model.conversations().length > before && 'prompt';
  });
}

const local = (root: string) => join(root, '.claude', 'settings.local.json');

test('servers that nobody has decided on are named before the first terminal opens, and stop only terminals', async () => {
  const { box } = await withServers();
  await using _ = box;
  expect([await ask(box, 'interactive'), (await ask(box, 'print')).state]).toEqual([
    {
      state: 'undecided_servers',
      text: 'Claude Code was not told yet whether to use what .mcp.json brings along: “my notes”, “other”.',
      hint: `Run \`claude\` once in ${box.repository} and decide about these MCP servers.`,
    },
    'ready',
  ]);
});

test('the answer given once in the main checkout is heard by us, and told to sessions in worktrees', async () => {
  const { box, worktree } = await withServers();
  await using _ = box;
  {
    await using terminal = await box.open({ args: ['--', 'begin'], cwd: box.repository });
    await waitFor('the question', () => /2newMCPservers/.test(terminal.printed()));
    // Again and again, since the dialog takes no key in its first moments.
    await waitFor('the answer to be kept', async () => {
      terminal.press('\r');
      return (await readFile(local(box.repository), 'utf8').catch(() => '')).includes('other');
    });
  }
  const decided = await decisionsIn(box.repository);
  const request = sessionRequest(box, { prompt: 'print', worktree });
  await using session = await launchSession(request, box.home.env, undefined, box.repository);
  await session.finished;
  const settings = join(request.logs, 'claude-settings.json');
  expect({
    ready: (await ask(box, 'interactive')).state,
    decided,
    worktree: await first(box, worktree),
    told: await first(box, worktree, ['--settings', settings]),
  }).toEqual({
    ready: 'ready',
    decided: {
      enabledMcpjsonServers: ['my notes', 'other'],
      disabledMcpjsonServers: [],
      enableAllProjectMcpServers: false,
    },
    // Claude Code itself would ask in every worktree.
    worktree: 'question',
    told: 'prompt',
  });
});

test('swarm setup has Claude Code ask, once, in its terminal', async () => {
  const { box } = await withServers();
  await using _ = box;
  await using terminal = await openTerminal({
    command: [process.execPath, fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url)), 'setup'],
    cwd: box.repository,
    env: { ...box.home.env, SWARM_CLAUDE: box.home.binary, SWARM_CONFIG_DIR: join(box.folder, 'config') },
    folder: box.folder,
  });
  await waitFor('the question', () => /2newMCPservers/.test(terminal.printed()));
  await waitFor('the answer to be kept', async () => {
    terminal.press('\r');
    return (await readFile(local(box.repository), 'utf8').catch(() => '')).includes('other');
  });
  await waitFor('Claude Code to be ready', () => terminal.printed().includes('forshortcuts'));
  await terminal.type('/exit');
  expect([await terminal.exit, terminal.printed()]).toEqual([
    0,
    expect.stringMatching(/readyClaudeCode\d+\.\d+\.\d+isready\.$/),
  ]);
});

test('a server that was refused in the main checkout is not started in a worktree, with or without a terminal', async () => {
  const { box, worktree, started } = await withServers();
  await using _ = box;
  await put(local(box.repository), { enabledMcpjsonServers: ['other'], disabledMcpjsonServers: ['my_notes'] });
  const request = sessionRequest(box, { prompt: 'print', worktree });
  await using session = await launchSession(request, box.home.env, undefined, box.repository);
  await session.finished;
  const [init = ''] = (await readFile(join(request.logs, 'events.jsonl'), 'utf8')).split('\n');
  const told = await first(box, worktree, ['--settings', join(request.logs, 'claude-settings.json')]);
  const names = (JSON.parse(init).mcp_servers as { name: string }[]).map(({ name }) => name);
  const wasStarted = (name: string) =>
    readFile(join(started, name))
      .then(() => true)
      .catch(() => false);
  expect([names, told, await wasStarted('my notes'), await wasStarted('other')]).toEqual([
    ['other', 'swarm'],
    'prompt',
    false,
    true,
  ]);
});

const command = { command: 'false' };
const asked = {
  stdio: { type: 'stdio', command: 'false', args: ['x'], env: { A: 'b' } },
  'unset-variable': { command: '$'.concat('{UNSET}') },
  http: { type: 'http', url: 'http://127.0.0.1:1/', headers: { A: 'b' } },
  sse: { type: 'sse', url: 'http://127.0.0.1:1/' },
  'ünï "q"': command,
};
const passedOver = {
  'no-command': { command: '' },
  'bad-arguments': { command: 'false', args: 'x' },
  'bad-environment': { command: 'false', env: { A: 1 } },
  'no-type': { url: 'http://127.0.0.1:1/' },
  'bad-headers': { type: 'http', url: 'http://127.0.0.1:1/', headers: { A: 1 } },
  'unknown-type': { type: 'telepathy', command: 'false' },
  nothing: null,
  'computer-use': command,
};

test('we see exactly the servers about which Claude Code asks', async () => {
  await using box = await sandbox({ script: [anything] });
  await put(join(box.repository, '.mcp.json'), { mcpServers: { ...passedOver, ...asked } });
  await using terminal = await box.open({ args: ['--', 'begin'], cwd: box.repository });
  const count = await waitFor('the question', () => /(\d+)newMCPservers/.exec(terminal.printed())?.[1]);
  const names = Object.keys(asked);
  await waitFor('the last name', () => terminal.printed().includes('ünï"q"'));
  expect([
    await undecidedServers(box.repository, box.home.env),
    Number(count),
    names.filter((name) => terminal.printed().includes(name.replace(' ', ''))),
  ]).toEqual([names, names.length, names]);
});

/** Where a decision may lie, what it says, and what comes first then. */
const places: readonly (readonly [string, (box: Sandbox) => string, object | string])[] = [
  [
    'the person’s own settings',
    (box) => join(box.home.configFolder, 'settings.json'),
    { enableAllProjectMcpServers: true },
  ],
  [
    'the repository’s settings',
    (box) => join(box.repository, '.claude/settings.json'),
    { disabledMcpjsonServers: ['a b'] },
  ],
  ['another spelling of the name', (box) => local(box.repository), { enabledMcpjsonServers: ['a.b'] }],
  ['another name', (box) => local(box.repository), { enabledMcpjsonServers: ['a-b', 'A b'] }],
  ['a file of another kind', (box) => local(box.repository), { permissions: { allow: [] } }],
];

test.each(places)('we read decisions where Claude Code reads them: %s', async (_, place, content) => {
  await using box = await sandbox({ script: [anything] });
  await put(join(box.repository, '.mcp.json'), { mcpServers: { 'a b': command } });
  await put(place(box), content);
  const ours = (await undecidedServers(box.repository, box.home.env)).length > 0 ? 'question' : 'prompt';
  expect(await first(box, box.repository)).toBe(ours);
});

test('servers of a folder above the repository count, and broken files hold neither servers nor decisions', async () => {
  await using box = await sandbox({ script: [anything] });
  await put(join(box.repository, '.mcp.json'), '{ nonsense');
  const broken = [await undecidedServers(box.repository, box.home.env), await first(box, box.repository)];
  await put(join(box.folder, '.mcp.json'), { mcpServers: { above: command } });
  const above = [await undecidedServers(box.repository, box.home.env), await first(box, box.repository)];
  await put(local(box.repository), '{"enabledMcpjsonServers": ["above", 5]}');
  expect([broken, above, await undecidedServers(box.repository, box.home.env)]).toEqual([
    [[], 'prompt'],
    [['above'], 'question'],
    ['above'],
  ]);
});
