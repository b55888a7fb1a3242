import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { ProcessRow } from './proc.ts';
import { listProcesses } from './table.ts';

const pollMs = 100;
/** What outlives its SIGKILL for so long is another user's, or held by the system: nobody can end it. */
const killMs = 5_000;

/**
 * Asks the process `pid` to end, waits up to `graceMs` for it, then kills it and everything it has started, in
 * whatever process group. Resolves when all of that is gone, or nothing more can be done about it. Of a process that has ended before, nothing is known
 * of what it had started, so then this does nothing.
 */
export async function endTree(pid: number, graceMs: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (process.platform === 'win32') {
    await execa('taskkill', ['/pid', String(pid), '/t', '/f'], { reject: false });
    return;
  }
  const family = new Map<number, ProcessRow>();
  const root = (await grow(family, pid)).find((row) => row.pid === pid);
  if (root === undefined) return;
  const deadline = performance.now() + graceMs;
  if (graceMs > 0) {
    send(pid, signal);
    // A stopped process hears of the end only once it goes on.
    send(pid, 'SIGCONT');
  }
  for (;;) {
    const living = await grow(family, pid);
    if (living.length === 0 || performance.now() >= deadline + killMs) return;
    if (performance.now() >= deadline || !living.some((row) => row.pid === pid)) {
      for (const row of living) send(row.pid, 'SIGKILL');
    }
    await sleep(pollMs);
  }
}

/** Adds to `family` what its living members have started since, and returns those of it that live. */
async function grow(family: Map<number, ProcessRow>, root: number): Promise<readonly ProcessRow[]> {
  const rows = new Map((await listProcesses()).map((row) => [row.pid, row]));
  const first = rows.get(root);
  if (family.size === 0 && first !== undefined) family.set(root, first);
  const isMember = (row: ProcessRow | undefined) =>
    row !== undefined && family.get(row.pid)?.startTime === row.startTime;
  for (let size = -1; size !== family.size; ) {
    size = family.size;
    for (const row of rows.values()) if (!isMember(row) && isMember(rows.get(row.parent))) family.set(row.pid, row);
  }
  return [...rows.values()].filter((row) => isMember(row) && row.state !== 'zombie');
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already, which is what was wanted.
  }
}
