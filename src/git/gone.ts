import { readFile } from 'node:fs/promises';

/** Whether no process of this number works any more; one that has ended unnoticed, as orphans do in many a container, is gone too. */
export async function isGone(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /\) Z /.test(stat);
}
