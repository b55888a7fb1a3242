import { randomUUID } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { granted } from '../support/model/hooks.ts';
import { type Ran, type Sandbox, sandbox } from '../support/model/sandbox.ts';
import { bash, failing, read, say, task, use, write } from '../support/model/script.ts';
import { waitFor } from '../support/waitFor.ts';

const json = ['-p', '--output-format', 'json'];
const dontAsk = ['--permission-mode', 'dontAsk'];
const writes = task('write it').turns([say('I write.'), write('new file.txt', 'new\n')], [say('Written.')]);
const anything = task(() => true).turns([say('Yes.')]);

describe('what is granted', () => {
  test('in dontAsk a file is written when the http hook grants it, and the hook saw an absolute path', async () => {
    await using box = await sandbox({ script: [writes], decide: () => granted });
    const ran = await box.run({ args: [...json, ...dontAsk, '--settings', await gate(box)], input: 'write it' });
    expect({ ...told(ran), wrote: await wrote(box) }).toEqual({ code: 0, denied: [], result: 'Written.', wrote: true });
    expect(box.hooks.of('PreToolUse').map(({ tool_name, tool_input }) => ({ tool_name, tool_input }))).toEqual([
      { tool_name: 'Write', tool_input: { file_path: join(box.repository, 'new file.txt'), content: 'new\n' } },
    ]);
    expect(box.hooks.authorizations).toEqual(['Bearer secret', 'Bearer secret']);
    expect(box.model.unexpected).toEqual([]);
  });

  test('when the hook decides nothing, nothing is written, the process ends by itself and names the tool', async () => {
    await using box = await sandbox({ script: [writes] });
    const ran = await box.run({ args: [...json, ...dontAsk, '--settings', await gate(box)], input: 'write it' });
    expect({ ...told(ran), wrote: await wrote(box) }).toEqual({
      code: 0,
      denied: ['Write'],
      result: 'Written.',
      wrote: false,
    });
    expect(box.model.conversations()[0]?.toolResults[0]).toMatchObject({ tool: 'Write', isError: true });
  });

  test('when the hook cannot be reached, nothing is written', async () => {
    await using box = await sandbox({ script: [writes], decide: () => granted });
    const settings = await gate(box);
    await box.hooks[Symbol.asyncDispose]();
    const ran = await box.run({ args: [...json, ...dontAsk, '--settings', settings], input: 'write it' });
    expect({ ...told(ran), wrote: await wrote(box) }).toEqual({
      code: 0,
      denied: ['Write'],
      result: 'Written.',
      wrote: false,
    });
  });

  test('our flag wins over a looser mode of the repository, and our settings over its switching off of hooks', async () => {
    await using box = await sandbox({ script: [writes] });
    await repositorySettings(box, { disableAllHooks: true, permissions: { defaultMode: 'acceptEdits' } });
    const ran = await box.run({ args: [...json, ...dontAsk, '--settings', await gate(box)], input: 'write it' });
    expect({ ...told(ran), wrote: await wrote(box) }).toEqual({
      code: 0,
      denied: ['Write'],
      result: 'Written.',
      wrote: false,
    });
    expect(box.hooks.of('PreToolUse')).toHaveLength(1);
  });

  test('a hook may grant a write outside the folder, so where it goes is for the hook to judge', async () => {
    const outside = task('write it').turns(
      [use('Write', { file_path: '../outside.txt', content: 'x' })],
      [say('Done.')],
    );
    await using box = await sandbox({ script: [outside], decide: () => granted });
    await box.run({ args: [...json, ...dontAsk, '--settings', await gate(box)], input: 'write it' });
    const file = join(box.folder, 'outside.txt');
    expect([await readFile(file, 'utf8'), box.hooks.of('PreToolUse')[0]?.tool_input]).toEqual([
      'x',
      { file_path: file, content: 'x' },
    ]);
  });

  test.each([
    ['git status', true],
    ['git diff | head -5', true],
    ['git add . && git commit --allow-empty -m "two words"', true],
    ['git diff --output=stolen.txt', false],
    ['git diff > stolen.txt', false],
    ['git -C . commit --allow-empty -m x', false],
    ['git -c user.name=x commit --allow-empty -m x', false],
    ['git commit --allow-empty -m "$(id)"', false],
    ['git push', false],
    ['touch stolen.txt', false],
  ])('with rules for git add and git commit alone, may `%s` run: %s', async (command, may) => {
    await using box = await sandbox({ script: [task('run it').turns([bash(command)], [say('Ran.')])] });
    const settings = await box.settings({ permissions: { allow: ['Bash(git add:*)', 'Bash(git commit:*)'] } });
    const ran = await box.run({ args: [...json, ...dontAsk, '--settings', settings], input: 'run it' });
    expect({ ...told(ran), left: (await box.git('status', '--porcelain')).trim() }).toEqual({
      code: 0,
      denied: may ? [] : ['Bash'],
      result: 'Ran.',
      left: '',
    });
  });

  test('a deny rule wins over the hook', async () => {
    await using box = await sandbox({
      script: [task('run it').turns([bash('git push')], [say('Ran.')])],
      decide: () => granted,
    });
    const settings = await gate(box, { permissions: { deny: ['Bash(git push:*)'] } });
    const ran = await box.run({ args: [...json, ...dontAsk, '--settings', settings], input: 'run it' });
    expect(told(ran)).toEqual({ code: 0, denied: ['Bash'], result: 'Ran.' });
  });
});

describe('prompts', () => {
  test.each([
    ['-x is broken'],
    ['!ls'],
    ['two\nlines, "quotes" \'and\' `ticks` $HOME \\ 🦊'],
    ['/etc/hosts is wrong'],
    [' /clear is a word here'],
    [`${'long '.repeat(40_000)}end`],
  ])('through stdin reach the model as they are: %.40s', async (prompt) => {
    await using box = await sandbox({ script: [anything] });
    expect(told(await box.run({ args: json, input: prompt }))).toEqual({ code: 0, denied: [], result: 'Yes.' });
    expect(box.model.conversations().map(({ userTexts }) => userTexts)).toEqual([[prompt]]);
  });

  test('one that begins like a slash command never reaches the model', async () => {
    await using box = await sandbox({ script: [anything] });
    const ran = await box.run({ args: json, input: '/nosuch thing' });
    expect({ ...told(ran), asked: box.model.conversations().length }).toEqual({
      code: 0,
      denied: [],
      result: 'Unknown command: /nosuch',
      asked: 0,
    });
  });
});

describe('sessions', () => {
  test('our session id is honoured and resumed from every worktree of the repository, but nowhere else', async () => {
    await using box = await sandbox({ script: [anything] });
    const worktree = join(box.folder, 'my worktree');
    await box.git('worktree', 'add', '--quiet', '-b', 'side', worktree);
    const id = randomUUID();
    const resume = (cwd: string, input: string) => box.run({ args: [...json, '--resume', id], cwd, input });
    expect(
      parsed(await box.run({ args: [...json, '--session-id', id], cwd: worktree, input: 'first' })).session_id,
    ).toBe(id);
    expect(parsed(await resume(worktree, 'second')).session_id).toBe(id);
    expect(parsed(await resume(box.repository, 'third')).session_id).toBe(id);
    expect(box.model.conversations().map(({ userTexts, folder }) => ({ userTexts, folder }))).toEqual([
      { userTexts: ['first', 'second', 'third'], folder: box.repository },
    ]);
    expect(await resume(box.folder, 'fourth')).toEqual({
      code: 1,
      stdout: '',
      stderr: `No conversation found with session ID: ${id}\n`,
    });
    const again = await box.run({ args: [...json, '--session-id', id], cwd: worktree, input: 'fifth' });
    expect(again).toEqual({ code: 1, stdout: '', stderr: `Error: Session ID ${id} is already in use.\n` });
  });

  test('a session killed before its transcript has a message can neither be resumed nor begun again under its id', async () => {
    await using box = await sandbox({ script: [anything] });
    const id = randomUUID();
    const project = join(box.home.configFolder, 'projects', box.repository.replace(/[^a-zA-Z0-9]/g, '-'));
    await mkdir(project, { recursive: true });
    await writeFile(join(project, `${id}.jsonl`), `{"type":"mode","mode":"normal","sessionId":"${id}"}\n`);
    const resumed = await box.run({ args: [...json, '--resume', id], input: 'go on' });
    const anew = await box.run({ args: [...json, '--session-id', id], input: 'go on' });
    expect([resumed.stderr, anew.stderr, box.model.conversations()]).toEqual([
      `No conversation found with session ID: ${id}\n`,
      `Error: Session ID ${id} is already in use.\n`,
      [],
    ]);
  });

  test('SessionStart comes to a command hook, Stop to an http hook, with a transcript that holds the usage', async () => {
    await using box = await sandbox({ script: [anything] });
    const started = join(box.folder, 'started.json');
    const command = { type: 'command', command: 'tee', args: [started] };
    const settings = await gate(box, {}, { Stop: [http(box)], SessionStart: [http(box), { hooks: [command] }] });
    const id = randomUUID();
    const ran = await box.run({ args: [...json, '--session-id', id, '--settings', settings], input: 'hello' });
    const start = JSON.parse(await readFile(started, 'utf8'));
    expect(start).toMatchObject({
      hook_event_name: 'SessionStart',
      source: 'startup',
      session_id: id,
      cwd: box.repository,
    });
    expect(box.hooks.of('SessionStart')).toEqual([]);
    expect(box.hooks.of('Stop')).toMatchObject([
      { session_id: id, last_assistant_message: 'Yes.', background_tasks: [], stop_hook_active: false },
    ]);
    const project = box.repository.replace(/[^a-zA-Z0-9]/g, '-');
    expect(start.transcript_path).toBe(join(box.home.configFolder, 'projects', project, `${id}.jsonl`));
    const transcript = (await readFile(start.transcript_path, 'utf8')).trim().split('\n');
    const answers = transcript.map((line) => JSON.parse(line)).filter(({ type }) => type === 'assistant');
    expect(answers.map(({ message }) => message.usage.output_tokens)).toEqual([expect.any(Number)]);
    expect(parsed(ran).total_cost_usd).toBeGreaterThan(0);
  });

  test('an overloaded model is asked again', async () => {
    const overloaded = task('try').turns(failing(1, { status: 529 }, [say('At last.')]));
    await using box = await sandbox({ script: [overloaded] });
    expect(told(await box.run({ args: json, input: 'try' }))).toEqual({ code: 0, denied: [], result: 'At last.' });
  });

  test('with --strict-mcp-config no server of the repository is started', async () => {
    await using box = await sandbox({ script: [anything] });
    const server = { command: 'tee', args: [join(box.folder, 'server was started')] };
    await writeFile(join(box.repository, '.mcp.json'), JSON.stringify({ mcpServers: { theirs: server } }));
    const stream = ['-p', '--output-format', 'stream-json', '--verbose'];
    const servers = async (...args: string[]) => {
      const { stdout } = await box.run({ args: [...stream, ...args], input: 'hello' });
      return JSON.parse(stdout.split('\n')[0] ?? '').mcp_servers.map(({ name }: { name: string }) => name);
    };
    expect([await servers(), await servers('--strict-mcp-config')]).toEqual([['theirs'], []]);
  });

  test.each([[true], [false]])(
    '`auth status` says by its exit code and in JSON that signed in is %s',
    async (signedIn) => {
      await using box = await sandbox({ signedIn });
      const { code, stdout } = await box.run({ args: ['auth', 'status'] });
      expect([code, JSON.parse(stdout).loggedIn]).toEqual([signedIn ? 0 : 1, signedIn]);
    },
  );
});

describe('in a terminal', () => {
  const ask = ['--permission-mode', 'default'];

  test('a worktree beside a trusted repository starts at once, the hook grants, and a typed line is answered', async () => {
    const typed = task('and then').turns([read('new file.txt')], [say('It says new.')]);
    await using box = await sandbox({ script: [writes, typed], decide: () => granted });
    const worktree = join(box.folder, 'my worktree');
    await box.git('worktree', 'add', '--quiet', '-b', 'side', worktree);
    const settings = await gate(box, {}, { Stop: [http(box)] });
    const terminal = await box.open({ args: ['--settings', settings, ...ask, '--', 'write it'], cwd: worktree });
    await waitFor('the first Stop', () => box.hooks.of('Stop').length === 1);
    expect(await readFile(join(worktree, 'new file.txt'), 'utf8')).toBe('new\n');
    await terminal.type('and then?');
    await waitFor('the second Stop', () => box.hooks.of('Stop').length === 2);
    expect(box.hooks.of('Stop').map(({ last_assistant_message }) => last_assistant_message)).toEqual([
      'Written.',
      'It says new.',
    ]);
    expect(box.model.conversations().map(({ userTexts }) => userTexts)).toEqual([['write it', 'and then?']]);
    expect(box.model.unexpected).toEqual([]);
  });

  test('with the hook silent the terminal asks the person, and nothing is written', async () => {
    await using box = await sandbox({ script: [writes] });
    const settings = await gate(box, {}, { PermissionRequest: [http(box)] });
    const terminal = await box.open({ args: ['--settings', settings, ...ask, '--', 'write it'] });
    await waitFor('the question', () => terminal.printed().includes('Doyouwanttocreate'));
    expect([box.hooks.of('PermissionRequest')[0]?.tool_name, await wrote(box)]).toEqual(['Write', false]);
  });

  test('in a repository that is not trusted it asks for trust first, and no hook runs', async () => {
    await using box = await sandbox({ script: [writes], trusted: false });
    const terminal = await box.open({ args: ['--settings', await gate(box), ...ask, '--', 'write it'] });
    await waitFor('the question', () => terminal.printed().includes('Yes,Itrustthisfolder'));
    expect([box.hooks.inputs, box.model.conversations()]).toEqual([[], []]);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends it with %i, it says so to the SessionEnd hook, and it can be resumed', async (signal, code) => {
    await using box = await sandbox({ script: [anything] });
    const id = randomUUID();
    const settings = await gate(box, {}, { Stop: [http(box)], SessionEnd: [http(box)] });
    const terminal = await box.open({ args: ['--session-id', id, '--settings', settings, ...ask, '--', 'first'] });
    const stop = await waitFor('the answer', () => box.hooks.of('Stop')[0]);
    // The transcript is written a little later than the hook is told; what it lacks cannot be resumed.
    await waitFor('the answer on disk', async () =>
      (await readFile(stop.transcript_path, 'utf8')).includes('"type":"assistant"'),
    );
    process.kill(terminal.pid, signal);
    expect([await terminal.exit, box.hooks.of('SessionEnd').map(({ reason }) => reason)]).toEqual([code, ['other']]);
    expect(told(await box.run({ args: [...json, '--resume', id], input: 'second' })).code).toBe(0);
    expect(box.model.conversations().map(({ userTexts }) => userTexts)).toEqual([['first', 'second']]);
  });

  test('Ctrl-C during a tool gives the person the prompt back without any hook', async () => {
    const slow = task('go slowly').turns([bash('touch started; sleep 60')], [say('Slept.')]);
    await using box = await sandbox({ script: [slow, task('go on').turns([say('Going on.')])], decide: () => granted });
    const ends = { Stop: [http(box)], PostToolUse: [http(box)], PostToolUseFailure: [http(box)] };
    const settings = await gate(box, {}, ends);
    const terminal = await box.open({ args: ['--settings', settings, ...ask, '--', 'go slowly'] });
    await waitFor('the tool to run', () => exists(join(box.repository, 'started')));
    terminal.press('\x03');
    await waitFor('the prompt', () => terminal.printed().includes('Interrupted'));
    await terminal.type('go on');
    await waitFor('the answer', () => box.hooks.of('Stop').length === 1);
    const events = box.hooks.inputs.map(({ hook_event_name }) => hook_event_name);
    expect(events).toEqual(['UserPromptSubmit', 'PreToolUse', 'UserPromptSubmit', 'Stop']);
  });

  test('/clear ends the session and starts one with a new id, which a command hook is told', async () => {
    await using box = await sandbox({ script: [anything] });
    const id = randomUUID();
    const started = join(box.folder, 'started.jsonl');
    const command = { type: 'command', command: 'tee', args: ['-a', started] };
    const settings = await gate(
      box,
      {},
      { Stop: [http(box)], SessionEnd: [http(box)], SessionStart: [{ hooks: [command] }] },
    );
    const terminal = await box.open({ args: ['--session-id', id, '--settings', settings, ...ask, '--', 'first'] });
    await waitFor('the answer', () => box.hooks.of('Stop').length === 1);
    await terminal.type('/clear');
    const starts = await waitFor('the new session', async () => {
      const lines = (await readFile(started, 'utf8')).replaceAll('}{', '}\n{').trim().split('\n');
      return lines.length === 2 && lines.map((line) => JSON.parse(line));
    });
    expect(box.hooks.of('SessionEnd')).toMatchObject([{ session_id: id, reason: 'clear' }]);
    expect(starts).toMatchObject([{ session_id: id, source: 'startup' }, { source: 'clear' }]);
    expect(starts[1].session_id).not.toBe(id);
  });
});

/** Settings with our gate on the editing tools, and with what else a test wants. */
function gate(box: Sandbox, more: object = {}, hooks: object = {}): Promise<string> {
  const matcher = 'Edit|Write|NotebookEdit|MultiEdit|Bash';
  return box.settings({
    disableAllHooks: false,
    hooks: { PreToolUse: [{ matcher, ...http(box) }], UserPromptSubmit: [http(box)], ...hooks },
    env: { GATE_TOKEN: 'secret' },
    ...more,
  });
}

function http(box: Sandbox) {
  const headers = { Authorization: 'Bearer $GATE_TOKEN' };
  return { hooks: [{ type: 'http', url: box.hooks.url, headers, allowedEnvVars: ['GATE_TOKEN'], timeout: 10 }] };
}

async function repositorySettings(box: Sandbox, settings: object): Promise<void> {
  await mkdir(join(box.repository, '.claude'));
  await writeFile(join(box.repository, '.claude', 'settings.json'), JSON.stringify(settings));
}

function parsed(ran: Ran) {
  return JSON.parse(ran.stdout);
}

function told(ran: Ran) {
  const { result, permission_denials: denials } = parsed(ran);
  return { code: ran.code, denied: denials.map(({ tool_name: tool }: { tool_name: string }) => tool), result };
}

function wrote(box: Sandbox): Promise<boolean> {
  return exists(join(box.repository, 'new file.txt'));
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
