import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { waitFor } from '../waitFor.ts';

/** What to run in a terminal of its own. */
export interface TerminalOptions {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where the process id may be noted. */
  readonly folder: string;
}

/** A process with a real pseudo-terminal of 140 by 45, as its session's leader. */
export interface Terminal extends AsyncDisposable {
  readonly pid: number;
  /** Everything printed so far, without control sequences and white space. */
  printed(): string;
  /** Types a line, waits until the program has echoed it, then presses Enter. */
  type(line: string): Promise<void>;
  /** Sends keys as they are, such as `\x03` for Ctrl-C. */
  press(keys: string): void;
  /** Gives it another size, as dragging the edge of a window does; the kernel tells the programs in it. */
  resize(rows: number, columns: number): Promise<void>;
  /** Whether it edits and shows what is typed by itself, as it does for a shell's next command. */
  isCooked(): Promise<boolean>;
  /** The exit code, 128 + n after signal n. */
  readonly exit: Promise<number>;
}

/** Opens a terminal by util-linux's `script`, which every Debian has; disposing closes it. */
export async function openTerminal(options: TerminalOptions): Promise<Terminal> {
  const noted = join(options.folder, `pid-${crypto.randomUUID()}`);
  const line = `stty rows 45 cols 140; printf %s $$ > ${quoted(noted)}; exec ${options.command.map(quoted).join(' ')}`;
  const script = spawn('script', ['--quiet', '--flush', '--return', '--command', line, '/dev/null'], {
    cwd: options.cwd,
    env: { ...options.env, SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(script, 'close').then(([code]) => Number(code));
  let output = '';
  script.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const printed = () => stripVTControlCharacters(output).replace(/\s/g, '');
  const pid = await waitFor('the terminal to start', async () => Number(await readFile(noted, 'utf8')) || undefined);
  return {
    pid,
    exit,
    printed,
    press: (keys) => void script.stdin.write(keys),
    async resize(rows, columns) {
      await stty(pid, 'rows', `${rows}`, 'cols', `${columns}`);
    },
    async isCooked() {
      const words = (await stty(pid, '-a')).split(/[\s;]+/);
      return ['icanon', 'echo', 'isig', 'opost'].every((word) => words.includes(word));
    },
    async type(text) {
      const before = printed().length;
      script.stdin.write(text);
      const echo = text.replace(/\s/g, '');
      await waitFor(`the echo of ${text}`, () => printed().slice(before).includes(echo));
      script.stdin.write('\r');
    },
    async [Symbol.asyncDispose]() {
      // Closing the terminal hangs up on its session, as closing a window does.
      script.kill('SIGKILL');
      await exit;
      await waitFor('the program in the terminal to end', () => !isAlive(pid));
    },
  };
}

/** Asks or changes the terminal of a process from outside. */
async function stty(pid: number, ...words: readonly string[]): Promise<string> {
  const device = await readlink(`/proc/${pid}/fd/0`);
  return (await promisify(execFile)('stty', ['-F', device, ...words])).stdout;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
