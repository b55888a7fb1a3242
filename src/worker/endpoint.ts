import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../base/errors.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';

/**
 * Answers one request: JSON in, JSON or a whole `Response` out. `gone` aborts when nobody waits for the answer any more; what
 * is given to `whenSent` is called once, with whether the answer has left.
 */
type Answer = (
  body: unknown,
  gone: AbortSignal,
  whenSent: (listener: (sent: boolean) => void) => void,
  headers: IncomingHttpHeaders,
) => unknown;

/** How requests to one path are answered, and how long they may be where that is not what hooks need. */
export type Route = Answer | { readonly answer: Answer; readonly maximumBytes: number };

/** One session's way in, until it is disposed. */
interface Door extends Disposable {
  /** 256 bits; never to be put where others can read it (argv, logs). */
  readonly token: string;
}

/** The worker's own HTTP server on loopback. */
export interface Endpoint extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** Opens routes (paths such as `/hook`) to whoever shows the door's token, and to nobody else. */
  openDoor(routes: Readonly<Record<string, Route>>): Door;
}

/** Hooks carry whole files and outputs of tools; a limit below those would make the gate deny honest work. */
const longestHook = 32 * 1024 * 1024;
/** For the whole of a request to arrive; how long its answer takes is the route's affair. */
const receiveMs = 10_000;

interface Opened {
  readonly token: Buffer;
  readonly routes: Readonly<Record<string, Route>>;
}

/** Starts the server on a random port of 127.0.0.1. */
export async function openEndpoint(log: Log): Promise<Endpoint> {
  const doors = new Set<Opened>();
  let host = '';

  const server = createServer({ requestTimeout: receiveMs, connectionsCheckingInterval: 1000 }, (request, response) => {
    // A connection that is used again may be closed by us just then; a hook that fails is an edit denied.
    response.setHeader('connection', 'close');
    answer(request, response).catch((error: unknown) => {
      if (!(error instanceof Refused)) log.error(`a request to ${request.url} failed: ${messageOf(error)}`, error);
      send(response, error instanceof Refused ? error.status : 500, {});
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.host !== host || request.headers.origin !== undefined) throw new Refused(403);
    const door = find(doors, request.headers.authorization);
    if (door === undefined) throw new Refused(401);
    if (request.method !== 'POST') throw new Refused(405);
    if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) throw new Refused(415);
    const route = Object.hasOwn(door.routes, request.url ?? '') ? door.routes[request.url ?? ''] : undefined;
    if (route === undefined) throw new Refused(404);
    const { answer: reply, maximumBytes } =
      typeof route === 'function' ? { answer: route, maximumBytes: longestHook } : route;
    const body = parse(await receive(request, maximumBytes));
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const whenSent = (listener: (sent: boolean) => void) => {
      const tell = () => listener(response.statusCode === 200 && response.writableFinished);
      if (response.closed) tell();
      else response.once('close', tell);
    };
    const replied = await reply(body, gone.signal, whenSent, request.headers);
    if (replied instanceof Response) await pass(replied, response);
    else send(response, 200, replied ?? {});
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: `http://${host}`,
    openDoor(routes) {
      const token = randomBytes(32).toString('base64url');
      const opened = { token: Buffer.from(token), routes };
      doors.add(opened);
      return { token, dispose: () => void doors.delete(opened) };
    },
    async [Symbol.asyncDispose]() {
      doors.clear();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An answer in the form of a status and nothing else. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

/** Compares with every door, each in constant time, so that nothing can be learnt from how long it takes. */
function find(doors: ReadonlySet<Opened>, authorization: string | undefined): Opened | undefined {
  const shown = Buffer.from(/^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? '');
  let found: Opened | undefined;
  for (const door of doors) {
    if (shown.length === door.token.length && timingSafeEqual(shown, door.token)) found = door;
  }
  return found;
}

async function receive(request: IncomingMessage, maximumBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maximumBytes) throw new Refused(413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(400);
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Sends a whole answer, piece by piece as it comes. */
async function pass(reply: Response, response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  response.writeHead(reply.status, Object.fromEntries(reply.headers));
  for await (const piece of reply.body ?? []) response.write(piece);
  response.end();
}
