import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { desk } from '../../support/commandLine.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { waitFor } from '../../support/waitFor.ts';

const tea = { prompt: 'Write tea.txt', files: { 'tea.txt': 'assam\n' }, commit: 'Add tea', costUsd: 0.25 };
const milk = { prompt: 'Write milk.txt', files: { 'milk.txt': 'oat\n' }, commit: 'Add milk' };

test('run queues, works and waits until all is in review, and leaves no worker behind', async () => {
  await using place = await desk({ sessions: [tea, milk] });
  const { code, json } = await place.json(['run', 'Write tea.txt', 'Write milk.txt', '--workers', '2']);
  expect({ code, json }).toEqual({
    code: 0,
    json: {
      batch: expect.stringMatching(/^b\w{9}$/),
      tasks: [
        {
          id: expect.stringMatching(/^t\w{9}$/),
          title: 'Write tea.txt',
          kind: 'change',
          state: 'in_review',
          attempt: 1,
          branch: expect.stringMatching(/^swarm\/write-tea-txt-t/),
          base: expect.stringMatching(/^[0-9a-f]{40}$/),
          head: expect.stringMatching(/^[0-9a-f]{40}$/),
          worker: null,
          waitingFor: null,
          costUsd: 0.25,
          batch: expect.any(String),
          target: 'main',
          after: [],
          worktree: expect.stringContaining('my répo.worktrees/write-tea-txt-t'),
          reason: null,
          landed: null,
        },
        expect.objectContaining({ title: 'Write milk.txt', state: 'in_review', costUsd: 0.01 }),
      ],
      warnings: [],
    },
  });
});

test('run tells what happens and ends with a table of all tasks', async () => {
  await using place = await desk({ sessions: [tea, { prompt: 'Fail', fails: 'the model is away' }] });
  const { code, stdout, stderr } = await place.swarm(['run', 'Write tea.txt', 'Fail']);
  expect([
    code,
    stdout
      .replace(/-t\w{9}/g, '')
      .split('\n')
      .sort(),
  ]).toEqual([
    1,
    [
      '',
      'failed\t1\t$0.01\tFail\tswarm/fail\tthe model is away',
      'in review\t1\t$0.25\tWrite tea.txt\tswarm/write-tea-txt\t',
    ],
  ]);
  expect(stderr).toMatch(/2 tasks queued/);
  expect(stderr).toMatch(/in review +Write tea\.txt/);
  expect(stderr).toMatch(/failed +Fail +the model is away/);
});

test('run --until merged --review none lands what passes the check, in one call', async () => {
  await using place = await desk({ sessions: [tea, milk] });
  const asked = ['run', 'Write tea.txt', 'Write milk.txt', '--review', 'none', '--until', 'merged'];
  const { code, json } = await place.json([...asked, '--check', 'test -f tea.txt -o -f milk.txt']);
  expect([code, (json as { tasks: { state: string }[] }).tasks.map(({ state }) => state)]).toEqual([
    0,
    ['merged', 'merged'],
  ]);
  expect(await place.repo.git(['ls-tree', '--name-only', 'main'])).toBe('a.txt\nmilk.txt\ntea.txt');
});

test('run ends with 3 when only a review stands between it and the rest, and says which', async () => {
  await using place = await desk({ sessions: [tea] });
  const list = place.repo.beside('tasks.yaml');
  await writeFile(
    list,
    'tasks:\n  - name: first\n    prompt: Write tea.txt\n  - prompt: Drink it\n    after: [first]\n',
  );
  const { code, json } = await place.json(['run', '--file', list]);
  const { tasks } = json as { tasks: { title: string; state: string; waitingFor: string | null }[] };
  expect([code, tasks.map(({ title, state, waitingFor }) => [title, state, waitingFor])]).toEqual([
    3,
    [
      ['Write tea.txt', 'in_review', null],
      ['Drink it', 'queued', 'waits for “Write tea.txt” (in review)'],
    ],
  ]);
});

test('a dry run shows the tasks and queues nothing', async () => {
  await using place = await desk({ trusted: false, signedIn: false });
  const { code, json } = await place.json(['run', 'Write tea.txt', '--dry-run']);
  expect([code, json]).toMatchObject([
    0,
    { tasks: [{ title: 'Write tea.txt', state: 'queued', prompt: 'Write tea.txt' }] },
  ]);
  expect((await place.json(['status'])).json).toMatchObject({ tasks: [] });
});

test('what the checkout and the base lack is told before, on stderr or in the document', async () => {
  await using place = await desk();
  await place.repo.git(['branch', 'release']);
  await place.repo.commit({ 'b.txt': 'two' });
  await place.repo.git(['branch', '--set-upstream-to', 'main', 'release']);
  await place.repo.write('new.txt', 'not committed');
  const list = place.repo.beside('tasks.json');
  await writeFile(list, JSON.stringify([{ prompt: 'one' }, { prompt: 'two' }, { prompt: 'three', target: 'release' }]));
  const warnings = [
    'There are uncommitted changes: new worktrees start from the last commit and do not have them.',
    'release lacks 1 commit of main, and the work starts without: “b.txt”.',
  ];
  const based = ['task', 'add', '--file', list, '--base', 'release'];
  const words = await place.swarm([...based, '--dry-run']);
  const { json } = await place.json(based);
  const run = await place.json(['run', '--file', list, '--dry-run']);
  expect([words.stderr, json, run.json]).toMatchObject([
    `${warnings.join('\n')}\n`,
    { warnings },
    { warnings: [warnings[0], 'release is 1 behind main, as last fetched.'] },
  ]);
});

test('prompts come from the command line, stdin, lists and files, exactly as they are', async () => {
  await using place = await desk();
  const todo = place.repo.beside('TODO.md');
  await writeFile(todo, '# Plan\n- [x] done\n- [ ] open\n  with more\n');
  const lines = place.repo.beside('prompts');
  await writeFile(lines, 'one\n\n  two  \n');
  const args = [
    'run',
    '--dry-run',
    '--from-todo',
    todo,
    '--file',
    lines,
    '-',
    '--',
    '-x $HOME `id`',
    '/clear "a"\n👩‍💻',
  ];
  const { json } = await place.json(args, { input: 'from stdin\n' });
  expect((json as { tasks: { prompt: string }[] }).tasks.map(({ prompt }) => prompt)).toEqual([
    'from stdin',
    '-x $HOME `id`',
    '/clear "a"\n👩‍💻',
    'one',
    'two',
    'open\nwith more',
  ]);
});

test.each([
  ['signed_out', { signedIn: false }, 'claude_signed_out'],
  ['untrusted', { trusted: false }, 'claude_untrusted'],
  ['too old', { version: '1.0.0' }, 'claude_too_old'],
] as const)('run and up refuse before anything is queued when Claude Code is %s', async (_, options, code) => {
  await using place = await desk(options);
  for (const args of [['run', 'Write tea.txt'], ['up']]) {
    expect(await place.json(args)).toMatchObject({
      code: 1,
      json: { error: { code, hint: expect.stringContaining('swarm setup') } },
    });
  }
  expect((await place.json(['task', 'list'])).json).toEqual({ tasks: [] });
});

test('Ctrl-C keeps all work, stops the workers and says how to go on; up goes on', async () => {
  await using place = await desk({
    sessions: [
      { ...tea, waitsFor: '/nonexistent' },
      { ...tea, prompt: 'interrupted' },
    ],
  });
  const call = place.start(['run', 'Write tea.txt']);
  await waitFor('the session', () => place.claude.hasBegun(tea.prompt));
  call.process.kill('SIGINT');
  const { code, stderr } = await call.ended;
  expect([code, stderr]).toEqual([
    130,
    expect.stringContaining('`swarm up` goes on with it, `swarm status` shows it.'),
  ]);
  expect((await place.json(['status'])).json).toMatchObject({
    workers: [{ state: 'stopped' }],
    tasks: [{ state: 'queued', attempt: 1 }],
  });
  const { code: upCode, json } = await place.json(['up', '--until', 'idle']);
  expect([upCode, json]).toMatchObject([0, { tasks: [{ state: 'in_review', attempt: 2 }] }]);
});

test('Ctrl-C twice ends at once', async () => {
  await using place = await desk({ sessions: [{ ...tea, waitsFor: '/nonexistent' }] });
  const call = place.start(['run', 'Write tea.txt']);
  await waitFor('the session', () => place.claude.hasBegun(tea.prompt));
  const worker = ((await place.json(['worker', 'list'])).json as { workers: { pid: number }[] }).workers[0];
  process.kill(worker?.pid ?? 0, 'SIGSTOP');
  call.process.kill('SIGINT');
  await waitFor('the first to be heard', () => call.printed.stderr.includes('once more stops at once'));
  call.process.kill('SIGINT');
  expect((await call.ended).code).toBe(130);
  process.kill(worker?.pid ?? 0, 'SIGCONT');
  await waitFor('the worker to stop', async () => {
    const { json } = await place.json(['worker', 'list']);
    return (json as { workers: unknown[] }).workers.length === 0;
  });
});

test('a second run beside the first queues, says who leads, and its work is done, too', async () => {
  const gate = await tempFolder();
  await using place = await desk({ sessions: [{ ...tea, waitsFor: join(gate.path, 'open') }, milk] });
  const first = place.start(['run', 'Write tea.txt']);
  await waitFor('the first one’s session', () => place.claude.hasBegun(tea.prompt));
  const second = await place.swarm(['run', 'Write milk.txt']);
  expect([second.code, second.stderr]).toEqual([
    0,
    expect.stringMatching(/process \d+ coordinates this repository already/),
  ]);
  await writeFile(join(gate.path, 'open'), '');
  expect((await first.ended).code).toBe(0);
  await gate[Symbol.asyncDispose]();
});
