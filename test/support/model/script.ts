import { join } from 'node:path';
import type { Conversation } from './conversation.ts';

/** Words of the model, or one tool call. */
export type Block =
  | { readonly text: string }
  | { readonly tool: string; readonly input: Readonly<Record<string, unknown>> };

/** A block, or how to make it once the session's folder is known. */
export type Step = Block | ((conversation: Conversation) => Block);

/** An answer that is none: an HTTP error, silence until the client gives up, or bytes that are no answer. */
export type Failure =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly message?: string }
  | { readonly hang: true }
  | { readonly garbage: true };

/** One answer of the model: its steps in one message, or a failure. */
export type Turn = readonly Step[] | Failure;

/** What is known when a turn is chosen. */
export interface Asked {
  readonly conversation: Conversation;
  /** How often this same answer was asked for before: retries of a failed one count up. */
  readonly attempt: number;
}

/** The model's part in one task: begun by a text of a person that matches, then its turns in order. */
export interface Scenario {
  readonly when: (userText: string) => boolean;
  readonly turns: readonly (Turn | ((asked: Asked) => Turn | Promise<Turn>))[];
}

/** The answer that the scenarios hold for a request; the latest user text that one of them matches decides. */
export async function nextTurn(scenarios: readonly Scenario[], asked: Asked): Promise<Turn | undefined> {
  const { userTexts, answersSince } = asked.conversation;
  for (let index = userTexts.length - 1; index >= 0; index -= 1) {
    const scenario = scenarios.find(({ when }) => when(userTexts[index] ?? ''));
    if (!scenario) continue;
    const turn = scenario.turns[answersSince[index] ?? 0];
    return typeof turn === 'function' ? await turn(asked) : turn;
  }
  return undefined;
}

/** Begins a scenario: `task('add a button').turns([write('a.txt', 'x')], [say('Done.')])`. */
export function task(prompt: string | RegExp | ((userText: string) => boolean)): {
  turns(...turns: Scenario['turns']): Scenario;
} {
  const when =
    typeof prompt === 'function'
      ? prompt
      : (text: string) => (typeof prompt === 'string' ? text.includes(prompt) : prompt.test(text));
  return { turns: (...turns) => ({ when, turns }) };
}

/** The model says something; a turn of words only ends the session's turn. */
export function say(text: string): Step {
  return { text };
}

/** The model calls any tool. */
export function use(tool: string, input: Readonly<Record<string, unknown>>): Step {
  return { tool, input };
}

/** The model writes a whole file; Claude Code refuses one that exists and was not read before. */
export function write(file: string, content: string): Step {
  return ({ folder }) => ({ tool: 'Write', input: { file_path: inside(folder, file), content } });
}

/** The model replaces `from` in a file that it has read. */
export function edit(file: string, from: string, to: string): Step {
  return ({ folder }) => ({
    tool: 'Edit',
    input: { file_path: inside(folder, file), old_string: from, new_string: to },
  });
}

/** The model reads a file. */
export function read(file: string): Step {
  return ({ folder }) => ({ tool: 'Read', input: { file_path: inside(folder, file) } });
}

/** The model runs a shell command. */
export function bash(command: string): Step {
  return { tool: 'Bash', input: { command, description: 'Runs a command' } };
}

/** A turn that fails the first `times` times it is asked for, then succeeds. */
export function failing(times: number, failure: Failure, turn: Turn): (asked: Asked) => Turn {
  return ({ attempt }) => (attempt < times ? failure : turn);
}

function inside(folder: string, file: string): string {
  if (folder === '') throw new Error(`no working directory in the system prompt, so no path for ${file}`);
  return file.startsWith('/') ? file : join(folder, file);
}
