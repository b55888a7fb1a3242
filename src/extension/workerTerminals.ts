import { type Disposable, type Terminal, window } from 'vscode';
import type { WorkerId } from '../core/model/ids.ts';
import type { Worker } from '../core/model/worker.ts';
import type { LocalProcesses } from '../process/identity.ts';

/**
 * Which terminal is whose. Terminals that this window opened are remembered; those that outlived a reload, which have
 * neither a name nor options any more, are known again by their process: its id, and that it is the very process that the
 * worker reported.
 */
export class WorkerTerminals implements Disposable {
  readonly #processes: LocalProcesses;
  readonly #opened = new Map<WorkerId, Terminal>();
  readonly #listener: Disposable;

  constructor(processes: LocalProcesses) {
    this.#processes = processes;
    this.#listener = window.onDidCloseTerminal((closed) => {
      for (const [worker, terminal] of this.#opened) if (terminal === closed) this.#opened.delete(worker);
    });
  }

  /** How many terminals of workers this window knows. */
  get count(): number {
    return this.#opened.size;
  }

  opened(worker: Worker, terminal: Terminal): void {
    this.#opened.set(worker.id, terminal);
  }

  /** The worker's terminal in this window; undefined when it has none here. */
  async of(worker: Worker): Promise<Terminal | undefined> {
    const known = this.#opened.get(worker.id);
    if (known) return known;
    const { process } = worker;
    if (!process || process.machine !== this.#processes.machine || this.#processes.isDead(process)) return undefined;
    for (const terminal of window.terminals) {
      if ((await terminal.processId) !== process.pid) continue;
      this.#opened.set(worker.id, terminal);
      return terminal;
    }
    return undefined;
  }

  /** Finds the terminals of these workers again. Returns how many were found. */
  async adopt(workers: readonly Worker[]): Promise<number> {
    const found = await Promise.all(workers.map((worker) => this.of(worker)));
    return found.filter((terminal) => terminal !== undefined).length;
  }

  dispose(): void {
    this.#listener.dispose();
  }
}
