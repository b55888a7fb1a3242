import { expect, test } from 'vitest';
import { storePlaceProblem } from '../../../src/store/place.ts';
import { tempFolder } from '../../support/tempFolder.ts';

test('a local folder is a good place for a store, also before it exists', async () => {
  await using folder = await tempFolder();
  expect(await storePlaceProblem(`${folder.path}/not/yet/store.db`)).toBeUndefined();
});

test('a network share is no place for a store', async () => {
  expect([
    await storePlaceProblem('\\\\server\\share\\store.db'),
    await storePlaceProblem('//server/share/store.db'),
  ]).toEqual([
    '\\\\server\\share\\store.db is on a network share; SQLite needs a local disk',
    '//server/share/store.db is on a network share; SQLite needs a local disk',
  ]);
});
