import { expect, test } from 'vitest';
import { EventQueue } from '../../../src/claude/eventQueue.ts';

test('facts come in order, those from before the reading too, and it ends after the last one', async () => {
  const queue = new EventQueue<number>();
  queue.push(1);
  queue.push(2);
  const read: number[] = [];
  const reading = (async () => {
    for await (const fact of queue) {
      read.push(fact);
      // One that comes while the reader is busy must not be missed.
      if (fact === 2) queue.push(3);
      if (fact === 3) setImmediate(() => queue.push(4));
      if (fact === 4) setImmediate(() => queue.end());
    }
  })();
  await reading;
  expect(read).toEqual([1, 2, 3, 4]);
});
