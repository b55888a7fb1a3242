import { fstatSync, writeSync } from 'node:fs';
import type { Cell, Style } from './columns.ts';
import { alignColumns, textOf } from './columns.ts';

const stdout = 1;
const stderr = 2;

/** Everything that a command prints goes through one of these. Data never brings control characters to a terminal. */
export interface Output {
  /** True when results are to be one JSON document on stdout. */
  readonly json: boolean;
  /** True when stdout is a terminal. */
  readonly isTerminal: boolean;
  /** Aborts when nobody reads stdout any more. */
  readonly closed: AbortSignal;
  /** The result as JSON, one line. */
  document(value: unknown): void;
  /** One line of the result. */
  line(...cells: readonly Cell[]): void;
  /** Rows of the result: aligned under `heads` on a terminal, else one line each with tabs between. `flexible` names the column to shorten. */
  table(heads: readonly string[], rows: readonly (readonly Cell[])[], flexible?: number): void;
  /** Text of many lines: exactly as it is when piped, without control characters on a terminal. */
  verbatim(text: string): void;
  /** One line for the person, apart from the result (stderr). */
  note(...cells: readonly Cell[]): void;
  /** The last line of the terminal, rewritten each time; nothing where stderr is no terminal. Empty text takes it away. */
  live(text: string): void;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: removing control, bidi and zero-width characters is the point.
const control = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above, but a text of many lines keeps its lines and tabs.
const controlInLines = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const clearLine = '\r\u001b[K';

/** Opens the process's stdout and stderr. Writing is synchronous, so nothing is lost however the process ends. */
export function openOutput(json: boolean, env: NodeJS.ProcessEnv = process.env): Output {
  const closed = new AbortController();
  let liveText = '';
  const terminals = new Map<number, boolean>();
  const isTerminal = (fd: number): boolean => {
    const known = terminals.get(fd) ?? (mayBeTerminal(fd) && (fd === stdout ? process.stdout : process.stderr).isTTY);
    terminals.set(fd, known);
    return known;
  };
  const colours = (fd: number): boolean =>
    env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0'
      ? true
      : !env.NO_COLOR && env.TERM !== 'dumb' && isTerminal(fd);
  const print = (fd: number, text: string): void => {
    if (fd === stdout && closed.signal.aborted) return;
    const hidden = liveText !== '' && isTerminal(fd) ? clearLine : '';
    const shown = hidden === '' ? '' : liveText;
    if (writeAll(fd, hidden + text + shown) === 'closed' && fd === stdout) closed.abort();
  };
  const paint = (fd: number, cells: readonly Cell[]): string =>
    cells
      .map((cell) => {
        const text = textOf(cell).replace(control, ' ');
        return typeof cell === 'string' || !colours(fd) ? text : paintText(cell.style, text);
      })
      .join('');
  return {
    json,
    closed: closed.signal,
    get isTerminal() {
      return isTerminal(stdout);
    },
    document: (value) => print(stdout, `${JSON.stringify(value)}\n`),
    line: (...cells) => print(stdout, `${paint(stdout, cells)}\n`),
    table(heads, rows, flexible = heads.length - 1) {
      if (!isTerminal(stdout)) {
        // At once: each write takes as long as looking up what is in it.
        print(stdout, rows.map((row) => `${row.map((cell) => paint(stdout, [cell])).join('\t')}\n`).join(''));
        return;
      }
      const clean = rows.map((row) => row.map((cell) => withText(cell, textOf(cell).replace(control, ' '))));
      const all = [heads.map((text): Cell => ({ text, style: 'bold' })), ...clean];
      for (const row of alignColumns(all, process.stdout.columns ?? 80, flexible)) {
        print(stdout, `${paint(stdout, row).trimEnd()}\n`);
      }
    },
    verbatim: (text) => print(stdout, isTerminal(stdout) ? text.replace(controlInLines, ' ') : text),
    note: (...cells) => print(stderr, `${paint(stderr, cells)}\n`),
    live(text) {
      if (!isTerminal(stderr)) return;
      const line = text.replace(control, ' ').slice(0, (process.stderr.columns ?? 80) - 1);
      writeAll(stderr, clearLine + line);
      liveText = line;
    },
  };
}

/**
 * Whether to paint has been decided by then, so Node's own look at the stream is left out. Importing `node:util` at the top
 * would load half of Node before the first line is printed.
 */
function paintText(style: Style, text: string): string {
  const styleText: (style: Style, text: string, options: { validateStream: false }) => string =
    process.getBuiltinModule('node:util').styleText;
  return styleText(style, text, { validateStream: false });
}

const withText = (cell: Cell, text: string): Cell => (typeof cell === 'string' ? text : { ...cell, text });

/** Asking for the stream itself costs more than a lean command takes altogether, so pipes and files are ruled out first. */
function mayBeTerminal(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice();
  } catch {
    return false;
  }
}

function writeAll(fd: number, text: string): 'written' | 'closed' {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // EIO is what a terminal answers whose window was closed.
      if (code === 'EPIPE' || code === 'EOF' || code === 'EIO') return 'closed';
      if (code !== 'EAGAIN') throw error;
      // The reader is slow and somebody made the pipe non-blocking: give it a moment.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
  return 'written';
}
