import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { newId } from '../../../src/core/model/ids.ts';
import type { Party } from '../../../src/core/model/party.ts';
import { openLean } from '../../../src/store/lean.ts';

/**
 * One process of a race for files: says `ready`, and for each message (the file, and the moment to begin at) tells whether it got
 * it. `node claimer.ts <store> <party>`, or with `naive` in front of a file that tells who has which, read and then written.
 */
const [path = '', party = ''] = process.argv.slice(2);
const isNaive = path.startsWith('naive ');
const store = isNaive ? undefined : await openLean({ path });
process.on('message', async ({ file, at }: { file: string; at: number }) => {
  while (performance.timeOrigin + performance.now() < at);
  process.send?.({ file, got: await take(file) });
});
process.send?.('ready');

async function take(file: string): Promise<boolean> {
  if (store === undefined) return takeNaively(file);
  const answer = await store.claim({
    party: party as Party,
    paths: [{ kind: 'file', path: file, mode: 'exclusive' }],
    origin: 'asked',
    ids: [newId('claim', randomBytes)],
    now: Date.now(),
  });
  return answer.kind === 'claimed';
}

function takeNaively(file: string): boolean {
  const table = path.slice('naive '.length);
  const taken: Record<string, string> = JSON.parse(readFileSync(table, 'utf8'));
  if (taken[file] !== undefined) return false;
  // Never half a file: only the order of looking and writing is to be at fault.
  writeFileSync(`${table} ${party}`, JSON.stringify({ ...taken, [file]: party }));
  renameSync(`${table} ${party}`, table);
  return true;
}
