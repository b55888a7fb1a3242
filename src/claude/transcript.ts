import { type FileHandle, open } from 'node:fs/promises';
import * as z from 'zod';
import type { SessionEvent, Usage } from '../core/model/session.ts';
import { LineSplitter } from './lines.ts';

const count = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER).catch(0);
const text = z.string().catch('');

const Record = z.object({
  type: z.string(),
  isSidechain: z.boolean().catch(false),
  timestamp: text,
  message: z.object({
    id: text,
    content: z.union([z.string(), z.array(z.object({ type: text, text }).catch({ type: '', text: '' }))]).catch([]),
    usage: z
      .object({
        input_tokens: count,
        output_tokens: count,
        cache_read_input_tokens: count,
        cache_creation_input_tokens: count,
      })
      .optional()
      .catch(undefined),
  }),
});

const chunkBytes = 1024 * 1024;

/** Reads what an interactive session has written down since the last look, from Claude Code's own file. */
export class TranscriptReader {
  readonly path: string;
  readonly #since: number;
  readonly #lines = new LineSplitter();
  readonly #tokens = new Map<string, number>();
  #offset = 0;

  /** @param since wall-clock milliseconds; what is older belongs to an earlier process of this conversation. */
  constructor(path: string, since: number) {
    this.path = path;
    this.#since = since;
  }

  /** Tokens and answers of the main conversation; what they cost is not written there. */
  get usage(): Usage {
    const tokens = [...this.#tokens.values()].reduce((sum, part) => sum + part, 0);
    return { costUsd: 0, tokens, turns: this.#tokens.size };
  }

  /** The facts that were added; none while the file does not exist. */
  async read(): Promise<readonly SessionEvent[]> {
    let file: FileHandle;
    try {
      file = await open(this.path, 'r');
    } catch {
      return [];
    }
    const events: SessionEvent[] = [];
    try {
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, this.#offset);
        if (bytesRead === 0) return events;
        this.#offset += bytesRead;
        for (const line of this.#lines.push(buffer.subarray(0, bytesRead))) events.push(...this.#readLine(line));
      }
    } finally {
      await file.close();
    }
  }

  #readLine(line: string): readonly SessionEvent[] {
    const record = Record.safeParse(parse(line)).data;
    if (record === undefined || record.isSidechain || Date.parse(record.timestamp) < this.#since) return [];
    const { content, id, usage } = record.message;
    const texts = typeof content === 'string' ? [content] : content.map((block) => block.text);
    if (record.type === 'user') {
      // No hook tells of an interruption; the session then stands still until the person says something.
      const interrupted = texts.some((part) => part.startsWith('[Request interrupted by user'));
      return interrupted ? [{ kind: 'asks', what: 'input', text: 'interrupted' }] : [];
    }
    if (record.type !== 'assistant') return [];
    // One message is written as several records, each with the usage so far.
    if (usage !== undefined)
      this.#tokens.set(
        id,
        Object.values(usage).reduce((sum, part) => sum + part, 0),
      );
    return texts.filter((part) => part !== '').map((part) => ({ kind: 'text', text: part }));
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
