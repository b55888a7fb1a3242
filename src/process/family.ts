import { hostname } from 'node:os';
import type { ProcessIdentity } from '../core/model/process.ts';
import type { LinuxProcess } from './proc.ts';
import { readControlGroup, readEnvironment, readProc } from './proc.ts';

/** Where a process comes from, as far as the operating system still knows. */
export interface Family {
  /** Itself, those above it, and those that lead their process groups and sessions. */
  readonly processes: readonly ProcessIdentity[];
  /** What the named variables were when each of these was started. */
  environments(variables: readonly string[]): readonly Readonly<Record<string, string>>[];
  /**
   * True of a process that was left behind by all that started it, so that nobody can tell who it was; false where that is
   * not known.
   */
  readonly isOrphan: boolean;
}

/** Linux only: the family of this process, in some hundred microseconds. */
export function readFamily(): Family {
  const machine = hostname();
  const rows = new Map<number, LinuxProcess>();
  const open = [process.pid];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    const row = rows.has(pid) ? undefined : readProc(pid);
    if (row === undefined) continue;
    rows.set(pid, row);
    open.push(row.parent, row.group, row.session);
  }
  return {
    processes: [...rows.values()].map(({ pid, startTime }) => ({ machine, pid, startTime })),
    environments: (variables) => [...rows.keys()].map((pid) => readEnvironment(pid, variables)),
    isOrphan: wasLeftBehind(rows.get(process.pid), rows.get(process.ppid)),
  };
}

/** Whoever is left behind is given to the first process or to systemd, in whose session it is not. */
function wasLeftBehind(self: LinuxProcess | undefined, parent: LinuxProcess | undefined): boolean {
  if (self === undefined || parent === undefined || self.session === parent.session) return false;
  return parent.pid === 1 || /(^|\/)user@\d+\.service\/init\.scope$/m.test(readControlGroup(parent.pid) ?? '');
}

/** True when both belong to the same session of a desktop, server or container. Linux only; elsewhere nothing is known. */
export function isTogether(one: number, other: number): boolean {
  const group = readControlGroup(one);
  return group !== undefined && group === readControlGroup(other);
}
