import * as z from 'zod';
import type { ClaudeSessionId } from '../core/model/ids.ts';
import type { SessionEvent, Usage } from '../core/model/session.ts';
import { oneLine, summaryOf, summaryOfResult } from './toolSummary.ts';

const count = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER).catch(0);
const text = z.string().catch('');

const Block = z.object({
  type: text,
  text,
  id: text,
  name: text,
  input: z.record(z.string(), z.unknown()).catch({}),
  tool_use_id: text,
  is_error: z.boolean().catch(false),
  content: z.unknown().optional(),
});
const Message = z.object({ content: z.array(Block.catch(Block.parse({}))).catch([]) }).catch({ content: [] });
const Denial = z.object({ tool_name: text, tool_use_id: text });
const ModelUsage = z.object({
  inputTokens: count,
  outputTokens: count,
  cacheReadInputTokens: count,
  cacheCreationInputTokens: count,
});

/** One line of `--output-format stream-json`; what is missing or of another type is empty. */
const Line = z.object({
  type: z.string(),
  subtype: text,
  task_id: text,
  session_id: text,
  uuid: text,
  model: text,
  parent_tool_use_id: z.string().nullable().catch(null),
  message: Message,
  rate_limit_info: z.object({ status: text, resetsAt: count }).catch({ status: '', resetsAt: 0 }),
  is_error: z.boolean().catch(false),
  result: text,
  errors: z.array(z.string()).catch([]),
  total_cost_usd: count,
  modelUsage: z.record(z.string(), ModelUsage).catch({}),
  num_turns: count,
  permission_denials: z.array(Denial).catch([]),
});
type Line = z.infer<typeof Line>;

/** How the last answer of a print session came out. */
export interface StreamResult {
  readonly succeeded: boolean;
  /** Claude's own words on why not; empty when it succeeded. */
  readonly reason: string;
}

/** Reads the stream of one print session, line by line. */
export class StreamReader {
  /** Undefined until a result line was read. */
  result: StreamResult | undefined;
  /** Tools that were asked for and denied, by name, each once. */
  readonly denied = new Set<string>();
  readonly #tools = new Map<string, { readonly tool: string; readonly parent: string | null }>();
  readonly #failures = new Map<string, string>();
  readonly #told = new Set<string>();
  readonly #background = new Set<string>();
  #turns = 0;

  /** The facts in one line; none for lines that are no JSON or of a kind that says nothing here. */
  read(json: string): readonly SessionEvent[] {
    const line = Line.safeParse(parse(json)).data;
    switch (line?.type) {
      case 'system':
        return this.#readSystem(line);
      case 'assistant':
        return this.#readAssistant(line);
      case 'user':
        return this.#readResults(line);
      case 'rate_limit_event':
        return readLimit(line);
      case 'result':
        return this.#readResult(line);
      default:
        return [];
    }
  }

  #readSystem({ subtype, session_id, model, task_id }: Line): readonly SessionEvent[] {
    if (subtype === 'task_started') this.#background.add(task_id);
    if (subtype === 'task_notification') this.#background.delete(task_id);
    if (subtype === 'compact_boundary') return [{ kind: 'compacted' }];
    if (subtype !== 'init' || session_id === '') return [];
    return [{ kind: 'started', claudeSessionId: session_id as ClaudeSessionId, ...(model === '' ? {} : { model }) }];
  }

  #readAssistant({ message, parent_tool_use_id: parent }: Line): readonly SessionEvent[] {
    return message.content.flatMap((block): readonly SessionEvent[] => {
      // What subagents say is for the session, not for people.
      if (block.type === 'text')
        return parent === null && block.text !== '' ? [{ kind: 'text', text: block.text }] : [];
      if (block.type !== 'tool_use' || block.id === '') return [];
      this.#tools.set(block.id, { tool: block.name, parent });
      return [{ kind: 'tool', use: block.id, tool: block.name, summary: summaryOf(block.input) }];
    });
  }

  #readResults({ message }: Line): readonly SessionEvent[] {
    return message.content.flatMap((block): readonly SessionEvent[] => {
      const use = block.tool_use_id;
      const known = this.#tools.get(use);
      if (block.type !== 'tool_result' || known === undefined) return [];
      this.#tools.delete(use);
      const summary = summaryOfResult(block.content);
      if (block.is_error) this.#failures.set(use, summary);
      const done: SessionEvent = { kind: 'tool_done', use, tool: known.tool, ok: !block.is_error, summary };
      const others = [...this.#tools.values()].some(({ parent }) => parent === known.parent);
      return others ? [done] : [done, { kind: 'batch_done' }];
    });
  }

  #readResult(line: Line): readonly SessionEvent[] {
    if (this.#told.has(line.uuid)) return [];
    if (line.uuid !== '') this.#told.add(line.uuid);
    const succeeded = line.subtype === 'success' && !line.is_error;
    const reason = succeeded ? '' : oneLine(line.result || line.errors.join('; ') || line.subtype);
    this.result = { succeeded, reason };
    this.#turns += line.num_turns;
    const denials = line.permission_denials.flatMap(
      ({ tool_name: tool, tool_use_id: use }): readonly SessionEvent[] => {
        if (this.#told.has(use)) return [];
        this.#told.add(use);
        this.denied.add(tool);
        return [{ kind: 'denied', tool, reason: this.#failures.get(use) ?? '' }];
      },
    );
    return [
      ...denials,
      { kind: 'usage', usage: this.#usageOf(line) },
      succeeded
        ? { kind: 'turn_ended', text: line.result, pending: this.#background.size }
        : { kind: 'turn_failed', reason },
    ];
  }

  /** `modelUsage` counts subagents too, `usage` would not. */
  #usageOf({ total_cost_usd, modelUsage }: Line): Usage {
    const tokens = Object.values(modelUsage)
      .flatMap((model) => Object.values(model))
      .reduce((sum, part) => sum + part, 0);
    return { costUsd: total_cost_usd, tokens, turns: this.#turns };
  }
}

function readLimit({ rate_limit_info: { status, resetsAt } }: Line): readonly SessionEvent[] {
  if (status === '' || status === 'allowed') return [];
  return [{ kind: 'limited', status, ...(resetsAt === 0 ? {} : { resetsAt: resetsAt * 1000 }) }];
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
