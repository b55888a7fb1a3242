import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, sendStream, sendWhole } from './answer.ts';
import { type Conversation, type MessagesRequest, readConversation } from './conversation.ts';
import { type Block, type Failure, nextTurn, type Scenario, type Turn } from './script.ts';

/** The scripted model on a loopback port, for as many sessions at once as like to ask it. */
export interface ModelServer extends AsyncDisposable {
  /** For `ANTHROPIC_BASE_URL`. */
  readonly url: string;
  /** The latest state of every conversation, in the order in which they began. */
  conversations(): readonly Conversation[];
  /** Every request that the script had no answer to; it was answered with words that end the turn. */
  readonly unexpected: readonly Conversation[];
  /** By what each request for an answer was to be paid: its `x-api-key`, else its `authorization`. */
  readonly credentials: readonly string[];
  /** Adds scenarios; earlier ones win. */
  add(...scenarios: readonly Scenario[]): void;
}

const maximumBytes = 64 * 1024 * 1024;

/** Plays the Anthropic Messages API on 127.0.0.1 until disposed; open streams are then cut. */
export async function startModel(...script: readonly Scenario[]): Promise<ModelServer> {
  const scenarios = [...script];
  const latest = new Map<string, Conversation>();
  const unexpected: Conversation[] = [];
  const credentials: string[] = [];
  const attempts = new Map<string, number>();

  async function answer(request: MessagesRequest, requestLength: number, response: ServerResponse): Promise<void> {
    const conversation = readConversation(request);
    const turn = conversation.tools.length === 0 ? side(request) : await scripted(conversation);
    if (isFailure(turn)) return fail(response, turn);
    const blocks: Block[] = turn.map((step) => (typeof step === 'function' ? step(conversation) : step));
    const whole: Answer = { model: request.model, blocks, requestLength };
    return request.stream ? sendStream(response, whole) : sendWhole(response, whole);
  }

  async function scripted(conversation: Conversation): Promise<Turn> {
    latest.set(`${conversation.session} ${conversation.prompt}`, conversation);
    const place = JSON.stringify([conversation.session, conversation.userTexts, conversation.answersSince]);
    const attempt = attempts.get(place) ?? 0;
    attempts.set(place, attempt + 1);
    const turn = await nextTurn(scenarios, { conversation, attempt });
    if (turn) return turn;
    unexpected.push(conversation);
    return [{ text: 'The script has no answer to this.' }];
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      // A mistake in a script must be seen in the session, not end the server of all the others.
      fail(response, { status: 400, message: String(error) });
    });
  });
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://model').pathname;
    const body = await bodyOf(request);
    if (request.method === 'POST' && path === '/v1/messages') {
      credentials.push(String(request.headers['x-api-key'] ?? request.headers.authorization));
      return answer(JSON.parse(body), body.length, response);
    }
    if (request.method === 'POST' && path === '/v1/messages/count_tokens')
      return sendJson(response, 200, { input_tokens: Math.ceil(body.length / 4) });
    if (path === '/') return sendJson(response, 200, {});
    return fail(response, { status: 404, message: `no such thing: ${path}` });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    conversations: () => [...latest.values()],
    unexpected,
    credentials,
    add: (...more) => void scenarios.push(...more),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function isFailure(turn: Turn): turn is Failure {
  return !Array.isArray(turn);
}

/** Requests of Claude Code for itself: a title of the session, a probe of the quota. */
function side(request: MessagesRequest): Turn {
  const properties = request.output_config?.format?.schema?.properties;
  if (!properties) return [{ text: 'ok' }];
  return [{ text: JSON.stringify(Object.fromEntries(Object.keys(properties).map((key) => [key, 'Scripted']))) }];
}

function fail(response: ServerResponse, failure: Failure): void {
  if (response.headersSent || 'hang' in failure) return;
  if ('garbage' in failure) {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end('event: nonsense\ndata: {"type":\n\n');
    return;
  }
  const type = { 429: 'rate_limit_error', 529: 'overloaded_error', 404: 'not_found_error' }[failure.status];
  const error = { type: type ?? 'api_error', message: failure.message ?? `scripted failure ${failure.status}` };
  sendJson(response, failure.status, { type: 'error', error }, failure.headers);
}

function sendJson(
  response: ServerResponse,
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maximumBytes) throw new Error('the request is too long for the scripted model');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
