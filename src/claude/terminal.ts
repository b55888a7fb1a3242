import { type ChildProcess, spawnSync } from 'node:child_process';
import type { Disposable } from '../base/lifecycle.ts';

/** Long enough for the child to have stopped, too short for a person to wonder. */
const resumeMs = 100;

/**
 * Lends this process's terminal to a child until disposed. Ctrl-Z would leave both stopped with no shell to wake
 * them, so the child is woken at once. A child that was killed leaves the terminal raw; it is then set right.
 */
export function lendTerminal(child: ChildProcess): Disposable {
  const wake = () => setTimeout(() => child.kill('SIGCONT'), resumeMs);
  if (process.platform !== 'win32') process.on('SIGTSTP', wake);
  return {
    dispose() {
      process.off('SIGTSTP', wake);
      if (child.signalCode === null || process.platform === 'win32') return;
      const { status } = spawnSync('stty', ['sane'], { stdio: ['inherit', 'ignore', 'ignore'] });
      // Whoever closed the window has taken the terminal away, and writing to it would be an error.
      if (status !== 0) return;
      // Cursor on, bracketed paste and reports of focus off.
      process.stdout.write('\u001b[?25h\u001b[?2004l\u001b[?1004l\u001b[0m\n');
    },
  };
}
