import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { type Desk, desk } from '../../support/commandLine.ts';
import { waitFor } from '../../support/waitFor.ts';

const main = join(import.meta.dirname, '../../../src/cli/main.ts');

/** Speaks with `swarm mcp` through its stdin and stdout, as a client does; disposing closes its stdin. */
async function client(place: Desk, ...args: readonly string[]) {
  const child = spawn(process.execPath, [main, 'mcp', ...args], {
    cwd: place.repo.path,
    env: place.env,
    stdio: 'pipe',
  });
  const ended = once(child, 'close');
  const answers = new Map<number, (answer: { result?: object; error?: object }) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line);
    answers.get(answer.id)?.(answer);
  });
  let last = 0;
  const rpc = (method: string, params: object = {}) =>
    new Promise<{ result?: object; error?: object }>((resolve) => {
      last += 1;
      answers.set(last, resolve);
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: last, method, params })}\n`);
    });
  await rpc('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  });
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  return {
    rpc,
    async use(name: string, input: object = {}): Promise<string> {
      const { result, error } = await rpc('tools/call', { name, arguments: input });
      if (result === undefined) return `rpc error: ${JSON.stringify(error)}`;
      const { content, isError } = result as { content: { text: string }[]; isError?: boolean };
      return `${isError ? 'error: ' : ''}${content.map(({ text }) => text).join('\n')}`;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

test('a session that Swarm has not started joins by its name, and leaves with what it holds when it ends', async () => {
  await using place = await desk({ files: { 'src/a.ts': 'x' } });
  {
    await using ada = await client(place, '--worker', 'ada');
    const got = await ada.use('claim', { paths: ['src/a.ts'] });
    const refused = await place.json(['claim', 'src/', '--worker', 'eve']);
    await place.json(['message', 'ada', 'when will you be done?', '--worker', 'eve']);
    expect([got, refused, await ada.use('sync'), await ada.use('sync')]).toMatchObject([
      'You hold src/a.ts.',
      { code: 1, json: { refused: [{ holder: 'ada' }] } },
      expect.stringContaining('> when will you be done?'),
      'Nothing is new.',
    ]);
  }
  await waitFor('the claims to end', async () => {
    const { json } = await place.json(['claims']);
    return (json as { claims: unknown[] }).claims.length === 0;
  });
});

test('the person’s coordinating session sees all and queues tasks; nobody else has these tools', async () => {
  await using place = await desk();
  await using plain = await client(place, '--worker', 'ada');
  await using coordinator = await client(place, '--coordinator');
  const { result } = await coordinator.rpc('tools/list');
  const { tools } = result as { tools: { name: string; _meta?: object }[] };
  const queued = await coordinator.use('fan_out', {
    tasks: [
      { prompt: 'Brew the tea', title: 'Tea', name: 'tea', paths: ['tea/**'] },
      { prompt: 'Pour it', title: 'Pour', after: ['tea'], forbidden: ['tea/**'] },
    ],
    workers: 2,
  });
  const tasks = JSON.parse(await coordinator.use('tasks', { states: ['queued'] })) as { tasks: object[]; more: number };
  await plain.use('message', { to: 'coordinator', body: 'which cup?' });
  expect({
    asking: tools.filter(({ _meta }) => _meta !== undefined),
    refused: await plain.use('fan_out', { tasks: [{ prompt: 'x' }] }),
    queued: JSON.parse(queued),
    tasks,
    overview: JSON.parse(await coordinator.use('overview')),
    heard: await coordinator.use('sync'),
    unread: (await place.json(['inbox', '--count'])).json,
    reviews: JSON.parse(await coordinator.use('review_list')),
    show: await coordinator.use('review_show', { task: 'Pour' }),
    wrong: await coordinator.use('fan_out', { tasks: [{ prompt: 'x', after: ['nothing'] }] }),
  }).toMatchObject({
    asking: [{ name: 'fan_out', _meta: { 'anthropic/requiresUserInteraction': true } }],
    refused: expect.stringMatching(/^rpc error: .*fan_out/),
    queued: { tasks: [{ title: 'Tea', after: [] }, { title: 'Pour' }] },
    tasks: {
      tasks: [
        { title: 'Tea', state: 'queued' },
        { title: 'Pour', waitingFor: 'waits for “Tea” (queued)' },
      ],
      more: 0,
    },
    overview: { tasks: { queued: 2 }, workers: [], claims: [] },
    heard: expect.stringContaining('> which cup?'),
    unread: { unread: 0 },
    reviews: { reviews: [] },
    show: 'error: “Pour” has handed over nothing yet',
    wrong: expect.stringMatching(/^error: .*nothing/),
  });
  await place.json(['task', 'cancel', 'Tea', 'Pour']);
});
