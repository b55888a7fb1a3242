import { McpServer } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { AppError, messageOf } from '../../base/errors.ts';
import type { Refusal } from '../../core/model/review.ts';

/** What a tool answers: text for the model, or a refusal, which it is told as a tool's error. */
type ToolAnswer = string | Refusal;

/** A tool as a model sees it. */
interface Tool<Input extends z.ZodObject> {
  readonly name: string;
  /** What it does, when to use it, what comes back. */
  readonly description: string;
  readonly input: Input;
  /** Changes nothing. */
  readonly isReadOnly?: true;
  /** Whoever runs the model must ask the person each time, whatever else is allowed. */
  readonly asksThePerson?: true;
}

/** Adds one tool to a server. */
export type AddTool = <Input extends z.ZodObject>(
  tool: Tool<Input>,
  run: (input: z.infer<Input>, signal: AbortSignal) => Promise<ToolAnswer>,
) => void;

export interface ServerOptions {
  /** What a model is told of all tools together. */
  readonly instructions: string;
  readonly version: string;
  /** Told of what is a mistake of ours. */
  failed(error: unknown): void;
}

/** Makes a server for one connection; what goes wrong in a tool is its answer and ends nothing. */
export function serverWith(add: (tool: AddTool) => void, { instructions, version, failed }: ServerOptions): McpServer {
  const server = new McpServer({ name: 'swarm', version }, { capabilities: { tools: {} }, instructions });
  add(({ name, description, input, isReadOnly, asksThePerson }, run) => {
    server.registerTool(
      name,
      {
        description,
        // The library’s types cannot follow a schema that is any object; that it is one is enough here.
        inputSchema: input as z.ZodObject,
        annotations: { readOnlyHint: isReadOnly === true, destructiveHint: false, openWorldHint: false },
        ...(asksThePerson === true ? { _meta: { 'anthropic/requiresUserInteraction': true } } : {}),
      },
      async (given, { mcpReq }) => {
        try {
          const answer = await run(given as z.infer<typeof input>, mcpReq.signal);
          return typeof answer === 'string' ? spoken(answer) : failure(answer.refused);
        } catch (error) {
          if (AppError.is(error)) return failure([error.message, error.hint].filter(Boolean).join('\n'));
          failed(error);
          return failure(`Swarm has made a mistake: ${messageOf(error)}`);
        }
      },
    );
  });
  return server;
}

const spoken = (text: string) => ({ content: [{ type: 'text' as const, text }] });
const failure = (text: string) => ({ ...spoken(text), isError: true });
