import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { execa } from 'execa';

/** One process as the operating system lists it. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** Only compared for equality; differs between two processes that had the same pid. */
  readonly startTime: string;
  /** `stopped` waits for SIGCONT; a `zombie` has ended and only waits to be noticed. */
  readonly state: 'living' | 'stopped' | 'zombie';
}

/** Every process of this machine that may be seen. */
export function listProcesses(): Promise<readonly ProcessRow[]> {
  switch (process.platform) {
    case 'linux':
      return listByProc();
    case 'win32':
      return listByPowerShell();
    default:
      return listByPs();
  }
}

/** One process; undefined when there is none of that pid. */
export async function findProcess(pid: number): Promise<ProcessRow | undefined> {
  if (process.platform === 'linux') return readProc(pid);
  return (await listProcesses()).find((row) => row.pid === pid);
}

let bootId: string | undefined;

/** Linux only: one process from /proc, in some ten microseconds, so without waiting. */
export function readProc(pid: number): ProcessRow | undefined {
  try {
    bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'utf8'), bootId);
  } catch {
    return undefined;
  }
}

/** Reads a line of /proc/PID/stat; the program's name in it may hold blanks and brackets. */
export function parseStat(pid: number, stat: string, boot: string): ProcessRow | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent] = fields;
  const ticks = fields[19];
  if (state === undefined || parent === undefined || ticks === undefined) return undefined;
  // Ticks count from the boot, so without the boot's id a reboot could repeat them.
  return { pid, parent: Number(parent), startTime: `${boot}/${ticks}`, state: stateOf(state) };
}

/** Reads the lines of `ps -axo pid=,ppid=,stat=,lstart=`. */
export function parsePs(output: string): readonly ProcessRow[] {
  return output.split('\n').flatMap((line) => {
    const [, pid, parent, state, startTime] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*\S)\s*$/.exec(line) ?? [];
    if (pid === undefined || parent === undefined || state === undefined || startTime === undefined) return [];
    return [{ pid: Number(pid), parent: Number(parent), startTime, state: stateOf(state) }];
  });
}

function stateOf(letters: string): ProcessRow['state'] {
  if (/^[ZX]/.test(letters)) return 'zombie';
  return /^[Tt]/.test(letters) ? 'stopped' : 'living';
}

async function listByProc(): Promise<readonly ProcessRow[]> {
  const names = await readdir('/proc');
  return names.flatMap((name) => (/^\d+$/.test(name) ? (readProc(Number(name)) ?? []) : []));
}

async function listByPs(): Promise<readonly ProcessRow[]> {
  const { stdout } = await execa('ps', ['-axo', 'pid=,ppid=,stat=,lstart='], { env: { LC_ALL: 'C' } });
  return parsePs(stdout);
}

async function listByPowerShell(): Promise<readonly ProcessRow[]> {
  const script =
    'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) R $($_.CreationDate.ToFileTimeUtc())" }';
  const { stdout } = await execa('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script]);
  return parsePs(stdout);
}
