import { afterAll, beforeAll } from 'vitest';
import { contract } from './contract.ts';
import { pgliteGrounds } from './grounds.ts';

let grounds: Awaited<ReturnType<typeof pgliteGrounds>>;
beforeAll(async () => {
  grounds = await pgliteGrounds();
});
afterAll(() => grounds.close());

contract('PostgreSQL', () => grounds.open());
