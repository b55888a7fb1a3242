import { createHash } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { FaceId } from '../core/model/ids.ts';
import { newId } from '../core/model/ids.ts';

/**
 * The face of the command line: the same for every call of one person on one machine, so that `swarm up` starts at once
 * what an earlier `swarm run` or `swarm task add` has asked for.
 */
export function commandLineFace(): FaceId {
  const hash = createHash('sha256').update(`${hostname()}\0${userInfo().username}`).digest();
  return newId('face', (length) => hash.subarray(0, length));
}
