import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../../src/store/open.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { Stage } from './stage.ts';

const run = promisify(execFile);

/** Only root may mount a disk small enough to be filled. */
const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

async function smallDisk(megabytes: number) {
  const folder = await tempFolder();
  const path = join(folder.path, 'small disk');
  await mkdir(path);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'swarm-test', path]);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await run('umount', ['--lazy', path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Writes until nothing more fits. */
async function fill(path: string): Promise<void> {
  for (const size of [1 << 20, 1 << 16, 1 << 12]) {
    for (let count = 0; ; count++) {
      const file = join(path, `filler ${size} ${count}`);
      try {
        await writeFile(file, Buffer.alloc(size, 1));
      } catch {
        await rm(file, { force: true });
        break;
      }
    }
  }
}

describe.runIf(mayMount)('on a full disk', () => {
  test('the ballast lets go on for a while, then writing is refused and nothing is lost', async () => {
    await using disk = await smallDisk(8);
    const path = join(disk.path, 'store.db');
    const store = await openStore({ path, repo: { root: disk.path, commonDir: disk.path } });
    const stage = new Stage(store);
    const kept = [await stage.one()];
    await fill(disk.path);
    expect((await stat(`${path}.ballast`)).size).toBe(4_000_000);
    const prompt = 'x'.repeat(100_000);
    let refused: unknown;
    while (refused === undefined && kept.length < 1000) {
      await stage.one({ prompt }).then(
        (id) => kept.push(id),
        (error: unknown) => {
          refused = error;
        },
      );
    }
    expect(refused).toMatchObject({ code: 'store_full', hint: expect.stringContaining('Free some space') });
    expect([kept.length > 10, existsSync(`${path}.ballast`)]).toEqual([true, false]);
    expect((await store.overview()).tasks.map((task) => task.id)).toEqual(kept);
    expect(await store.check()).toEqual([]);

    for (const size of [1 << 20, 1 << 16]) await rm(join(disk.path, `filler ${size} 0`), { force: true });
    kept.push(await stage.one());
    store.dispose();
    const again = await openStore({ path });
    expect((await again.overview()).tasks.map((task) => task.id)).toEqual(kept);
    again.dispose();
  });

  test('a store is not made where there is no room for it', async () => {
    await using disk = await smallDisk(1);
    await fill(disk.path);
    const path = join(disk.path, 'store.db');
    const opening = openStore({ path, repo: { root: disk.path, commonDir: disk.path } });
    await expect(opening).rejects.toMatchObject({ code: 'store_full' });
  });

  test('a disk too small for the ballast still takes the store', async () => {
    await using disk = await smallDisk(2);
    const path = join(disk.path, 'store.db');
    const store = await openStore({ path, repo: { root: disk.path, commonDir: disk.path } });
    const id = await new Stage(store).one();
    expect([(await store.task(id))?.id, existsSync(`${path}.ballast`)]).toEqual([id, false]);
    store.dispose();
  });
});
