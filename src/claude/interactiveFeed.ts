import type { ClaudeSessionId } from '../core/model/ids.ts';
import type { SessionEnd, Usage } from '../core/model/session.ts';
import type { Exit, Feed, Sink } from './feed.ts';
import type { HookDesk, WhenSent } from './hookDesk.ts';
import { eventsOf, type Hook, readHook } from './hooks.ts';
import { UsageMeter } from './telemetry.ts';
import { TranscriptReader } from './transcript.ts';

const transcriptPollMs = 1000;

/** A session in a terminal: hooks tell what happens, the transcript what is said, telemetry what it costs. */
export class InteractiveFeed implements Feed {
  readonly #desk: HookDesk;
  readonly #sink: Sink;
  readonly #since: number;
  readonly #readers: TranscriptReader[] = [];
  readonly #meter = new UsageMeter();
  readonly #denied = new Set<string>();
  #poll: NodeJS.Timeout | undefined;
  #conversation = '';
  /** True from a prompt until Claude has ended its turn or stands still. */
  #turnOpen = false;
  #told: Usage | undefined;
  /** What is to be told, one thing after the other. */
  #telling: Promise<void> = Promise.resolve();

  /** @param since wall-clock milliseconds of the start: what the transcript held before is not of this process. */
  constructor(desk: HookDesk, sink: Sink, since: number) {
    this.#desk = desk;
    this.#sink = sink;
    this.#since = since;
  }

  /** Begins to look for what no hook tells. */
  listen(): void {
    this.#poll = setInterval(() => this.#tell(() => this.#readTranscript()), transcriptPollMs);
  }

  get transcripts(): readonly string[] {
    return this.#readers.map(({ path }) => path);
  }

  async onHook(body: unknown, whenSent: WhenSent): Promise<object> {
    const hook = readHook(body);
    if (hook === undefined) return {};
    const answered = this.#desk.answer(hook, whenSent);
    // In the order in which they came: the answer to one may take longer than that to the next.
    this.#tell(async () => {
      const { decision, goesOn } = await answered;
      this.#sink.raw(JSON.stringify(body));
      this.#follow(hook);
      await this.#readTranscript();
      if (!goesOn) this.#tellHook(hook);
      if (decision?.decision !== 'deny') return;
      this.#denied.add(hook.tool_name);
      this.#sink.event({ kind: 'denied', tool: hook.tool_name, reason: decision.reason });
    });
    return (await answered).answer;
  }

  onTelemetry(body: unknown): void {
    if (this.#meter.add(body)) this.#tell(() => this.#tellUsage());
  }

  async end({ code, signal }: Exit): Promise<SessionEnd> {
    clearInterval(this.#poll);
    this.#tell(async () => {
      await this.#readTranscript();
      this.#tellUsage();
    });
    await this.#telling;
    return { exitCode: code ?? undefined, signal: signal ?? undefined, denied: [...this.#denied] };
  }

  #tell(task: () => Promise<void> | void): void {
    this.#telling = this.#telling.then(task).catch((error: unknown) => {
      this.#sink.line(`lost       something Claude Code did: ${String(error)}`);
    });
  }

  /** `/clear` begins another conversation in the same process. */
  #follow({ session_id, transcript_path, hook_event_name }: Hook): void {
    if (session_id === this.#conversation || hook_event_name === 'SessionEnd') return;
    this.#conversation = session_id;
    if (transcript_path !== '') this.#readers.push(new TranscriptReader(transcript_path, this.#since));
    this.#sink.event({
      kind: 'started',
      claudeSessionId: session_id as ClaudeSessionId,
      ...(transcript_path === '' ? {} : { transcript: transcript_path }),
    });
  }

  #tellHook(hook: Hook): void {
    for (const event of eventsOf(hook)) {
      if (event.kind === 'prompted' || event.kind === 'tool') this.#turnOpen = true;
      if (event.kind === 'turn_ended' || event.kind === 'turn_failed') this.#endTurn();
      this.#sink.event(event);
    }
    // Said after a minute without input. It is news only where the turn was given up before it had begun.
    if (hook.notification_type === 'idle_prompt' && this.#turnOpen) {
      this.#turnOpen = false;
      this.#sink.event({ kind: 'asks', what: 'input', text: 'waits for a prompt' });
    }
  }

  #endTurn(): void {
    this.#turnOpen = false;
    this.#tellUsage();
  }

  async #readTranscript(): Promise<void> {
    for (const event of (await this.#readers.at(-1)?.read()) ?? []) {
      if (event.kind === 'asks') this.#turnOpen = false;
      this.#sink.event(event);
    }
  }

  #tellUsage(): void {
    const usage = this.#usage();
    const told = this.#told;
    if (told?.costUsd === usage.costUsd && told.tokens === usage.tokens && told.turns === usage.turns) return;
    if (usage.tokens === 0) return;
    this.#told = usage;
    this.#sink.event({ kind: 'usage', usage });
  }

  /** Claude Code's own metering where it reports to us, else what the transcripts say. */
  #usage(): Usage {
    if (this.#meter.usage.tokens > 0) return this.#meter.usage;
    return this.#readers.reduce<Usage>(
      (sum, { usage }) => ({ costUsd: 0, tokens: sum.tokens + usage.tokens, turns: sum.turns + usage.turns }),
      { costUsd: 0, tokens: 0, turns: 0 },
    );
  }
}
