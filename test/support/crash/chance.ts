/** Chance that can be repeated: the same seed gives the same numbers, each from 0 to below 1. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed of now, or the one that is to be repeated; it is printed. */
export function seedOfNow(): number {
  const seed = Number(process.env.SWARM_TEST_SEED ?? Date.now() % 1_000_000);
  process.stdout.write(`SWARM_TEST_SEED=${seed}\n`);
  return seed;
}
