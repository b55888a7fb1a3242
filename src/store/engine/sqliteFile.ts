import { randomBytes } from 'node:crypto';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../base/errors.ts';

/** Bytes kept aside so that a full disk can still finish what it began. */
const ballastBytes = 4_000_000;

/** The files beside a store. */
const markerOf = (path: string): string => `${path}.initialised`;
const ballastOf = (path: string): string => `${path}.ballast`;

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Unlike a recursive `mkdir`, which on a read-only disk says that the folder does not exist, this says why it cannot be made. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT') throw error;
    await makeFolder(dirname(folder));
    await mkdir(folder);
  }
}

/**
 * Makes the store's folder and refuses a store that has vanished: SQLite would take a file truncated to nothing for a new,
 * empty database.
 */
export async function readyPlace(path: string): Promise<void> {
  await makeFolder(dirname(path));
  const marker = markerOf(path);
  if ((await sizeOf(marker)) === undefined) return;
  if (((await sizeOf(path)) ?? 0) > 0) return;
  throw new AppError('store_broken', `${path} is empty or gone, although it was a store before`, {
    hint: `Restore it from a backup. To begin anew without its tasks, remove ${marker}; branches and worktrees are not touched.`,
  });
}

/** Notes that the store exists and lays the ballast. A disk too full for the ballast is left without. */
export async function settlePlace(path: string): Promise<void> {
  if ((await sizeOf(markerOf(path))) === undefined) {
    await writeFile(markerOf(path), 'This file says that the store beside it exists. Remove both or none.\n');
  }
  const ballast = ballastOf(path);
  if ((await sizeOf(ballast)) !== undefined) return;
  try {
    await writeFile(ballast, randomBytes(ballastBytes));
  } catch {
    await rm(ballast, { force: true });
  }
}

/** Gives the ballast's space back to the disk; false when there was none. */
export async function freeBallast(path: string): Promise<boolean> {
  const had = ((await sizeOf(ballastOf(path))) ?? 0) > 0;
  await rm(ballastOf(path), { force: true });
  return had;
}
