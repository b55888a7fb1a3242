import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ProcessIdentity } from '../../src/core/model/process.ts';
import type { SessionEnd, SessionEvent } from '../../src/core/model/session.ts';
import type { SessionRequest } from '../../src/core/ports.ts';
import { openProcesses } from '../../src/process/identity.ts';
import { type Sandbox, sandbox } from '../support/model/sandbox.ts';
import { bash, say, task, use, write } from '../support/model/script.ts';
import { openTerminal, type Terminal } from '../support/model/terminal.ts';
import { launchSession, sessionRequest } from '../support/session.ts';
import { waitFor } from '../support/waitFor.ts';

const anything = task(() => true).turns([say('Yes.')]);

/** Events without what differs from run to run. */
const plain = (events: readonly SessionEvent[]) =>
  events.map((event) => {
    const copy: Record<string, unknown> = { ...event };
    for (const key of ['use', 'model', 'claudeSessionId', 'transcript', 'usage']) {
      if (key in copy) copy[key] = typeof copy[key];
    }
    return copy;
  });

describe('a print session', () => {
  test('tells what it does in order, and leaves a readable log, the raw stream and a copy of the transcript', async () => {
    await using box = await sandbox({
      script: [
        task('add a file').turns(
          [say('I write two.'), write('a one.txt', '1\n'), write('two.txt', '2\n')],
          [bash('touch three.txt')],
          [say('All done.')],
        ),
      ],
    });
    await using session = await launchSession(sessionRequest(box, { prompt: 'add a file' }), box.home.env);
    const end = await session.finished;
    const { request, events } = session;
    const file = (name: string) => join(box.repository, name);
    const created = (name: string) =>
      `File created successfully at: ${file(name)} (file state is current in your context — no need to Read it back)`;
    const denial = expect.stringContaining('Permission to use Bash has been denied');
    expect({ end, events: plain(events) }).toEqual({
      end: { exitCode: 0, signal: undefined, succeeded: true, denied: ['Bash'] },
      events: [
        { kind: 'started', claudeSessionId: 'string', model: 'string', transcript: 'string' },
        { kind: 'prompted', text: 'add a file' },
        { kind: 'text', text: 'I write two.' },
        { kind: 'tool', use: 'string', tool: 'Write', summary: file('a one.txt') },
        { kind: 'tool', use: 'string', tool: 'Write', summary: file('two.txt') },
        { kind: 'tool_done', use: 'string', tool: 'Write', ok: true, summary: created('a one.txt') },
        { kind: 'tool_done', use: 'string', tool: 'Write', ok: true, summary: created('two.txt') },
        { kind: 'batch_done' },
        { kind: 'tool', use: 'string', tool: 'Bash', summary: 'touch three.txt' },
        { kind: 'tool_done', use: 'string', tool: 'Bash', ok: false, summary: denial },
        { kind: 'batch_done' },
        { kind: 'text', text: 'All done.' },
        { kind: 'denied', tool: 'Bash', reason: denial },
        { kind: 'usage', usage: 'object' },
        { kind: 'turn_ended', text: 'All done.', pending: 0 },
      ],
    });
    const [started] = events;
    const usage = events.find((event) => event.kind === 'usage');
    expect(started).toMatchObject({ claudeSessionId: request.claudeSessionId });
    expect(usage?.usage.costUsd).toBeGreaterThan(0);
    expect(usage?.usage.tokens).toBeGreaterThan(1000);
    const log = await readFile(join(request.logs, 'log.txt'), 'utf8');
    expect(log.split('\n').map((line) => line.slice(9, 19).trim())).toEqual(
      ['started', 'prompt', 'says', 'uses', 'uses', 'result', 'result', 'uses', 'failed', 'says'].concat([
        'denied',
        'used',
        'complete',
        'ended',
        '',
      ]),
    );
    const raw = await readFile(join(request.logs, 'events.jsonl'), 'utf8');
    expect(
      raw
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).type),
    ).toContain('result');
    const transcript = started?.kind === 'started' ? (started.transcript ?? '') : '';
    expect(await readFile(join(request.logs, 'transcript.jsonl'), 'utf8')).toBe(await readFile(transcript, 'utf8'));
  });

  test('is continued with another prompt, and knows what was said before', async () => {
    await using box = await sandbox({
      script: [task('first').turns([say('One.')]), task('and then').turns([say('Two.')])],
    });
    const first = sessionRequest(box, { prompt: 'first' });
    {
      await using session = await launchSession(first, box.home.env);
      await session.finished;
    }
    const again = sessionRequest(box, { prompt: 'and then', resume: first.claudeSessionId });
    await using session = await launchSession(again, box.home.env);
    await session.finished;
    expect(plain(session.events).filter(({ kind }) => kind !== 'usage')).toEqual([
      { kind: 'started', claudeSessionId: 'string', model: 'string', transcript: 'string' },
      { kind: 'prompted', text: 'and then' },
      { kind: 'text', text: 'Two.' },
      { kind: 'turn_ended', text: 'Two.', pending: 0 },
    ]);
    expect(session.events[0]).toMatchObject({ claudeSessionId: first.claudeSessionId });
    expect(box.model.conversations().at(-1)?.userTexts).toEqual(['first', 'and then']);
  });

  test.each([
    ['a slash', '/clear all of it', ' /clear all of it'],
    ['a hyphen', '--version', '--version'],
    ['an exclamation mark', '!touch owned', '!touch owned'],
    ['a hash', '# a heading\n\n`$(id)` "$HOME" \\ \'\n', '# a heading\n\n`$(id)` "$HOME" \\ \'\n'],
    ['a word that closes the terminal', 'exit', 'exit'],
  ])('takes a prompt that begins with %s as it is', async (_, prompt, arrives) => {
    await using box = await sandbox({ script: [anything] });
    await using session = await launchSession(sessionRequest(box, { prompt }), box.home.env);
    const end = await session.finished;
    expect({ succeeded: end.succeeded, userTexts: box.model.conversations()[0]?.userTexts }).toEqual({
      succeeded: true,
      userTexts: [arrives],
    });
  });

  test('takes a prompt of two megabytes', async () => {
    await using box = await sandbox({ script: [anything] });
    const prompt = `Do this:\n${'ä long line\n'.repeat(170_000)}`;
    await using session = await launchSession(sessionRequest(box, { prompt }), box.home.env);
    await session.finished;
    expect(box.model.conversations()[0]?.prompt === prompt).toBe(true);
  });

  test('knows its place, and sees no API key, no token of another session and nothing of how we were started', async () => {
    await using box = await sandbox({ script: [task('look').turns([bash('env > seen.txt')], [say('Done.')])] });
    const request = sessionRequest(box, {
      prompt: 'look',
      briefing: 'You work in a worktree of your own.',
      check: 'env > seen.txt',
    });
    const borrowed = {
      ANTHROPIC_API_KEY: 'sk-secret',
      ANTHROPIC_AUTH_TOKEN: 'secret',
      ELECTRON_RUN_AS_NODE: '1',
      SWARM_TOKEN: 'of another',
      SWARM_WORKER: 'of another',
      CLAUDECODE: '1',
      CLAUDE_CODE_SSE_PORT: '1',
      GIT_DIR: '/elsewhere',
      PERSONAL: 'kept',
    };
    await using session = await launchSession(request, { ...box.home.env, ...borrowed });
    const end = await session.finished;
    const seen = Object.fromEntries(
      (await readFile(join(box.repository, 'seen.txt'), 'utf8')).split('\n').map((line) => line.split(/=(.*)/s)),
    ) as Record<string, string>;
    const names = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ELECTRON_RUN_AS_NODE', 'GIT_DIR'];
    expect({
      end,
      // Settings can take a key away by an empty word only.
      seen: names.filter((name) => (seen[name] ?? '') !== ''),
      worker: seen.SWARM_WORKER,
      personal: seen.PERSONAL,
      model: seen.ANTHROPIC_BASE_URL,
      entrypoint: seen.CLAUDE_CODE_ENTRYPOINT,
    }).toEqual({
      end: { exitCode: 0, signal: undefined, succeeded: true, denied: [] },
      seen: [],
      worker: 'w000000001',
      personal: 'kept',
      model: box.model.url,
      entrypoint: 'sdk-cli',
    });
    expect(seen.SWARM_TOKEN).toMatch(/^[\w-]{43}$/);
    const files = await Promise.all(
      (await readdir(request.logs)).map((name) => readFile(join(request.logs, name), 'utf8')),
    );
    expect(files.filter((content) => content.includes(seen.SWARM_TOKEN ?? ''))).toEqual([]);
  });

  test('is stopped with all that it has started, and still says what it has cost', async () => {
    await using box = await sandbox({
      script: [task('wait').turns([bash('sleep 300 & echo $$ > pid.txt; wait')])],
    });
    const request = sessionRequest(box, { prompt: 'wait', check: 'sleep 300 & echo $$ > pid.txt; wait' });
    await using session = await launchSession(request, box.home.env);
    const processes = await openProcesses();
    const shell = await waitFor('the command to run', async () =>
      processes.identityOf(Number(await readFile(join(box.repository, 'pid.txt'), 'utf8'))),
    );
    await session.running.stop(5000);
    const end = await session.finished;
    expect({
      claude: processes.isDead(session.running.process),
      shell: processes.isDead(shell),
      sleeping: (await sleepers()).length,
      succeeded: end.succeeded,
      kinds: new Set(session.events.map(({ kind }) => kind)).has('usage'),
    }).toEqual({ claude: true, shell: true, sleeping: 0, succeeded: false, kinds: true });
  });

  test('that cannot begin says why', async () => {
    await using box = await sandbox({ script: [anything] });
    const request = sessionRequest(box, { prompt: 'go on', resume: randomUUID() });
    await using session = await launchSession(request, box.home.env);
    expect(await session.finished).toEqual({
      exitCode: 1,
      signal: undefined,
      succeeded: false,
      reason: `No conversation found with session ID: ${request.claudeSessionId}`,
      denied: [],
    });
  });

  test('that reaches a limit tells so, and fails in Claude Code’s own words', async () => {
    const headers = {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-reset': '1900000000',
      'anthropic-ratelimit-unified-representative-claim': 'five_hour',
    };
    await using box = await sandbox({ script: [task('go on').turns({ status: 429, headers })] });
    const env = { ...box.home.env, CLAUDE_CODE_MAX_RETRIES: '0' };
    await using session = await launchSession(sessionRequest(box, { prompt: 'go on' }), env);
    const end = await session.finished;
    const reason = expect.stringContaining('hit your session limit');
    expect({ end, told: session.events.filter(({ kind }) => kind === 'limited' || kind === 'turn_failed') }).toEqual({
      end: { exitCode: 1, signal: undefined, succeeded: false, reason, denied: [] },
      told: [
        { kind: 'limited', status: 'rejected', resetsAt: 1_900_000_000_000 },
        { kind: 'turn_failed', reason },
      ],
    });
  });

  test('that leaves something in the background says how much, and goes on when that is done', async () => {
    const background = use('Bash', { command: 'sleep 1', description: 'waits', run_in_background: true });
    await using box = await sandbox({
      script: [task('begin').turns([background], [say('Begun.')], [say('Finished.')])],
    });
    await using session = await launchSession(sessionRequest(box, { prompt: 'begin' }), box.home.env);
    await session.finished;
    const told = session.events.filter(({ kind }) => kind === 'turn_ended');
    const usage = session.events.filter((event) => event.kind === 'usage').at(-1)?.usage;
    expect({ told, turns: usage?.turns }).toEqual({
      told: [
        { kind: 'turn_ended', text: 'Begun.', pending: 1 },
        { kind: 'turn_ended', text: 'Finished.', pending: 0 },
      ],
      turns: 3,
    });
  });

  test('is refused when its prompt is blank, and when the launch was given up', async () => {
    await using box = await sandbox();
    const aborted = AbortSignal.abort(new Error('given up'));
    await expect(launchSession(sessionRequest(box, { prompt: ' \n' }), box.home.env)).rejects.toMatchObject({
      code: 'prompt_empty',
    });
    await expect(launchSession(sessionRequest(box, { prompt: 'x' }), box.home.env, aborted)).rejects.toThrow(
      'given up',
    );
  });
});

/** Processes of the shell command `sleep 300`. */
async function sleepers(): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'stat=,args=']);
  return stdout.split('\n').filter((line) => /^[^Z]\S*\s+sleep 300$/.test(line.trim()));
}

interface Interactive extends AsyncDisposable {
  readonly terminal: Terminal;
  readonly request: SessionRequest;
  readonly worker: number;
  /** Waits for an event that matches, and returns it. */
  event(match: Partial<SessionEvent>): Promise<SessionEvent>;
  events(): Promise<readonly SessionEvent[]>;
  claude(): Promise<ProcessIdentity>;
  ended(): Promise<SessionEnd>;
}

async function interactive(box: Sandbox, request: SessionRequest): Promise<Interactive> {
  const plan = join(box.folder, `plan ${randomUUID()}.json`);
  const notes = join(box.folder, `notes ${randomUUID()}.jsonl`);
  await writeFile(plan, JSON.stringify({ request, notes }));
  await writeFile(notes, '');
  const program = fileURLToPath(new URL('../support/interactiveSession.ts', import.meta.url));
  const terminal = await openTerminal({
    command: [process.execPath, program, plan],
    cwd: box.folder,
    env: box.home.env,
    folder: box.folder,
  });
  const facts = async (): Promise<readonly Record<string, unknown>[]> =>
    (await readFile(notes, 'utf8'))
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line));
  const fact = <T>(key: string) =>
    waitFor(`the session to tell its ${key}`, async () => (await facts()).find((each) => key in each)?.[key] as T);
  const events = async () => (await facts()).flatMap((each) => ('event' in each ? [each.event as SessionEvent] : []));
  const matches = (event: SessionEvent, match: Partial<SessionEvent>) =>
    Object.entries(match).every(([key, value]) => (event as Record<string, unknown>)[key] === value);
  return {
    terminal,
    request,
    worker: terminal.pid,
    events,
    event: (match) =>
      waitFor(`the event ${JSON.stringify(match)}`, async () => (await events()).find((each) => matches(each, match))),
    claude: () => fact<ProcessIdentity>('process'),
    ended: () => fact<SessionEnd>('ended'),
    [Symbol.asyncDispose]: () => terminal[Symbol.asyncDispose](),
  };
}

describe('an interactive session', () => {
  const request = (box: Sandbox, prompt: string) => sessionRequest(box, { prompt, mode: 'interactive' });

  test('tells what it does, goes on as long as the person likes, and is stopped', async () => {
    await using box = await sandbox({
      script: [
        task('add a file').turns([say('I write.'), write('in.txt', 'in\n')], [say('Written.')]),
        task('and more').turns([write('../outside.txt', 'out\n')], [say('I could not.')]),
      ],
    });
    await using session = await interactive(box, request(box, 'add a file'));
    await session.event({ kind: 'turn_ended', text: 'Written.' });
    await session.terminal.type('and more');
    await session.event({ kind: 'turn_ended', text: 'I could not.' });
    await session.event({ kind: 'text', text: 'I could not.' });
    process.kill(session.worker, 'SIGTERM');
    expect(await session.ended()).toEqual({ exitCode: 143, denied: ['Write'] });
    await session.terminal.exit;
    const events = await session.events();
    const usage = events.filter((event) => event.kind === 'usage').at(-1)?.usage;
    const file = join(box.repository, 'in.txt');
    const outside = join(box.folder, 'outside.txt');
    const told = plain(events).filter(({ kind }) => kind !== 'usage' && kind !== 'text');
    expect(told).toEqual([
      { kind: 'started', claudeSessionId: 'string', transcript: 'string' },
      { kind: 'prompted', text: 'add a file' },
      { kind: 'tool', use: 'string', tool: 'Write', summary: file },
      { kind: 'tool_done', use: 'string', tool: 'Write', ok: true, summary: file },
      { kind: 'batch_done' },
      { kind: 'turn_ended', text: 'Written.', pending: 0 },
      { kind: 'prompted', text: 'and more' },
      { kind: 'tool', use: 'string', tool: 'Write', summary: outside },
      { kind: 'denied', tool: 'Write', reason: expect.stringContaining('outside this session') },
      { kind: 'batch_done' },
      { kind: 'turn_ended', text: 'I could not.', pending: 0 },
    ]);
    expect(events.flatMap((event) => (event.kind === 'text' ? [event.text] : []))).toEqual([
      'I write.',
      'Written.',
      'I could not.',
    ]);
    expect(usage).toEqual({ costUsd: expect.any(Number), tokens: expect.any(Number), turns: 4 });
    expect(usage?.costUsd).toBeGreaterThan(0);
    expect(await readFile(join(session.request.logs, 'transcript.jsonl'), 'utf8')).toContain('I could not.');
    expect((await openProcesses()).isDead(await session.claude())).toBe(true);
  });

  test('tells that it waits for a permission, and that it was interrupted', async () => {
    await using box = await sandbox({
      script: [task('fetch it').turns([bash('curl http://127.0.0.1:1/')], [say('Fetched.')])],
    });
    await using session = await interactive(box, request(box, 'fetch it'));
    await session.event({ kind: 'asks', what: 'permission', tool: 'Bash', text: 'curl http://127.0.0.1:1/' });
    session.terminal.press('\u001b');
    await session.event({ kind: 'asks', what: 'input', text: 'interrupted' });
  });

  test('tells that its turn failed, and why', async () => {
    await using box = await sandbox({ script: [task('go on').turns({ status: 400, message: 'scripted mistake' })] });
    await using session = await interactive(box, request(box, 'go on'));
    const failed = await session.event({ kind: 'turn_failed' });
    expect(failed).toEqual({ kind: 'turn_failed', reason: expect.stringContaining('scripted mistake') });
  });

  test('tells that it asks a question', async () => {
    const questions = [
      {
        question: 'Which colour?',
        header: 'Colour',
        multiSelect: false,
        options: [
          { label: 'red', description: 'r' },
          { label: 'blue', description: 'b' },
        ],
      },
    ];
    await using box = await sandbox({
      script: [task('paint it').turns([use('AskUserQuestion', { questions })], [say('Painted.')])],
    });
    await using session = await interactive(box, request(box, 'paint it'));
    await session.event({ kind: 'asks', what: 'question', text: 'Which colour?' });
    session.terminal.press('\r');
    await session.event({ kind: 'turn_ended', text: 'Painted.' });
  });

  test('writes nothing once edits are withdrawn, and goes on', async () => {
    await using box = await sandbox({
      script: [task('wait').turns([say('Ready.')]), task('write now').turns([write('in.txt', 'x')], [say('Denied.')])],
    });
    await using session = await interactive(box, request(box, 'wait'));
    await session.event({ kind: 'turn_ended', text: 'Ready.' });
    process.kill(session.worker, 'SIGUSR2');
    await session.terminal.type('write now');
    await session.event({ kind: 'denied', tool: 'Write' });
    await session.event({ kind: 'turn_ended', text: 'Denied.' });
    expect(await readdir(box.repository)).toEqual(['.git', 'a.txt']);
  });

  test('takes odd prompts as they are, and a very long one through a file', async () => {
    await using box = await sandbox({ script: [anything] });
    const odd = ['/clear it', '-x', '!touch owned', 'exit', `${'long '.repeat(40_000)}end`];
    for (const prompt of odd) {
      await using session = await interactive(box, request(box, prompt));
      await session.event({ kind: 'turn_ended', text: 'Yes.' });
      process.kill(session.worker, 'SIGTERM');
      await session.terminal.exit;
    }
    const arrived = box.model.conversations().map(({ prompt }) => prompt);
    expect(arrived.slice(0, 4)).toEqual([' /clear it', '-x', '!touch owned', 'exit.']);
    const file = /in the file (.*prompt\.txt),/.exec(arrived[4] ?? '')?.[1] ?? '';
    expect((await readFile(file, 'utf8')) === odd[4]).toBe(true);
  });

  test('may read the file of its long prompt without asking', async () => {
    await using box = await sandbox({
      script: [
        task('Your task is described in the file').turns(
          ({ conversation }) => [
            use('Read', { file_path: /in the file (.*prompt\.txt),/.exec(conversation.prompt)?.[1], limit: 5 }),
          ],
          [say('Read.')],
        ),
      ],
    });
    await using session = await interactive(box, request(box, 'a long line\n'.repeat(20_000)));
    await session.event({ kind: 'turn_ended', text: 'Read.' });
    expect(box.model.conversations()[0]?.toolResults[0]?.text).toContain('a long line');
  });

  test('tells that the conversation was cleared, and the name of the new one', async () => {
    await using box = await sandbox({ script: [anything] });
    await using session = await interactive(box, request(box, 'begin'));
    await session.event({ kind: 'turn_ended' });
    await session.terminal.type('/clear');
    await session.event({ kind: 'cleared', reason: 'clear' });
    await session.terminal.type('another');
    await session.event({ kind: 'prompted', text: 'another' });
    const ids = (await session.events()).flatMap((event) => (event.kind === 'started' ? [event.claudeSessionId] : []));
    expect([ids.length, ids[0], new Set(ids).size]).toEqual([2, session.request.claudeSessionId, 2]);
  });

  test('comes back by itself from Ctrl-Z, since no shell is there to wake it', async () => {
    await using box = await sandbox({ script: [anything] });
    await using session = await interactive(box, request(box, 'begin'));
    await session.event({ kind: 'turn_ended' });
    session.terminal.press('\u001a');
    await waitFor('Claude Code to be suspended and to draw its screen again', () =>
      session.terminal.printed().split('hasbeensuspended')[1]?.includes('Yes.'),
    );
    await session.terminal.type('still there');
    await session.event({ kind: 'prompted', text: 'still there' });
  });

  test('ends with its terminal, and leaves nothing running', async () => {
    await using box = await sandbox({
      script: [task('wait').turns([bash('sleep 300')])],
    });
    const long = sessionRequest(box, { prompt: 'wait', mode: 'interactive', check: 'sleep 300' });
    const session = await interactive(box, long);
    await session.event({ kind: 'tool', tool: 'Bash' });
    await waitFor('the command to run', async () => (await sleepers()).length > 0);
    await session[Symbol.asyncDispose]();
    // Claude Code may notice by itself that its terminal is gone, just before it is told to end.
    expect([0, 143]).toContain((await session.ended()).exitCode);
    await waitFor('the command to be gone', async () => (await sleepers()).length === 0);
    expect((await openProcesses()).isDead(await session.claude())).toBe(true);
  });

  test('ends when its worker is killed, because the terminal goes with it', async () => {
    await using box = await sandbox({ script: [task('wait').turns([say('Ready.')])] });
    await using session = await interactive(box, request(box, 'wait'));
    await session.event({ kind: 'turn_ended' });
    const [claude, processes] = [await session.claude(), await openProcesses()];
    process.kill(session.worker, 'SIGKILL');
    await waitFor('Claude Code to end', () => processes.isDead(claude));
  });

  test('is continued in the terminal with another prompt', async () => {
    await using box = await sandbox({
      script: [task('first').turns([say('One.')]), task('and then').turns([say('Two.')])],
    });
    const first = request(box, 'first');
    {
      await using session = await interactive(box, first);
      await session.event({ kind: 'turn_ended', text: 'One.' });
      process.kill(session.worker, 'SIGTERM');
      await session.terminal.exit;
    }
    const again = sessionRequest(box, { prompt: 'and then', mode: 'interactive', resume: first.claudeSessionId });
    await using session = await interactive(box, again);
    await session.event({ kind: 'turn_ended', text: 'Two.' });
    expect(box.model.conversations().at(-1)?.userTexts).toEqual(['first', 'and then']);
    const texts = (await session.events()).flatMap((event) => (event.kind === 'text' ? [event.text] : []));
    expect(texts).not.toContain('One.');
  });

  test('gives servers of the person to the session, and takes their file away afterwards', async () => {
    await using box = await sandbox({ script: [anything] });
    await mkdir(join(box.folder, 'unused'));
    const servers = { notes: { type: 'http', url: 'http://127.0.0.1:1/mcp', headers: { Authorization: 'secret' } } };
    const wish = sessionRequest(box, { prompt: 'begin', settings: { 'claude.mcpServers': servers } });
    await using session = await launchSession(wish, box.home.env);
    await session.finished;
    const [init] = (await readFile(join(wish.logs, 'events.jsonl'), 'utf8')).split('\n');
    expect(JSON.parse(init ?? '').mcp_servers).toMatchObject([{ name: 'notes' }, { name: 'swarm' }]);
    expect((await readdir(wish.logs)).sort()).toEqual([
      'claude-settings.json',
      'events.jsonl',
      'log.txt',
      'transcript.jsonl',
    ]);
  });
});
