import { type Terminal, ThemeColor, ThemeIcon, window } from 'vscode';
import { AppError } from '../base/errors.ts';
import type { Worker } from '../core/model/worker.ts';
import type { WorkerLauncher } from '../core/ports.ts';
import { terminalColor } from './model/workerColor.ts';
import type { Programs } from './programs.ts';
import { terminalEnvironment } from './programs.ts';
import { words } from './words.ts';

/** What the terminals of one repository's workers have in common. */
export interface TerminalParts {
  readonly programs: Programs;
  /** The repository's top folder. */
  readonly root: string;
  /** Options of the command line: which store, which settings. */
  readonly options: readonly string[];
  /** A worker's terminal was opened. */
  opened(worker: Worker, terminal: Terminal): void;
  /** Whether the window shows a terminal of a worker already. */
  hasOthers(): boolean;
}

/** Starts each worker in an integrated terminal of its own: no shell, nothing typed, only an opaque id among the arguments. */
export function terminalLauncher(parts: TerminalParts): WorkerLauncher {
  return {
    modes: ['interactive'],
    async launch(worker) {
      const first = !parts.hasOthers();
      const terminal = window.createTerminal({
        name: worker.name,
        shellPath: process.execPath,
        shellArgs: [parts.programs.cli, 'worker', 'run', worker.id, ...parts.options],
        cwd: parts.root,
        env: terminalEnvironment(parts.programs, process.env),
        iconPath: new ThemeIcon('organization'),
        color: new ThemeColor(terminalColor(worker.name)),
        isTransient: false,
      });
      parts.opened(worker, terminal);
      if (first) terminal.show(true);
      if ((await terminal.processId) === undefined) {
        terminal.dispose();
        throw new AppError('terminal_not_started', words.t('the terminal of {0} did not start', worker.name), {
          hint: words.t('Look at the log of VS Code’s terminals (“Developer: Show Logs…”, Pty Host).'),
        });
      }
    },
  };
}
