import { expect, test } from 'vitest';
import { inTurn } from '../../../src/git/turns.ts';

test('no more than the limit run at once under one name, in the order they came, and a failure hands its place on', async () => {
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const work = async (n: number) => {
    order.push(n);
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    if (n === 1) throw new Error('red');
  };
  const ended = await Promise.allSettled([0, 1, 2, 3, 4].map((n) => inTurn('/a b', 2, () => work(n))));
  const other = inTurn('/other', 1, async () => 'free');
  expect({ most, order, ended: ended.map(({ status }) => status), other: await other }).toEqual({
    most: 2,
    order: [0, 1, 2, 3, 4],
    ended: ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
    other: 'free',
  });
});
