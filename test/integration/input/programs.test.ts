import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type Desk, desk } from '../../support/commandLine.ts';
import { filesOf, said } from '../../support/untouched.ts';

type Variables = Readonly<Record<string, string>>;

/** Makes a program of one line of shell, in a folder of its own beside the repository. */
async function program({ repo }: Desk, name: string, line: string): Promise<string> {
  const path = repo.beside(`programs/${name}`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${line}\n`);
  await chmod(path, 0o755);
  return path;
}

/** A PATH on which git is, and nothing else. */
async function onlyGit({ repo }: Desk): Promise<string> {
  const folder = repo.beside('only git');
  await mkdir(folder);
  const found = (await repo.git(['--exec-path'])).trim();
  await symlink(join(found, 'git'), join(folder, 'git'));
  return folder;
}

const withClaude: readonly (readonly [string, (place: Desk) => Promise<Variables>, message: readonly string[]])[] = [
  [
    'no claude anywhere',
    async (place) => ({ SWARM_CLAUDE: '', PATH: await onlyGit(place) }),
    [
      'swarm: Claude Code was not found on the PATH or in the usual places',
      'Install it from https://claude.com/claude-code, or name it with the setting claude.path. `swarm setup` tells whether all is well then.',
    ],
  ],
  [
    'a claude that was named and is not there',
    async () => ({ SWARM_CLAUDE: '/nowhere/claude' }),
    [
      'swarm: $SWARM_CLAUDE names /nowhere/claude, and that is not a program that can be run',
      'Give the absolute path of the `claude` program. `swarm setup` tells whether all is well then.',
    ],
  ],
  [
    'a claude that is too old',
    async (place) => ({ SWARM_CLAUDE: await program(place, 'claude', 'echo "2.1.196 (Claude Code)"') }),
    [
      'swarm: …/programs/claude is Claude Code 2.1.196; Swarm needs 2.1.197 or newer',
      'Run `claude update`. `swarm setup` tells whether all is well then.',
    ],
  ],
  [
    'a program that is no Claude Code',
    async (place) => ({ SWARM_CLAUDE: await program(place, 'claude', 'echo hello') }),
    [
      'swarm: …/programs/claude does not say its version like Claude Code does',
      'Run it by hand with --version, or name another one with the setting claude.path. `swarm setup` tells whether all is well then.',
    ],
  ],
];

test.each(withClaude)('%s stops run and up before anything is queued', async (_, arrange, message) => {
  await using place = await desk();
  const env = await arrange(place);
  const before = await filesOf(place);
  for (const args of [['run', 'Write tea.txt'], ['up']]) {
    const answer = await place.swarm(args, { env });
    expect([args, answer.code, said(place, answer.stderr)]).toEqual([args, 1, message]);
  }
  const { code, json } = await place.json(['doctor'], { env });
  const broken = (json as { checks: { name: string; state: string }[] }).checks.filter(
    ({ state }) => state === 'broken',
  );
  expect([
    await filesOf(place),
    (await place.json(['task', 'list'])).json,
    code,
    broken.map(({ name }) => name),
  ]).toEqual([before, { tasks: [] }, 1, ['claude']]);
});

test('a repository that is not trusted starts nothing: neither a session nor what it brings along', async () => {
  await using place = await desk({
    trusted: false,
    files: { '.mcp.json': '{"mcpServers":{"a":{"command":"touch"}}}' },
  });
  const before = await filesOf(place);
  const answer = await place.swarm(['run', 'Write tea.txt']);
  expect([answer.code, said(place, answer.stderr), await filesOf(place)]).toEqual([
    1,
    [
      'swarm: Claude Code was not told yet to trust …/my répo.',
      'Run `swarm setup` in a terminal: it opens Claude Code once, so that you can sign in and trust the repository.',
    ],
    before,
  ]);
});

test('servers that nobody has decided on stop no session without a terminal, and the doctor tells of them', async () => {
  const session = { prompt: 'Write tea.txt', files: { 'tea.txt': 'assam\n' }, commit: 'Add tea' };
  const files = { '.mcp.json': '{"mcpServers":{"notes":{"command":"false"}}}' };
  await using place = await desk({ files, sessions: [session] });
  const { code, json } = await place.json(['doctor']);
  const { checks } = json as { checks: { name: string }[] };
  expect([code, checks.find(({ name }) => name === 'claude')]).toEqual([
    0,
    {
      name: 'claude',
      state: 'warning',
      text: 'Claude Code was not told yet whether to use what .mcp.json brings along: “notes”. Sessions in terminals will ask; those without one can start.',
      fix: 'Run `swarm setup`.',
    },
  ]);
  expect(await place.json(['setup'])).toMatchObject({ code: 0, json: { claude: 'undecided_servers', ready: true } });
  expect((await place.swarm(['run', 'Write tea.txt'])).code).toBe(0);
});

const withGit: readonly (readonly [string, (place: Desk) => Promise<Variables>, message: readonly string[]])[] = [
  [
    'no git',
    async (place) => ({ PATH: dirname(await program(place, 'other', 'true')) }),
    ['swarm: git was not found', 'Install git 2.39 or newer and make sure it is on the PATH.'],
  ],
  [
    'a git that is too old',
    async (place) => {
      const folder = dirname(await program(place, 'git', 'echo git version 2.38.9'));
      return { PATH: `${folder}:${process.env.PATH}` };
    },
    ['swarm: git version 2.38.9 is too old', 'Install git 2.39 or newer.'],
  ],
];

test.each(withGit)('%s is said by every command that needs it, and by the doctor', async (_, arrange, message) => {
  await using place = await desk();
  const env = await arrange(place);
  const before = await filesOf(place);
  for (const args of [
    ['run', 'Write tea.txt'],
    ['task', 'add', 'x'],
    ['up'],
    ['init'],
    ['merge'],
    ['review', 'list'],
  ]) {
    const answer = await place.swarm(args, { env });
    expect([args, answer.code, said(place, answer.stderr)]).toEqual([args, 1, message]);
  }
  const { code, json } = await place.json(['doctor'], { env });
  const { checks } = json as { checks: { name: string; state: string; text: string; fix: string }[] };
  const [what = '', fix] = message.map((line) => line.replace('swarm: ', ''));
  expect([await filesOf(place), code, checks.filter(({ name }) => name !== 'node')]).toEqual([
    before,
    1,
    ['git', 'repository'].map((name) => ({ name, state: 'broken', text: what, fix })),
  ]);
});
