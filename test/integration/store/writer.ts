import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { newId } from '../../../src/core/model/ids.ts';
import type { Party } from '../../../src/core/model/party.ts';
import { openLean } from '../../../src/store/lean.ts';

/**
 * One process that writes to all, message after message and now and then an entry of the shared context, and notes in a file
 * what the store has said is kept. `node writer.ts <store> <party> <file> <how many>`
 */
const [path = '', party = '', file = '', most = ''] = process.argv.slice(2);
const store = await openLean({ path });
if (store === undefined) throw new Error('no store');
const from = party as Party;
const readers = (await store.members()).map((member) => member.party).filter((each) => each.startsWith('@'));
for (let number = 0; number < Number(most); number += 1) {
  const body = `${party} ${process.pid} ${number}`;
  const now = Date.now();
  if (number % 4 === 3) {
    await store.addContext({ id: newId('context', randomBytes), author: from, category: 'discovery', text: body, now });
  } else {
    const ids = readers.map(() => newId('message', randomBytes));
    await store.send({ from, to: readers, kind: 'message', body, ids, now });
  }
  appendFileSync(file, `${body}\n`);
}
store.dispose();
