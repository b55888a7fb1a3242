import { chmod, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { wordsOf } from '../../../src/cli/wantedText.ts';
import { desk } from '../../support/commandLine.ts';
import { openTerminal } from '../../support/model/terminal.ts';

test('what would be started is told: a session that changes no files and must ask before it queues anything', async () => {
  await using place = await desk();
  const { code, json } = await place.json(['start', '--dry-run', 'Serve tea;', '$(with milk)']);
  const { program, folder, text, arguments: args } = json as { arguments: string[] } & Record<string, string>;
  const after = (option: string) => args[args.indexOf(option) + 1] ?? '';
  const listed = (option: string) => {
    const rest = args.slice(args.indexOf(option) + 1);
    return rest.slice(
      0,
      rest.findIndex((each) => each.startsWith('--')),
    );
  };
  const plugin = JSON.parse(await readFile(join(after('--plugin-dir'), '.claude-plugin', 'plugin.json'), 'utf8'));
  const { mcpServers } = JSON.parse(after('--mcp-config'));
  expect({
    code,
    program,
    folder,
    text,
    last: args.slice(-2),
    plugin: plugin.name,
    server: mcpServers.swarm.args,
  }).toEqual({
    code: 0,
    program: place.claude.path,
    folder: place.repo.path,
    text: 'Serve tea; $(with milk)',
    last: ['--', '/swarm:coordinate Serve tea; $(with milk)'],
    plugin: 'swarm',
    server: expect.arrayContaining(['mcp', '--coordinator', '-C', place.repo.path]),
  });
  expect(listed('--disallowedTools')).toEqual(['Edit', 'Write', 'NotebookEdit', 'Bash(swarm:*)']);
  expect(listed('--allowedTools')).toContain('mcp__swarm__tasks');
  expect(listed('--allowedTools')).not.toContain('mcp__swarm__fan_out');
});

test('what is wanted comes from arguments, a file, stdin or an editor, and is something', async () => {
  await using place = await desk();
  const file = join(place.home, 'the plan.md');
  await writeFile(file, 'From a file.\n');
  const wanted = async (args: readonly string[], input?: string) => {
    const { code, json } = await place.json(['start', '--dry-run', ...args], input === undefined ? {} : { input });
    return code === 0 ? (json as { text: string }).text : code;
  };
  expect([
    await wanted(['--file', file]),
    await wanted(['-'], ' From stdin. '),
    await wanted([], 'From a pipe.'),
    await wanted([], '  '),
    await wanted(['--file', file, 'and words']),
    await wanted(['--file', `${file}.gone`]),
  ]).toEqual(['From a file.', 'From stdin.', 'From a pipe.', 2, 2, 2]);
});

test('it is a conversation in a terminal', async () => {
  await using place = await desk();
  const { code, json } = await place.json(['start', 'x']);
  const { code: plain, stderr } = await place.swarm(['start', 'x']);
  expect([code, json, plain, stderr]).toEqual([
    2,
    { error: { code: 'usage', message: 'this is a conversation in a terminal; --json goes with --dry-run' } },
    2,
    'swarm: this is a conversation and needs a terminal\n',
  ]);
});

test('an editor may be named with arguments and blanks', () => {
  expect([wordsOf('vi'), wordsOf('code --wait'), wordsOf(`"/opt/my editor/ed" -n 'a b'`)]).toEqual([
    ['vi'],
    ['code', '--wait'],
    ['/opt/my editor/ed', '-n', 'a b'],
  ]);
});

test('notes for the person’s own sessions are written on demand, once, and nothing of the person’s is lost', async () => {
  await using place = await desk();
  const skill = join(place.repo.path, '.claude', 'skills', 'swarm', 'SKILL.md');
  const notes = join(place.repo.path, 'AGENTS.md');
  await writeFile(notes, '# Rules\n\nTea first.\n');
  await symlink('AGENTS.md', join(place.repo.path, 'CLAUDE.md'));
  const planned = await place.json(['init', '--skill', '--claude-md', '--dry-run']);
  const before = await place.repo.git(['status', '--porcelain', '--untracked-files=all']);
  const first = await place.json(['init', '--skill', '--claude-md']);
  const once = await readFile(notes, 'utf8');
  await writeFile(notes, `${once}\nMilk second.\n`.replace('Several sessions', 'Some sessions'));
  const second = await place.json(['init', '--skill', '--claude-md']);
  const twice = await readFile(notes, 'utf8');
  await writeFile(skill, 'My own skill.\n');
  const kept = await place.json(['init', '--skill']);
  await writeFile(notes, once.replace('<!-- swarm: end -->', ''));
  const damaged = await place.json(['init', '--claude-md']);
  const files = (answer: { json: unknown }) =>
    (answer.json as { files: { file: string; written: boolean }[] }).files.map(({ written }) => written);
  expect({ planned: files(planned), before, first: files(first), second: files(second), kept, damaged }).toMatchObject({
    planned: [false, false],
    before: '?? AGENTS.md\n?? CLAUDE.md',
    first: [true, true],
    second: [false, true],
    kept: { code: 1, json: { error: { code: 'exists' } } },
    damaged: { code: 1, json: { error: { code: 'marks' } } },
  });
  expect(once.startsWith('# Rules\n\nTea first.\n\n<!-- swarm: begin -->')).toBe(true);
  expect(twice).toBe(`${once}\nMilk second.\n`);
  expect(await readFile(skill, 'utf8')).toBe('My own skill.\n');
});

test('an editor writes what is wanted where nothing else says it', async () => {
  await using place = await desk();
  const editor = join(place.home, 'my editor');
  await writeFile(editor, '#!/bin/sh\nprintf "%s\\n" "From $1" | cat - "$2" > "$2.new" && mv "$2.new" "$2"\n');
  await chmod(editor, 0o755);
  await using terminal = await openTerminal({
    command: [process.execPath, join(import.meta.dirname, '../../../src/cli/main.ts'), 'start', '--dry-run'],
    cwd: place.repo.path,
    env: { ...place.env, EDITOR: `'${editor}' ed` },
    folder: place.home,
  });
  expect([await terminal.exit, terminal.printed()]).toEqual([0, expect.stringMatching(/:Fromed$/)]);
});
