import type { ChildProcess } from 'node:child_process';
import { finished } from 'node:stream/promises';
import type { SessionEnd, SessionEvent } from '../core/model/session.ts';
import type { Exit, Feed, Sink } from './feed.ts';
import type { HookDesk, WhenSent } from './hookDesk.ts';
import { readHook } from './hooks.ts';
import { LineSplitter } from './lines.ts';
import { StreamReader } from './stream.ts';
import { oneLine } from './toolSummary.ts';

const stderrCharacters = 2000;

/** A print session: its stream tells everything, hooks only ask, and name the transcript. */
export class PrintFeed implements Feed {
  readonly transcripts: string[] = [];
  readonly #desk: HookDesk;
  readonly #sink: Sink;
  readonly #prompt: string;
  readonly #reader = new StreamReader();
  #started: Extract<SessionEvent, { kind: 'started' }> | undefined;
  #prompted: SessionEvent | undefined;
  #announced = false;
  #stderr = '';
  #drained: Promise<unknown> = Promise.resolve();

  constructor(desk: HookDesk, sink: Sink, prompt: string) {
    this.#desk = desk;
    this.#sink = sink;
    this.#prompt = prompt;
  }

  listen({ stdin, stdout, stderr }: ChildProcess): void {
    if (!stdin || !stdout || !stderr) throw new Error('a print session must be started with pipes');
    // It may end before it has read everything; why, its end tells.
    stdin.on('error', () => {}).end(this.#prompt);
    const lines = new LineSplitter();
    const take = (found: readonly string[]) => {
      for (const line of found) this.#readLine(line);
    };
    stdout.on('data', (chunk: Buffer) => take(lines.push(chunk)));
    stdout.once('end', () => take(lines.end()));
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrCharacters);
      this.#sink.line(`stderr     ${text.trimEnd()}`);
    });
    this.#drained = Promise.allSettled([finished(stdout), finished(stderr)]);
  }

  async onHook(body: unknown, whenSent: WhenSent): Promise<object> {
    const hook = readHook(body);
    if (hook === undefined) return {};
    const { answer } = await this.#desk.answer(hook, whenSent);
    if (hook.hook_event_name !== 'UserPromptSubmit') return answer;
    if (hook.transcript_path !== '' && !this.transcripts.includes(hook.transcript_path)) {
      this.transcripts.push(hook.transcript_path);
    }
    this.#prompted = { kind: 'prompted', text: hook.prompt };
    this.#announce();
    return answer;
  }

  onTelemetry(): void {}

  async end({ code, signal }: Exit): Promise<SessionEnd> {
    await this.#drained;
    const { result, denied } = this.#reader;
    const reason = result?.reason ?? (oneLine(this.#stderr) || 'Claude Code ended without a result');
    return {
      exitCode: code ?? undefined,
      signal: signal ?? undefined,
      ...(result === undefined ? {} : { succeeded: result.succeeded }),
      ...(reason === '' ? {} : { reason }),
      denied: [...denied],
    };
  }

  #readLine(line: string): void {
    if (line.trim() === '') return;
    this.#sink.raw(line);
    for (const event of this.#reader.read(line)) {
      if (event.kind === 'started') {
        this.#started = event;
        if (this.transcripts.length > 0) this.#announce();
      } else {
        this.#announce();
        this.#sink.event(event);
      }
    }
  }

  /** The stream knows the model, the first hook the transcript and the prompt; whichever comes first waits for the other. */
  #announce(): void {
    if (this.#started !== undefined && !this.#announced) {
      this.#announced = true;
      const transcript = this.transcripts.at(-1);
      this.#sink.event({ ...this.#started, ...(transcript === undefined ? {} : { transcript }) });
    }
    if (!this.#announced || this.#prompted === undefined) return;
    this.#sink.event(this.#prompted);
    this.#prompted = undefined;
  }
}
