import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Block } from './script.ts';

/** One message of the model, ready to be sent whole or as a stream. */
export interface Answer {
  readonly model: string;
  readonly blocks: readonly Block[];
  /** Length of the request in characters; the usage that is reported follows from it. */
  readonly requestLength: number;
}

/** Sends an answer as one JSON document. */
export function sendWhole(response: ServerResponse, answer: Answer): void {
  const message = { ...envelope(answer), content: answer.blocks.map(contentOf), ...ending(answer) };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message));
}

/** Sends an answer as the stream of server-sent events that the Messages API speaks. */
export function sendStream(response: ServerResponse, answer: Answer): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const send = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  send('message_start', { message: { ...envelope(answer), content: [], stop_reason: null, stop_sequence: null } });
  answer.blocks.map(contentOf).forEach((block, index) => {
    const { start, delta } = streamed(block);
    send('content_block_start', { index, content_block: start });
    send('content_block_delta', { index, delta });
    send('content_block_stop', { index });
  });
  const { usage, ...delta } = ending(answer);
  send('message_delta', { delta, usage });
  send('message_stop', {});
  response.end();
}

type Content =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object };

function contentOf(block: Block): Content {
  if ('text' in block) return { type: 'text', text: block.text };
  return { type: 'tool_use', id: `toolu_${unique()}`, name: block.tool, input: block.input };
}

function streamed(block: Content): { start: object; delta: object } {
  if (block.type === 'text') return { start: { ...block, text: '' }, delta: { type: 'text_delta', text: block.text } };
  return {
    start: { ...block, input: {} },
    delta: { type: 'input_json_delta', partial_json: JSON.stringify(block.input) },
  };
}

function envelope({ model, requestLength }: Answer): object {
  const usage = {
    input_tokens: 12,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: Math.ceil(requestLength / 4),
    output_tokens: 1,
  };
  return { id: `msg_${unique()}`, type: 'message', role: 'assistant', model, usage };
}

function ending({ blocks, requestLength }: Answer) {
  return {
    stop_reason: blocks.some((block) => 'tool' in block) ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 12,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: Math.ceil(requestLength / 4),
      output_tokens: Math.ceil(JSON.stringify(blocks).length / 4),
    },
  };
}

function unique(): string {
  return randomUUID().replaceAll('-', '');
}
