import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import { type Endpoint, openEndpoint } from '../../../src/worker/endpoint.ts';
import { waitFor } from '../../support/waitFor.ts';

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Speaks to the endpoint as anything on this machine could; resolves with the status and the answer. */
function ask(endpoint: Endpoint, { path = '/hook', method = 'POST', headers = {}, body = '{}' }: Asked) {
  return new Promise<{ status: number | undefined; answer: string }>((resolve, reject) => {
    const asked = request(`${endpoint.url}${path}`, { method, headers }, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        answer += text;
      });
      response.on('end', () => resolve({ status: response.statusCode, answer }));
    });
    asked.on('error', reject).end(body);
  });
}

const json = { 'content-type': 'application/json' };
const bearer = (token: string) => ({ ...json, authorization: `Bearer ${token}` });

describe('the endpoint', () => {
  test('listens on loopback, and hands the body to the route of the door whose token is shown', async () => {
    await using endpoint = await openEndpoint(silentLog);
    const door = endpoint.openDoor({ '/hook': (body) => ({ heard: body }), '/quiet': () => undefined });
    const other = endpoint.openDoor({ '/hook': () => 'other' });
    expect(endpoint.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect([
      await ask(endpoint, { headers: bearer(door.token), body: '{"a":"ä"}' }),
      await ask(endpoint, {
        headers: { ...bearer(door.token), 'content-type': 'application/json; charset=utf-8' },
        path: '/quiet',
      }),
      await ask(endpoint, { headers: bearer(other.token) }),
    ]).toEqual([
      { status: 200, answer: '{"heard":{"a":"ä"}}' },
      { status: 200, answer: '{}' },
      { status: 200, answer: '"other"' },
    ]);
  });

  test('refuses everything else, and asks no route', async () => {
    await using endpoint = await openEndpoint(silentLog);
    let calls = 0;
    const door = endpoint.openDoor({
      '/hook': () => {
        calls += 1;
      },
    });
    const headers = bearer(door.token);
    const refusals: readonly (readonly [what: string, status: number, asked: Asked])[] = [
      ['no token', 401, { headers: json }],
      ['another token', 401, { headers: bearer('x'.repeat(door.token.length)) }],
      ['a part of the token', 401, { headers: bearer(door.token.slice(0, -1)) }],
      ['the token as a password', 401, { headers: { ...json, authorization: `Basic ${door.token}` } }],
      ['another host, as a rebound name would give', 403, { headers: { ...headers, host: 'evil.example.com' } }],
      [
        'the host by another name',
        403,
        { headers: { ...headers, host: endpoint.url.replace('http://127.0.0.1', 'localhost') } },
      ],
      ['a page of a browser', 403, { headers: { ...headers, origin: endpoint.url } }],
      ['a page without an origin', 403, { headers: { ...headers, origin: 'null' } }],
      ['a form', 415, { headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' } }],
      ['a plain form', 415, { headers: { ...headers, 'content-type': 'text/plain' } }],
      ['a body that says it is more than JSON', 415, { headers: { ...headers, 'content-type': 'application/jsonx' } }],
      ['GET', 405, { headers, method: 'GET', body: '' }],
      ['PUT', 405, { headers, method: 'PUT' }],
      ['another path', 404, { headers, path: '/hook/../x' }],
      ['a path that every object has', 404, { headers, path: '/toString' }],
      ['no JSON', 400, { headers, body: '{"a":' }],
    ];
    const answers = await Promise.all(
      refusals.map(async ([what, , asked]) => ({ what, ...(await ask(endpoint, asked)) })),
    );
    expect(answers).toEqual(refusals.map(([what, status]) => ({ what, status, answer: '{}' })));
    expect(calls).toBe(0);
  });

  test('takes the files that hooks carry, and refuses what is larger than any of them', async () => {
    await using endpoint = await openEndpoint(silentLog);
    const door = endpoint.openDoor({ '/hook': (body) => String(body).length });
    const text = (megabytes: number) => JSON.stringify('x'.repeat(megabytes * 1024 * 1024));
    const headers = bearer(door.token);
    expect(await ask(endpoint, { headers, body: text(8) })).toEqual({ status: 200, answer: `${8 * 1024 * 1024}` });
    const large = await ask(endpoint, { headers, body: text(33) }).catch((error: NodeJS.ErrnoException) => error.code);
    expect([{ status: 413, answer: '{}' }, 'ECONNRESET', 'EPIPE']).toContainEqual(large);
  });

  test('forgets a door that was closed', async () => {
    await using endpoint = await openEndpoint(silentLog);
    const door = endpoint.openDoor({ '/hook': () => ({}) });
    door.dispose();
    expect((await ask(endpoint, { headers: bearer(door.token) })).status).toBe(401);
  });

  test('tells a caller nothing of a route that fails, but its log', async () => {
    const errors: string[] = [];
    await using endpoint = await openEndpoint({ ...silentLog, error: (message) => void errors.push(message) });
    const door = endpoint.openDoor({ '/hook': () => Promise.reject(new Error('secret reason')) });
    expect(await ask(endpoint, { headers: bearer(door.token) })).toEqual({ status: 500, answer: '{}' });
    expect(errors).toEqual(['a request to /hook failed: secret reason']);
  });

  test('tells a route once whether its answer has left', async () => {
    await using endpoint = await openEndpoint(silentLog);
    const started = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const told: unknown[] = [];
    const door = endpoint.openDoor({
      '/sent': (_body, _gone, whenSent) => whenSent((sent) => void told.push(['sent', sent])),
      '/failed': (_body, _gone, whenSent) => {
        whenSent((sent) => void told.push(['failed', sent]));
        throw new Error('of the route');
      },
      '/lost': async (_body, gone, whenSent) => {
        whenSent((sent) => void told.push(['lost', sent]));
        gone.addEventListener('abort', () => left.resolve());
        started.resolve();
        await left.promise;
        whenSent((sent) => void told.push(['too late', sent]));
      },
    });
    const headers = bearer(door.token);
    await ask(endpoint, { headers, path: '/sent' });
    await ask(endpoint, { headers, path: '/failed' });
    const asked = request(`${endpoint.url}/lost`, { method: 'POST', headers });
    asked.on('error', () => {}).end('{}');
    await started.promise;
    asked.destroy();
    await waitFor('everything to be told', () => told.length === 4);
    expect(told).toEqual([
      ['sent', true],
      ['failed', false],
      ['lost', false],
      ['too late', false],
    ]);
  });

  test('tells a route when nobody waits for its answer any more', async () => {
    await using endpoint = await openEndpoint(silentLog);
    const started = Promise.withResolvers<void>();
    const left = Promise.withResolvers<string>();
    const door = endpoint.openDoor({
      '/hook': async (_, gone) => {
        gone.addEventListener('abort', () => left.resolve('left'));
        started.resolve();
        return left.promise;
      },
    });
    const asked = request(`${endpoint.url}/hook`, { method: 'POST', headers: bearer(door.token) });
    asked.on('error', () => {}).end('{}');
    await started.promise;
    asked.destroy();
    expect(await left.promise).toBe('left');
  });

  test('does not wait for ever for a caller that sends slowly', { timeout: 30_000 }, async () => {
    await using endpoint = await openEndpoint(silentLog);
    const socket = connect(Number(new URL(endpoint.url).port), '127.0.0.1');
    const closed = new Promise<string>((resolve) => {
      let said = '';
      socket.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      socket.once('close', () => resolve(said)).on('error', () => {});
    });
    socket.write('POST /hook HTTP/1.1\r\nhost: 127.0.0.1\r\n');
    expect(await closed).toMatch(/^HTTP\/1\.1 408/);
  });
});
