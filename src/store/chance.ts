import type { RandomBytes } from '../core/model/ids.ts';

/** The source of chance for the ids of what the store itself makes in the middle of a transaction; loaded by its first use only. */
export const chance: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));
