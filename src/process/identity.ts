import { hostname } from 'node:os';
import type { ProcessIdentity } from '../core/model/process.ts';
import type { Processes } from '../core/ports.ts';
import { endLeftovers } from './leftovers.ts';
import type { ProcessRow } from './proc.ts';
import { readProc } from './proc.ts';
import { findProcess, listProcesses } from './table.ts';
import { endTree } from './tree.ts';

/** The processes of this machine, told apart by pid and start time. */
export interface LocalProcesses extends Processes {
  readonly machine: string;
  /** The identity of a process that lives; undefined when it is gone. */
  identityOf(pid: number): Promise<ProcessIdentity | undefined>;
  /** What the process does now; undefined when it is gone or its pid belongs to another one. */
  stateOf(identity: ProcessIdentity): Promise<'living' | 'stopped' | undefined>;
  /** Ends this very process and all it has started, as `endTree` does; nothing happens to one that has its pid now. */
  end(identity: ProcessIdentity, graceMs: number, signal?: NodeJS.Signals): Promise<void>;
}

/** Opens the processes of this machine; `machine` is its name in the store. */
export async function openProcesses(machine: string = hostname()): Promise<LocalProcesses> {
  const identityOf = async (pid: number) => {
    const row = await findProcess(pid);
    return row && row.state !== 'zombie' ? { machine, pid, startTime: row.startTime } : undefined;
  };
  const self = await identityOf(process.pid);
  if (self === undefined) throw new Error('this process is not in the list of processes');
  const stateOf = async (identity: ProcessIdentity) => {
    const row = await findProcess(identity.pid);
    if (identity.machine !== machine || row?.startTime !== identity.startTime) return undefined;
    return row.state === 'zombie' ? undefined : row.state;
  };
  const look = process.platform === 'linux' ? readProc : recentProcesses();
  return {
    machine,
    self,
    identityOf,
    isDead: (identity) => identity.machine === machine && isGone(identity, look),
    stateOf,
    async endLeftovers(leftovers) {
      const known: number[] = [];
      for (const { process: identity } of leftovers.sessions) {
        if (identity !== undefined && (await stateOf(identity)) !== undefined) known.push(identity.pid);
      }
      return endLeftovers(leftovers, known);
    },
    async end(identity, graceMs, signal) {
      if ((await stateOf(identity)) !== undefined) await endTree(identity.pid, graceMs, signal);
    },
  };
}

function isGone({ pid, startTime }: ProcessIdentity, look: (pid: number) => ProcessRow | undefined): boolean {
  if (!answers(pid)) return true;
  const row = look(pid);
  return row !== undefined && (row.state === 'zombie' || row.startTime !== startTime);
}

/** False only when the operating system knows no process of that pid. */
function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * Where listing processes means starting a program, the list is read in the background and is up to a second old.
 * That is good enough for pids that were given to another process; a process that merely ended is seen at once.
 */
function recentProcesses(): (pid: number) => ProcessRow | undefined {
  let rows: ReadonlyMap<number, ProcessRow> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading = false;
  const read = async () => {
    reading = true;
    try {
      rows = new Map((await listProcesses()).map((row) => [row.pid, row]));
    } catch {
      rows = new Map();
    } finally {
      readAt = performance.now();
      reading = false;
    }
  };
  return (pid) => {
    if (!reading && performance.now() - readAt > 1000) void read();
    return rows.get(pid);
  };
}
