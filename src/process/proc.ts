import { readFileSync } from 'node:fs';

/** One process as the operating system lists it. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** Only compared for equality; differs between two processes that had the same pid. */
  readonly startTime: string;
  /** `stopped` waits for SIGCONT; a `zombie` has ended and only waits to be noticed. */
  readonly state: 'living' | 'stopped' | 'zombie';
}

/** What Linux tells besides. */
export interface LinuxProcess extends ProcessRow {
  /** The processes that lead its process group and its session; they need not be among its ancestors. */
  readonly group: number;
  readonly session: number;
}

let bootId: string | undefined;

/** Linux only: one process from /proc, in some ten microseconds, so without waiting. */
export function readProc(pid: number): LinuxProcess | undefined {
  try {
    bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'utf8'), bootId);
  } catch {
    return undefined;
  }
}

/** Reads a line of /proc/PID/stat; the program's name in it may hold blanks and brackets. */
export function parseStat(pid: number, stat: string, boot: string): LinuxProcess | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const ticks = fields[19];
  if (state === undefined || parent === undefined || ticks === undefined) return undefined;
  // Ticks count from the boot, so without the boot's id a reboot could repeat them.
  const startTime = `${boot}/${ticks}`;
  return {
    pid,
    parent: Number(parent),
    startTime,
    state: stateOf(state),
    group: Number(group),
    session: Number(session),
  };
}

/** The state of a process by the letters that `ps` and /proc have for it. */
export function stateOf(letters: string): ProcessRow['state'] {
  if (/^[ZX]/.test(letters)) return 'zombie';
  return /^[Tt]/.test(letters) ? 'stopped' : 'living';
}

/** Linux only: the named variables of the environment that a process was started with. */
export function readEnvironment(pid: number, names: readonly string[]): Readonly<Record<string, string>> {
  try {
    const found: Record<string, string> = {};
    for (const entry of readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')) {
      const at = entry.indexOf('=');
      const name = entry.slice(0, at);
      if (names.includes(name)) found[name] = entry.slice(at + 1);
    }
    return found;
  } catch {
    return {};
  }
}

/** Linux only: the control group of a process, by which a desktop's or server's session keeps its processes together. */
export function readControlGroup(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return undefined;
  }
}
