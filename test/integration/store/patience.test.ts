import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { openStore } from '../../../src/store/open.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { Stage } from './stage.ts';

/** A store whose only writer's place is taken by somebody else. */
async function busyStore(clock = systemClock) {
  const folder = await tempFolder();
  const path = join(folder.path, 'store.db');
  const store = await openStore({ path, repo: { root: folder.path, commonDir: folder.path }, clock });
  const other = new Database(path);
  other.exec('begin immediate');
  return {
    store,
    letGo: () => other.exec('rollback'),
    [Symbol.asyncDispose]: async () => {
      other.close();
      store.dispose();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('a busy store is waited for without blocking the process, and reading goes on meanwhile', async () => {
  await using busy = await busyStore();
  let written = false;
  const writing = new Stage(busy.store).one().then((id) => {
    written = true;
    return id;
  });
  for (let time = 0; time < 50; time++) {
    await busy.store.overview();
    await systemClock.sleep(5);
  }
  const meanwhile = written;
  busy.letGo();
  const id = await writing;
  expect([meanwhile, (await busy.store.task(id))?.id]).toEqual([false, id]);
});

test('a store that stays busy is given up after ten seconds, by the clock', async () => {
  let time = 0;
  const clock = {
    ...systemClock,
    monotonic: () => time,
    sleep: async () => {
      time += 4;
    },
  };
  await using busy = await busyStore(clock);
  const start = time;
  await expect(new Stage(busy.store).one()).rejects.toMatchObject({
    code: 'store_busy',
    hint: expect.stringContaining('Try again'),
  });
  expect([time - start > 9_000, time - start < 11_000]).toEqual([true, true]);
});
