import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What Claude Code posts to an http hook; only the fields that every event has are named. */
export interface HookInput {
  readonly hook_event_name: string;
  readonly session_id: string;
  readonly transcript_path: string;
  readonly cwd: string;
  readonly tool_name?: string;
  readonly [field: string]: unknown;
}

/** A loopback address for http hooks that keeps what it was told. */
export interface HookEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly inputs: readonly HookInput[];
  /** The `authorization` header of each of `inputs`. */
  readonly authorizations: readonly (string | undefined)[];
  /** The inputs of one event, oldest first. */
  of(event: string): readonly HookInput[];
}

/** An answer that lets the tool run. */
export const granted = { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'allow' } };

/** Listens on 127.0.0.1 until disposed; PreToolUse gets what `decide` returns, every other event an empty answer. */
export async function startHooks(decide: (input: HookInput) => object): Promise<HookEndpoint> {
  const inputs: HookInput[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const input = JSON.parse(Buffer.concat(chunks).toString('utf8')) as HookInput;
    inputs.push(input);
    authorizations.push(request.headers.authorization);
    const answer = input.hook_event_name === 'PreToolUse' ? decide(input) : {};
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    inputs,
    authorizations,
    of: (event) => inputs.filter((input) => input.hook_event_name === event),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
