import { setTimeout as sleep } from 'node:timers/promises';
import { type LogOutputChannel, type Memento, window } from 'vscode';
import { AppError, messageOf, UsageError } from '../base/errors.ts';
import { Emitter } from '../base/event.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';
import { sentence, sentences } from './model/sentence.ts';
import { unlinked } from './model/unlinked.ts';
import { words } from './words.ts';

const { t } = words;

/** How long VS Code leaves a message on screen that nobody answers. */
const toastMs = 15_000;

/** A button on a message and what it does. */
export interface Verb {
  readonly label: string;
  run(): void;
}

/** Speaks to the person. Errors also stay as `problem`, for the views, since toasts vanish. */
export class Tell implements Disposable {
  readonly #channel: LogOutputChannel;
  readonly #log: Log;
  readonly #memory: Memento;
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #problem: string | undefined;

  constructor(channel: LogOutputChannel, log: Log, memory: Memento) {
    this.#channel = channel;
    this.#log = log;
    this.#memory = memory;
  }

  /** The last error, until a command goes well. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** A command went well: an older error no longer matters. */
  settled(): void {
    this.#keep(undefined);
  }

  /** Something went wrong that nobody waits for: the views and the log say so. */
  trouble(what: string, error: unknown): void {
    this.#log.error(what, error);
    this.#keep(told(what, error));
  }

  /** What the person asked for went wrong: what failed, why, what to do. */
  error(what: string, error: unknown): void {
    this.trouble(what, error);
    const show = error instanceof UsageError ? window.showWarningMessage : window.showErrorMessage;
    const showLog = { label: t('Show Log'), run: () => this.#channel.show() };
    void answered(show(unlinked(told(what, error)), showLog.label), [showLog]);
  }

  /** Why something asked for was not done, and what else can be. */
  refusal(reason: string, ...verbs: readonly Verb[]): void {
    this.#log.info(`refused: ${reason}`);
    const labels = verbs.map(({ label }) => label);
    void answered(window.showWarningMessage(unlinked(sentence(reason)), ...labels), verbs);
  }

  /** Something to know, nothing to do. */
  note(text: string): void {
    void window.showInformationMessage(unlinked(text));
  }

  /**
   * The person is needed, unless they asked not to be told of that `kind`. Resolves when it is answered or no longer on
   * screen, so that the next one comes after it.
   */
  async news(kind: string, message: string, verbs: readonly Verb[]): Promise<void> {
    const key = `swarm.quiet.${kind}`;
    if (this.#memory.get(key) === true) return;
    const quiet = { label: t("Don't Show Again"), run: () => void this.#memory.update(key, true) };
    const all = [...verbs, quiet];
    const shown = window.showInformationMessage(unlinked(message), ...all.map((verb) => verb.label));
    await Promise.race([answered(shown, all), sleep(toastMs, undefined, { ref: false })]);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #keep(problem: string | undefined): void {
    if (this.#problem === problem) return;
    this.#problem = problem;
    this.#changed.fire();
  }
}

async function answered(shown: Thenable<string | undefined>, verbs: readonly Verb[]): Promise<void> {
  const chosen = await shown;
  verbs.find((verb) => verb.label === chosen)?.run();
}

function told(what: string, error: unknown): string {
  return sentences(`${what}: ${messageOf(error)}`, AppError.is(error) ? error.hint : undefined);
}
