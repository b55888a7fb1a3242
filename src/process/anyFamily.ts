import { hostname } from 'node:os';
import type { ProcessIdentity } from '../core/model/process.ts';
import type { Family } from './family.ts';
import { readFamily } from './family.ts';
import { listProcesses } from './table.ts';

/** The family of this process on any machine; elsewhere than on Linux only those above it are known. */
export async function familyOf(): Promise<Family> {
  if (process.platform === 'linux') return readFamily();
  const machine = hostname();
  const rows = new Map((await listProcesses()).map((row) => [row.pid, row]));
  const processes = new Map<number, ProcessIdentity>();
  for (let row = rows.get(process.pid); row !== undefined && !processes.has(row.pid); row = rows.get(row.parent)) {
    processes.set(row.pid, { machine, pid: row.pid, startTime: row.startTime });
  }
  return { processes: [...processes.values()], environments: () => [], isOrphan: false };
}
