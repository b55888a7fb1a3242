import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { openSwarm, systemRandom } from '../../../src/bridge/open.ts';
import { Teamwork } from '../../../src/core/flow/teamwork.ts';
import { newId } from '../../../src/core/model/ids.ts';
import { openProcesses } from '../../../src/process/identity.ts';
import { openEndpoint } from '../../../src/worker/endpoint.ts';
import { sessionTools } from '../../../src/worker/mcp/sessionTools.ts';
import { tempRepo } from '../git/tempRepo.ts';

const initialize = {
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

/** Two tasks with a session each, whose tools are behind doors of one endpoint. */
async function office() {
  await using stack = new AsyncDisposableStack();
  const repo = stack.use(await tempRepo({ 'src/a.ts': 'x' }));
  const opened = stack.adopt(await openSwarm({ folder: repo.path, trusted: () => true }), (each) => each.dispose());
  const { store, swarm } = opened;
  const { self } = await openProcesses();
  const { tasks } = await swarm.fanOut({
    requests: [{ prompt: 'Tea' }, { prompt: 'Milk' }],
    target: 'main',
    workers: 2,
    mode: 'print',
    review: 'human',
    land: false,
  });
  for (const _ of tasks) {
    const [worker, launch, face] = [
      newId('worker', systemRandom),
      newId('launch', systemRandom),
      newId('face', systemRandom),
    ];
    await store.requestWorker({ worker, launch, face, mode: 'print', machine: self.machine, max: 9, now: 1 });
    const owner = { ...self, startTime: worker };
    await store.workerStarted({ worker, process: owner, leaseMs: 60_000, now: Date.now() });
    const attempt = newId('attempt', systemRandom);
    const lease = { worker, attempt, owner, leaseMs: 60_000, max: 9, startAfter: 'merged', modes: {} } as const;
    await store.leaseNext({ ...lease, now: Date.now() });
  }
  const endpoint = stack.use(await openEndpoint(silentLog));
  const doors = tasks.map(({ id }) =>
    endpoint.openDoor({
      '/mcp': sessionTools({
        store,
        random: systemRandom,
        log: silentLog,
        task: id,
        worktree: join(repo.path, 'src'),
        commonDir: opened.repo.commonDir,
        modes: async () => ({}),
      }),
    }),
  );
  const ask = ({ method = 'POST', headers = {}, body = '{}' }: Asked) =>
    new Promise<{ status: number | undefined; answer: string }>((resolve, reject) => {
      const kept = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
      const asked = request(`${endpoint.url}/mcp`, { method, headers: Object.fromEntries(kept) }, (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          answer += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode, answer }));
      });
      asked.on('error', reject).end(body);
    });
  const headersOf = (door: number) => ({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${doors[door]?.token}`,
  });
  const rpc = async (door: number, message: object) => {
    const { status, answer } = await ask({
      headers: headersOf(door),
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
    });
    const data = /^data: (.*)$/m.exec(answer)?.[1] ?? answer;
    return { status, ...(JSON.parse(data) as { result?: unknown; error?: unknown }) };
  };
  /** Calls a tool; answers its text, with `error:` before it when the tool refused. */
  const use = async (door: number, name: string, input: object): Promise<string> => {
    const { result, error } = await rpc(door, { method: 'tools/call', params: { name, arguments: input } });
    if (error !== undefined) return `rpc error: ${JSON.stringify(error)}`;
    const { content, isError } = result as { content: { text: string }[]; isError?: boolean };
    return `${isError ? 'error: ' : ''}${content.map(({ text }) => text).join('\n')}`;
  };
  const disposables = stack.move();
  return {
    endpoint,
    doors,
    store,
    tasks,
    ask,
    headersOf,
    rpc,
    use,
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  };
}

test('a session finds its tools, and each says what it takes', async () => {
  await using place = await office();
  const hello = await place.rpc(0, initialize);
  const { result } = await place.rpc(0, { method: 'tools/list' });
  const { tools } = result as { tools: { name: string; description: string; inputSchema: { type: string } }[] };
  expect(hello).toMatchObject({ status: 200, result: { serverInfo: { name: 'swarm' }, capabilities: { tools: {} } } });
  expect(tools.map(({ name }) => name)).toEqual([
    'sync',
    'claim',
    'unclaim',
    'claims',
    'ask_for_claim',
    'message',
    'broadcast',
    'reply',
    'inbox',
    'members',
    'context_add',
    'context_show',
    'context_set',
    'status_update',
  ]);
  expect(
    tools.filter(({ description, inputSchema }) => description.length < 40 || inputSchema.type !== 'object'),
  ).toEqual([]);
});

test('two sessions want one file: one is refused, asks, is answered, and gets it', async () => {
  await using place = await office();
  const [tea = { id: '' }, milk = { id: '' }] = place.tasks;
  const got = await place.use(0, 'claim', { paths: ['a.ts', '../docs/'] });
  const refused = await place.use(1, 'claim', { paths: ['b.ts', 'a.ts'] });
  const asked = await place.use(1, 'ask_for_claim', { path: 'a.ts', why: 'The build needs it.' });
  const heard = await place.use(0, 'sync', {});
  const [, id = ''] = /swarm reply (\w+)/.exec(heard) ?? [];
  const waiting = place.use(1, 'claim', { paths: ['a.ts'], wait_seconds: 30 });
  const replied = await place.use(0, 'reply', { id, body: 'It is yours.' });
  const released = await place.use(0, 'unclaim', { all: true });
  expect({
    got,
    refused,
    asked,
    heard,
    replied,
    released,
    waited: await waiting,
    inbox: await place.use(1, 'inbox', {}),
  }).toEqual({
    got: 'You hold src/a.ts, docs/.',
    refused: expect.stringMatching(
      new RegExp(
        `^error: Nothing was claimed\\.\nsrc/a\\.ts is claimed by worker \\d \\(task ${tea.id}, “Tea”\\), while it works, at least \\d+ s more\\.\n`,
      ),
    ),
    asked: 'Sent to Tea.',
    heard: expect.stringContaining('> Please release src/a.ts as soon as you can. The build needs it.'),
    replied: 'Sent to Milk.',
    released: 'Released: src/a.ts, docs/',
    waited: 'You hold src/a.ts.',
    inbox: expect.stringContaining('> It is yours.'),
  });
  expect(await place.store.claims()).toMatchObject([{ path: 'src/a.ts', holder: milk.id }]);
});

test('what is wrong with a call is told to the model in words, and nothing happens', async () => {
  await using place = await office();
  expect(
    await Promise.all([
      place.use(0, 'claim', { paths: ['../../x'] }),
      place.use(0, 'claim', { paths: [] }),
      place.use(0, 'claim', { paths: ['x'], wait_seconds: 51 }),
      place.use(0, 'claim', {}),
      place.use(0, 'message', { to: 'nobody', body: 'x' }),
      place.use(0, 'message', { to: 'you', body: '\u202e\u0007' }),
      place.use(0, 'message', { to: 'you', body: 'x'.repeat(16_001) }),
      place.use(0, 'reply', { id: 'm000000000', body: 'x' }),
      place.use(0, 'unclaim', {}),
      place.use(0, 'context_set', { key: 'a b', value: 'x' }),
      place.use(0, 'status_update', { status: 'running' }),
      place.use(0, 'fan_out', { tasks: [{ prompt: 'x' }] }),
    ]),
  ).toEqual([
    expect.stringMatching(/^error: "\.\.\/\.\.\/x" is not inside the repository/),
    expect.stringMatching(/^error: .*paths/),
    expect.stringMatching(/^error: .*wait_seconds/),
    expect.stringMatching(/^error: .*paths/),
    expect.stringMatching(/^error: “nobody” is nobody here; there are: you, /),
    'error: say something',
    expect.stringMatching(/^error: .*body/),
    'error: there is no message m000000000 to you',
    'error: Name the paths, or say all: true; not both.',
    expect.stringMatching(/^error: “a b” is no name for a value/),
    expect.stringMatching(/^error: .* has no open session/),
    expect.stringMatching(/^rpc error: .*fan_out/),
  ]);
  expect(await place.store.claims()).toEqual([]);
});

test('the tools of a session are behind its token, on this machine, for programs that are no pages', async () => {
  await using place = await office();
  const { ask, headersOf, endpoint, doors } = place;
  const headers = headersOf(0);
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const refusals: readonly (readonly [number, Asked])[] = [
    [401, { headers: { ...headers, authorization: undefined } }],
    [401, { headers: { ...headers, authorization: `Bearer ${'x'.repeat(43)}` } }],
    [403, { headers: { ...headers, host: 'evil.com' } }],
    [403, { headers: { ...headers, origin: 'http://evil.com' } }],
    [403, { headers: { ...headers, origin: endpoint.url } }],
    [415, { headers: { ...headers, 'content-type': 'text/plain' } }],
    [415, { headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' } }],
    [405, { headers, method: 'GET', body: '' }],
    [405, { headers, method: 'DELETE', body: '' }],
    [400, { headers, body: '{"jsonrpc":' }],
  ];
  const answers = await Promise.all(refusals.map(async ([, asked]) => (await ask({ body, ...asked })).status));
  expect(answers).toEqual(refusals.map(([status]) => status));
  const large = await ask({ headers, body: JSON.stringify({ x: 'x'.repeat(1024 * 1024) }) }).catch(
    (error: NodeJS.ErrnoException) => ({ status: error.code }),
  );
  expect([413, 'ECONNRESET', 'EPIPE']).toContain(large.status);
  expect((await ask({ headers, body })).status).toBe(200);
  doors[0]?.dispose();
  expect((await ask({ headers, body })).status).toBe(401);
});

test('another session’s token opens that session’s tools, and what is said there is said by it', async () => {
  await using place = await office();
  const [tea, milk] = place.tasks;
  await place.use(1, 'message', { to: 'you', body: 'from the other' });
  const you = new Teamwork(
    { store: place.store, clock: systemClock, random: systemRandom, modes: async () => ({}) },
    'you',
  );
  expect(await you.inbox({ unreadOnly: true })).toMatchObject([{ from: milk?.id }]);
  expect(tea?.id).not.toBe(milk?.id);
});

test('who sends slowly is not waited for', async () => {
  await using place = await office();
  const { port } = new URL(place.endpoint.url);
  const socket = connect(Number(port), '127.0.0.1');
  const headers = Object.entries({ ...place.headersOf(0), host: `127.0.0.1:${port}`, 'content-length': '100' });
  socket.write(`POST /mcp HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n{`);
  const answer = await new Promise<string>((resolve, reject) => {
    let heard = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      heard += piece;
    });
    socket.on('error', reject).on('close', () => resolve(heard));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
}, 40_000);
