import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A program of `programs/` in a process of its own: it says when it is ready, then answers one question after the other. */
export class Program<Question, Answer> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<never>;

  private constructor(name: string, args: readonly string[]) {
    this.#child = fork(join(import.meta.dirname, 'programs', name), args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#exited = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`${name} has ended with ${code}`);
    });
    this.#exited.catch(() => {});
  }

  /** Resolves when it is ready. */
  static async start<Question, Answer>(name: string, ...args: readonly string[]): Promise<Program<Question, Answer>> {
    const program = new Program<Question, Answer>(name, args);
    await program.#next();
    return program;
  }

  async ask(question: Question): Promise<Answer> {
    const answer = this.#next();
    this.#child.send(question as object);
    return (await answer) as Answer;
  }

  /** The same answers, from its side: `answer` is called for each question. */
  static answers<Question, Answer>(answer: (question: Question) => Promise<Answer>): void {
    process.on('message', (question) => {
      void answer(question as Question).then((said) => process.send?.(said));
    });
    process.send?.('ready');
  }

  async #next(): Promise<unknown> {
    const [message] = await Promise.race([once(this.#child, 'message'), this.#exited]);
    return message;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.disconnect();
    await this.#exited.catch(() => {});
  }
}
