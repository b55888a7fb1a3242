/** One tool call that the session has answered. */
interface ToolResult {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly isError: boolean;
}

/** What one request to the model says, with Claude Code's own additions set apart from the words of a person. */
export interface Conversation {
  /** Claude Code's id of the session; subagents share their parent's. */
  readonly session: string;
  readonly model: string;
  /** The working directory that the system prompt names; empty if it names none. */
  readonly folder: string;
  /** The first text of a person, verbatim. */
  readonly prompt: string;
  /** Every text of a person or of a Stop hook, verbatim, oldest first. */
  readonly userTexts: readonly string[];
  /** For each of `userTexts`, how many answers the model has given since. */
  readonly answersSince: readonly number[];
  /** What Claude Code and hooks have added: reminders, context, output of slash commands. */
  readonly reminders: readonly string[];
  readonly toolResults: readonly ToolResult[];
  /** The name of every tool offered to the model; none in side requests such as a title for the session. */
  readonly tools: readonly string[];
}

interface Content {
  readonly type: string;
  readonly text?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly tool_use_id?: string;
  readonly is_error?: boolean;
  readonly content?: string | readonly Content[];
}

/** The part of a Messages API request that is read here. */
export interface MessagesRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly system?: string | readonly Content[];
  readonly tools?: readonly { readonly name: string }[];
  readonly messages: readonly { readonly role: string; readonly content: string | readonly Content[] }[];
  readonly metadata?: { readonly user_id?: string };
  readonly output_config?: { readonly format?: { readonly schema?: { readonly properties?: object } } };
}

const tags = '(system-reminder|local-command-\\w+|command-\\w+|bash-\\w+)';
const added = new RegExp(`^<${tags}>[^]*</${tags}>\\s*$`);

/** Reads one request; never fails on content that it does not know. */
export function readConversation(request: MessagesRequest): Conversation {
  const userTexts: string[] = [];
  const answersBefore: number[] = [];
  let answers = 0;
  const reminders: string[] = [];
  const toolResults: ToolResult[] = [];
  const calls = new Map<string, Content>();
  for (const { role, content } of request.messages) {
    if (role === 'assistant') answers += 1;
    for (const block of contentsOf(content)) {
      if (block.type === 'tool_use' && block.id) calls.set(block.id, block);
      if (block.type === 'tool_result') toolResults.push(toolResult(block, calls.get(block.tool_use_id ?? '')));
      if (block.type !== 'text' || role === 'assistant' || !block.text?.trim()) continue;
      if (role !== 'user' || added.test(block.text.trimStart())) reminders.push(block.text);
      else {
        userTexts.push(block.text);
        answersBefore.push(answers);
      }
    }
  }
  const system = textOf(request.system);
  return {
    session: sessionOf(request),
    model: request.model,
    folder: /working directory: (.+)/i.exec(system)?.[1]?.trim() ?? '',
    prompt: userTexts[0] ?? '',
    userTexts,
    answersSince: answersBefore.map((before) => answers - before),
    reminders,
    toolResults,
    tools: request.tools?.map(({ name }) => name) ?? [],
  };
}

function toolResult(block: Content, call: Content | undefined): ToolResult {
  return {
    tool: call?.name ?? '',
    input: call?.input ?? {},
    text: textOf(block.content),
    isError: block.is_error ?? false,
  };
}

function contentsOf(content: string | readonly Content[] | undefined): readonly Content[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
}

function textOf(content: string | readonly Content[] | undefined): string {
  return contentsOf(content)
    .map((block) => block.text ?? '')
    .join('\n');
}

function sessionOf(request: MessagesRequest): string {
  const user = request.metadata?.user_id ?? '';
  return /"session_id":"([^"]+)"/.exec(user)?.[1] ?? '';
}
