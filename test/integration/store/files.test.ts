import { execFile } from 'node:child_process';
import { mkdir, open, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/base/errors.ts';
import { openStore } from '../../../src/store/open.ts';
import type { TempFolder } from '../../support/tempFolder.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { Stage } from './stage.ts';

const run = promisify(execFile);

const placeIn = (folder: TempFolder) => {
  const path = join(folder.path, 'swarm', 'store.db');
  return { path, repo: { root: folder.path, commonDir: folder.path } };
};

/** A store with one task in it, closed. */
async function closedStore(folder: TempFolder) {
  const place = placeIn(folder);
  const store = await openStore(place);
  const task = await new Stage(store).one();
  store.dispose();
  return { place, task };
}

/** The error of opening, as a person gets it. */
async function refusal(options: Parameters<typeof openStore>[0]): Promise<{ code: string; hint: boolean } | 'opened'> {
  try {
    (await openStore(options)).dispose();
    return 'opened';
  } catch (error) {
    if (!AppError.is(error)) throw error;
    return { code: error.code, hint: error.hint !== undefined };
  }
}

describe('the file of a store', () => {
  test('is made with its folder, and found again with what was in it', async () => {
    await using folder = await tempFolder();
    const { place, task } = await closedStore(folder);
    const again = await openStore(place);
    expect(await again.task(task)).toMatchObject({ id: task, state: 'queued' });
    again.dispose();
    expect((await readdir(join(folder.path, 'swarm'))).sort()).toEqual([
      'store.db',
      'store.db.ballast',
      'store.db.initialised',
    ]);
  });

  test('is refused when it was emptied or has vanished, not taken for a new one', async () => {
    await using folder = await tempFolder();
    const { place } = await closedStore(folder);
    const moved = `${place.path}.kept`;
    await rename(place.path, moved);
    const answers = [await refusal(place)];
    await writeFile(place.path, '');
    answers.push(await refusal(place));
    await rename(moved, place.path);
    answers.push(await refusal(place));
    const broken = { code: 'store_broken', hint: true };
    expect(answers).toEqual([broken, broken, 'opened']);
  });

  test('is made anew once the person has removed its mark', async () => {
    await using folder = await tempFolder();
    const { place } = await closedStore(folder);
    await rm(place.path);
    await rm(`${place.path}.initialised`);
    const store = await openStore(place);
    expect((await store.overview()).tasks).toEqual([]);
    store.dispose();
  });

  test('is refused when it is text, half of itself, or somebody else’s database', async () => {
    await using folder = await tempFolder();
    const { place } = await closedStore(folder);
    const bytes = await readFile(place.path);
    const answers: unknown[] = [];
    await writeFile(place.path, 'no database at all, '.repeat(1000));
    answers.push(await refusal(place));
    await writeFile(place.path, bytes);
    await truncate(place.path, Math.floor(bytes.length / 8192) * 4096);
    answers.push(await refusal(place));
    const foreign = join(folder.path, 'foreign.db');
    const database = new Database(foreign);
    database.exec('create table theirs (x)');
    database.close();
    answers.push(await refusal({ ...place, path: foreign }));
    expect(answers).toEqual(Array(3).fill({ code: 'store_broken', hint: true }));
    const untouched = new Database(foreign);
    expect(untouched.prepare('select name from sqlite_schema').pluck().all()).toEqual(['theirs']);
    untouched.close();
  });

  test('tells of garbage inside a page when it is checked', async () => {
    await using folder = await tempFolder();
    const { place } = await closedStore(folder);
    const file = await open(place.path, 'r+');
    const { size } = await file.stat();
    for (let page = 2; page < size / 4096; page++) await file.write(Buffer.alloc(64, 0xab), 0, 64, page * 4096);
    await file.close();
    const found = await openStore(place).then(
      async (store) => {
        const problems = await store.check();
        store.dispose();
        return problems.length > 0;
      },
      (error) => AppError.is(error, 'store_broken'),
    );
    expect(found).toBe(true);
  });

  test('loses nothing when its leftover WAL is garbage', async () => {
    await using folder = await tempFolder();
    const { place, task } = await closedStore(folder);
    await writeFile(`${place.path}-wal`, Buffer.alloc(100_000, 0x5a));
    const store = await openStore(place);
    expect([await store.task(task), await store.check()]).toMatchObject([{ id: task }, []]);
    store.dispose();
  });

  test('is refused when a newer version of Swarm has written it', async () => {
    await using folder = await tempFolder();
    const { place } = await closedStore(folder);
    const database = new Database(place.path);
    database.pragma('user_version = 2');
    database.close();
    expect(await refusal(place)).toEqual({ code: 'store_too_new', hint: true });
  });

  test('cannot be where nothing can be written, and the refusal says so', async () => {
    await using folder = await tempFolder();
    const { place } = await closedStore(folder);
    const below = join(place.path, 'below', 'store.db');
    expect(await refusal({ ...place, path: below })).toEqual({ code: 'store_broken', hint: true });
    await using readOnly = await readOnlyFolder(join(folder.path, 'swarm'));
    expect(await refusal({ ...place, path: join(readOnly.path, 'store.db') })).toEqual({
      code: 'store_read_only',
      hint: true,
    });
    expect(await refusal({ ...place, path: join(readOnly.path, 'new', 'deep', 'store.db') })).toEqual({
      code: 'store_read_only',
      hint: true,
    });
  });

  test('says what is missing when SQLite cannot be loaded', async () => {
    await using folder = await tempFolder();
    const nativeBinding = join(folder.path, 'none.node');
    expect(await refusal({ ...placeIn(folder), nativeBinding })).toEqual({ code: 'store_driver', hint: true });
  });

  test('refuses every call after it was closed', async () => {
    await using folder = await tempFolder();
    const store = await openStore(placeIn(folder));
    store.dispose();
    store.dispose();
    await expect(store.overview()).rejects.toMatchObject({ code: 'store_closed' });
    await expect(
      store.takeLaunch({ face: new Stage(store).face, overdue: [], modes: ['print'] }),
    ).rejects.toMatchObject({ code: 'store_closed' });
  });
});

describe('the repositories of a store', () => {
  test('are found by the folder that their worktrees share', async () => {
    await using folder = await tempFolder();
    const { path, repo } = placeIn(folder);
    const other = { root: join(folder.path, 'other'), commonDir: join(folder.path, 'other', '.git') };
    await mkdir(other.commonDir, { recursive: true });
    const ids = [];
    for (const place of [repo, other, repo, other]) {
      const store = await openStore({ path, repo: place });
      ids.push(store.repo);
      store.dispose();
    }
    expect([ids[0] === ids[2], ids[1] === ids[3], ids[0] === ids[1]]).toEqual([true, true, false]);
    expect(await refusal({ path })).toEqual({ code: 'repo_unknown', hint: true });
  });

  test('need not be named where there is only one, and must where there is none', async () => {
    await using folder = await tempFolder();
    const { path, repo } = placeIn(folder);
    expect(await refusal({ path })).toEqual({ code: 'repo_unknown', hint: true });
    const named = await openStore({ path, repo });
    const unnamed = await openStore({ path });
    expect(unnamed.repo).toBe(named.repo);
    named.dispose();
    unnamed.dispose();
  });

  test('are the same after their folder was moved, with all their tasks', async () => {
    await using folder = await tempFolder();
    const before = { root: join(folder.path, 'a'), commonDir: join(folder.path, 'a', '.git') };
    const after = { root: join(folder.path, 'b'), commonDir: join(folder.path, 'b', '.git') };
    await mkdir(before.commonDir, { recursive: true });
    const store = await openStore({ path: join(before.commonDir, 'swarm', 'store.db'), repo: before });
    const task = await new Stage(store).one();
    store.dispose();
    await rename(before.root, after.root);
    const moved = await openStore({ path: join(after.commonDir, 'swarm', 'store.db'), repo: after });
    expect([moved.repo, (await moved.task(task))?.id]).toEqual([store.repo, task]);
    moved.dispose();
  });
});

/** The same folder where nobody may write: by a mount for root, by its rights for others. */
async function readOnlyFolder(path: string): Promise<{ path: string } & AsyncDisposable> {
  if (process.getuid?.() !== 0) {
    await run('chmod', ['-R', 'a-w', path]);
    return { path, [Symbol.asyncDispose]: async () => void (await run('chmod', ['-R', 'u+w', path])) };
  }
  const mount = `${path} read only`;
  await mkdir(mount);
  await run('mount', ['--bind', path, mount]);
  await run('mount', ['-o', 'remount,bind,ro', mount]);
  return {
    path: mount,
    [Symbol.asyncDispose]: async () => {
      await run('umount', ['--lazy', mount]);
      await rm(mount, { recursive: true });
    },
  };
}
