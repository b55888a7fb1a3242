import { readdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { type Sandbox, sandbox } from '../support/model/sandbox.ts';
import { say, task, write } from '../support/model/script.ts';
import { launchSession, sessionRequest } from '../support/session.ts';
import { waitFor } from '../support/waitFor.ts';

type Fault = (request: IncomingMessage, response: ServerResponse) => void;

const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Fault =>
  (_, response) =>
    void response.writeHead(code, headers).end('{}');
const body =
  (text: string): Fault =>
  (_, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(text);
const decision = (hookEventName: string, permissionDecision: unknown) =>
  body(JSON.stringify({ hookSpecificOutput: { hookEventName, permissionDecision } }));

/** Ways in which an endpoint does not grant an edit, by what is wrong with it. */
const faults: Readonly<Record<string, Fault>> = {
  // First, as Claude Code waits for it as long as it may.
  'no answer at all': () => {},
  'a mistake of its own': status(500),
  'no such path': status(404),
  'a token that is not good any more': status(401),
  'an address elsewhere': status(307, { location: '/elsewhere' }),
  'no content': status(204),
  'an empty answer': body(''),
  'words that are no JSON': body('<html>proxy error</html>'),
  'JSON that is nothing': body('null'),
  'half of an answer': body('{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"al'),
  'an answer to another question': decision('PostToolUse', 'allow'),
  'a decision that does not exist': decision('PreToolUse', 'perhaps'),
  'a connection that is cut': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('{"hook');
    setTimeout(() => response.destroy(), 50);
  },
  'a connection that is reset': (request) => void request.socket.resetAndDestroy(),
};

/** Where hooks are answered as the fault in the address says when a tool is about to be used, and with nothing otherwise. */
async function faultyEndpoint() {
  const names = Object.keys(faults);
  const asked = new Set<string>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const name = names[Number(/^\/(\d+)\/hook$/.exec(request.url ?? '')?.[1])];
    const fault = name === undefined ? undefined : faults[name];
    if (name === undefined || fault === undefined || !Buffer.concat(chunks).includes('"PreToolUse"'))
      return body('{}')(request, response);
    asked.add(name);
    fault(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    asked,
    urlOf: (name: string) => `${url}/${names.indexOf(name)}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const writing = Object.keys(faults).map((name, at) =>
  task(`write ${at}.`).turns([write(`${at}.txt`, name)], [say('Done.')]),
);

/** Runs some at once: each has a process that needs a core for a while. */
async function inTurns<T, R>(items: readonly T[], atOnce: number, run: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const waiting = items.map((item, at) => ({ item, at }));
  const next = async () => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift())
      results[each.at] = await run(each.item);
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  return results;
}

const left = async (box: Sandbox) => (await readdir(box.repository)).filter((name) => /^\d+\.txt$/.test(name));

test('in print mode nothing is written, whatever is wrong with the endpoint', async () => {
  await using box = await sandbox({ script: writing });
  await using faulty = await faultyEndpoint();
  const ended = await inTurns(Object.keys(faults), 4, async (name) => {
    const at = Object.keys(faults).indexOf(name);
    await using session = await launchSession(
      sessionRequest(box, { prompt: `write ${at}.` }),
      box.home.env,
      undefined,
      undefined,
      (endpoint) => ({ url: faulty.urlOf(name), openDoor: (routes) => endpoint.openDoor(routes) }),
    );
    const { exitCode, denied } = await session.finished;
    return [name, exitCode, ...denied];
  });
  expect({ ended, asked: [...faulty.asked].sort(), left: await left(box) }).toEqual({
    ended: Object.keys(faults).map((name) => [name, 0, 'Write']),
    asked: Object.keys(faults).sort(),
    left: [],
  });
});

test('in a terminal the person is asked, and nothing is written without them', async () => {
  await using box = await sandbox({ script: writing });
  await using faulty = await faultyEndpoint();
  const some = ['no answer at all', 'a mistake of its own', 'words that are no JSON', 'a connection that is reset'];
  const asked = await inTurns(some, 2, async (name) => {
    const hook = { type: 'http', url: `${faulty.urlOf(name)}/hook`, timeout: 10 };
    const settings = await box.settings({ hooks: { PreToolUse: [{ matcher: '*', hooks: [hook] }] } });
    const at = Object.keys(faults).indexOf(name);
    await using terminal = await box.open({
      args: ['--settings', settings, '--permission-mode', 'default', '--', `write ${at}.`],
    });
    await waitFor('the person to be asked', () => terminal.printed().includes('Doyouwantto'));
    return name;
  });
  expect({ asked, left: await left(box) }).toEqual({ asked: some, left: [] });
});
