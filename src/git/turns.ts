import { watch } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isGone } from './gone.ts';

/** Whoever has a place for longer than this has died without giving it back, and another process has its number now. */
const longestMs = 10 * 60_000;
/** Whoever has taken a place writes its number there at once, unless it has died in between. */
const writingMs = 1_000;
/** How often one looks for places whose owners have died, or of which the system has not told that they are free. */
const lookMs = 500;

/**
 * Runs `action` while fewer than `limit` processes of this machine do so in the same folder, which is made. It spares the
 * disk and excludes nobody: after a crash there may be one more for a moment.
 */
export async function inTurn<T>(folder: string, limit: number, action: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  const places = Array.from({ length: limit }, (_, index) => join(folder, String(index + 1)));
  const mine = (await takeFree(places)) ?? (await waitForOne(folder, places));
  try {
    return await action();
  } finally {
    await rm(mine, { force: true });
  }
}

/** Takes the first place that nobody has; undefined when there is none. */
async function takeFree(places: readonly string[]): Promise<string | undefined> {
  for (const place of places) if (await take(place)) return place;
  return undefined;
}

/** Takes the first place whose owner has died; undefined when there is none. */
async function takeAbandoned(places: readonly string[]): Promise<string | undefined> {
  for (const place of places) if ((await isAbandoned(place)) && (await take(place))) return place;
  return undefined;
}

async function take(place: string): Promise<boolean> {
  try {
    await writeFile(place, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Clears a place whose process is gone; false when it lives. */
async function isAbandoned(place: string): Promise<boolean> {
  try {
    const age = Date.now() - (await stat(place)).mtimeMs;
    const pid = Number(await readFile(place, 'utf8'));
    if (pid === 0 ? age < writingMs : age < longestMs && !(await isGone(pid))) return false;
  } catch (error) {
    // It was given back just now.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await rm(place, { force: true });
  return true;
}

/** Takes a place as soon as one is free. Of many who wait each tries only the place that it is told of: to look at all takes longer. */
async function waitForOne(folder: string, places: readonly string[]): Promise<string> {
  let told = Promise.withResolvers<string>();
  const watcher = watching(folder, (place) => told.resolve(place));
  try {
    // Whatever became free before the watch began has not been told.
    let mine = await takeFree(places);
    while (mine === undefined) {
      const timer = setTimeout(() => told.resolve(''), lookMs);
      const place = await told.promise;
      clearTimeout(timer);
      told = Promise.withResolvers();
      if (!places.includes(place)) mine = (await takeFree(places)) ?? (await takeAbandoned(places));
      else if (await take(place)) mine = place;
    }
    return mine;
  } finally {
    watcher?.close();
  }
}

/** Tells of places that were taken or given back. Undefined where nothing more can be watched: then only time tells. */
function watching(folder: string, changed: (place: string) => void) {
  try {
    return watch(folder, (_, name) => changed(join(folder, name ?? ''))).on('error', () => {});
  } catch {
    return undefined;
  }
}
