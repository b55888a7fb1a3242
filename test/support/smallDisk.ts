import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempFolder } from './tempFolder.ts';

const run = promisify(execFile);

/** Only root may mount a disk that is small enough to be filled. */
export const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

/** A disk of its own. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Writes until nothing more fits but the last `spare` bytes. */
  fill(spare: number): Promise<void>;
  /** Takes away what `fill` has written. */
  empty(): Promise<void>;
}

/** Mounts a disk in memory; it is unmounted when disposed. */
export async function smallDisk(megabytes: number): Promise<SmallDisk> {
  const folder = await tempFolder();
  const path = join(folder.path, 'small disk');
  await mkdir(path);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'swarm-test', path]);
  const filler = join(path, 'filler');
  return {
    path,
    async fill(spare) {
      await mkdir(filler);
      await writeFile(join(filler, 'spare'), Buffer.alloc(spare, 1));
      for (const size of [1 << 20, 1 << 16, 1 << 12]) {
        for (let count = 0; ; count += 1) {
          const file = join(filler, `${size} ${count}`);
          try {
            await writeFile(file, Buffer.alloc(size, 1));
          } catch {
            await rm(file, { force: true });
            break;
          }
        }
      }
      await rm(join(filler, 'spare'));
    },
    empty: () => rm(filler, { recursive: true }),
    async [Symbol.asyncDispose]() {
      await run('umount', ['--lazy', path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}
