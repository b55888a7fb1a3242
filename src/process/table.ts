import { readdir } from 'node:fs/promises';
import { execa } from 'execa';
import type { ProcessRow } from './proc.ts';
import { readProc, stateOf } from './proc.ts';

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

/** Reads the lines of `ps -axo pid=,ppid=,stat=,lstart=`. */
export function parsePs(output: string): readonly ProcessRow[] {
  return output.split('\n').flatMap((line) => {
    const [, pid, parent, state, startTime] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*\S)\s*$/.exec(line) ?? [];
    if (pid === undefined || parent === undefined || state === undefined || startTime === undefined) return [];
    return [{ pid: Number(pid), parent: Number(parent), startTime, state: stateOf(state) }];
  });
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
