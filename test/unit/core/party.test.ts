import { expect, test } from 'vitest';
import type { TaskId, WorkerId } from '../../../src/core/model/ids.ts';
import type { Member } from '../../../src/core/model/party.ts';
import { findMember, guestNamed, isGuest, isTask, nameOf } from '../../../src/core/model/party.ts';

test('a guest has a name of its own, that means nobody else', () => {
  const names = ['ann', 'Ann-2.x_y', 'x'.repeat(64)];
  expect(names.map(guestNamed)).toEqual(names.map((name) => `@${name}`));
  const refused = [
    '',
    'a b',
    '@ann',
    '-x',
    'you',
    'ALL',
    'swarm',
    'worker 3',
    'worker3',
    'tabcdefgh1',
    'w123456789',
    'x'.repeat(65),
    'a/b',
  ];
  expect(refused.filter((name) => guestNamed(name) !== undefined)).toEqual([]);
});

test('a party is told apart by its form', () => {
  const parties = ['you', '@ann', 'tabcdefgh1' as TaskId] as const;
  expect(parties.map((party) => [isTask(party), isGuest(party), nameOf(party)])).toEqual([
    [false, false, 'you'],
    [false, true, 'ann'],
    [true, false, 'tabcdefgh1'],
  ]);
});

test('a member is found by each of its names, and by none that could mean two', () => {
  const worker = (id: string, name: string) => ({ id: id as WorkerId, name });
  const members: readonly Member[] = [
    { party: 'you', title: 'you', isActive: true },
    { party: 'tabcdefgh1' as TaskId, title: 'One', worker: worker('w123456789', 'worker 3'), isActive: true },
    { party: 'tabcxxxxx2' as TaskId, title: 'Two', isActive: false },
    { party: '@Ann', title: 'Ann', isActive: true },
  ];
  const find = (text: string) => {
    const found = findMember(members, text);
    return 'refused' in found ? found.refused : found.party;
  };
  expect(['you', ' YOU ', 'ann', 'worker 3', 'Worker 3', '3', 'tabcd', 'w123', 'tabcxxxxx2'].map(find)).toEqual([
    'you',
    'you',
    '@Ann',
    'tabcdefgh1',
    'tabcdefgh1',
    'tabcdefgh1',
    'tabcdefgh1',
    'tabcdefgh1',
    'tabcxxxxx2',
  ]);
  expect(['tabc', 'ta', 'One', '4'].map((text) => find(text).split(';')[0])).toEqual([
    '“tabc” is more than one',
    '“ta” is nobody here',
    '“One” is nobody here',
    '“4” is nobody here',
  ]);
});
