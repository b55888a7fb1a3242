import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { AppError, UsageError } from '../../base/errors.ts';
import type { OpenSwarm } from '../../bridge/open.ts';
import type { Session } from '../../core/model/session.ts';
import type { Task } from '../../core/model/task.ts';
import { changesOf } from '../changes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import { listenForInterrupt } from '../interrupt.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { wholeNumber } from '../options.ts';
import type { Define } from '../registry.ts';
import { findTask } from '../taskArgument.ts';

interface LogOptions {
  readonly follow?: true;
  readonly raw?: true;
  readonly attempt?: number;
}

/** `swarm log`. */
export const defineLog: Define = (command, on) => {
  command
    .argument('<task>', 'id, beginning of the id or part of the title')
    .option('-f, --follow', 'go on with what is added, until stopped')
    .option('--raw', 'print what Claude Code said as it came, one JSON object a line')
    .option('--attempt <n>', 'of this attempt instead of the newest', wholeNumber(1, 1_000_000))
    .action(on(log));
};

function log(invocation: Invocation, text: string, options: LogOptions): Promise<ExitCode> {
  const { output } = invocation;
  return withSwarm(invocation, async (opened) => {
    using interrupt = listenForInterrupt({ patient: false });
    const task = findTask((await opened.store.overview()).tasks, text);
    if (!options.follow) {
      const file = await fileOf(opened, task, options);
      if (file === undefined) throw new AppError('no_log', `“${task.title}” has no log yet`);
      const content = await new GrowingFile(file).rest();
      if (output.json) output.document({ task: task.id, file, text: content });
      else output.verbatim(content);
      return exitCodes.done;
    }
    let growing: GrowingFile | undefined;
    for await (const _ of changesOf(opened.store, AbortSignal.any([interrupt.signal, output.closed]))) {
      const file = await fileOf(opened, task, options);
      // A new attempt has a new file; what the old one still said comes first.
      if (growing && growing.path !== file) print(await growing.rest());
      if (file !== undefined && growing?.path !== file) growing = new GrowingFile(file);
      if (growing) print(await growing.lines());
    }
    return interrupt.signal.aborted ? exitCodes.stopped : exitCodes.done;
  });

  /** With `--json` every line is an object; what Claude Code said raw is one already. */
  function print(added: string): void {
    if (!output.json || options.raw) output.verbatim(added);
    else for (const line of added.split('\n').filter((each) => each !== '')) output.document({ line });
  }
}

/** The log's file; undefined while there is none. */
async function fileOf({ store }: OpenSwarm, task: Task, { raw, attempt }: LogOptions): Promise<string | undefined> {
  const sessions = await store.sessions(task.id);
  const attempts = await store.attempts(task.id);
  const wanted = attempts.find(({ number }) => number === attempt);
  if (attempt !== undefined && !wanted) throw new UsageError(`“${task.title}” has no attempt ${attempt}`);
  const session = newest(wanted ? sessions.filter((each) => each.attempt === wanted.id) : sessions);
  if (session === undefined) return undefined;
  const file = join(session.logs, raw ? 'events.jsonl' : 'log.txt');
  return (await stat(file).catch(() => undefined))?.isFile() ? file : undefined;
}

const newest = (sessions: readonly Session[]): Session | undefined =>
  [...sessions].sort((a, b) => a.startedAt - b.startedAt).at(-1);

/** A file that others add to; each part of it is read once, and never half a character. */
class GrowingFile {
  readonly path: string;
  readonly #decoder = new StringDecoder('utf8');
  #position = 0;
  #unfinished = '';

  constructor(path: string) {
    this.path = path;
  }

  /** Everything that was added. */
  async rest(): Promise<string> {
    await this.#read();
    const text = this.#unfinished;
    this.#unfinished = '';
    return text;
  }

  /** The lines that were completed. */
  async lines(): Promise<string> {
    await this.#read();
    const end = this.#unfinished.lastIndexOf('\n') + 1;
    const text = this.#unfinished.slice(0, end);
    this.#unfinished = this.#unfinished.slice(end);
    return text;
  }

  async #read(): Promise<void> {
    const file = await open(this.path, 'r');
    try {
      const buffer = Buffer.alloc(65_536);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#position);
        if (bytesRead === 0) return;
        this.#position += bytesRead;
        this.#unfinished += this.#decoder.write(buffer.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
  }
}
