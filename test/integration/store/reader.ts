import { appendFileSync } from 'node:fs';
import type { Party } from '../../../src/core/model/party.ts';
import { openLean } from '../../../src/store/lean.ts';

/** One process that asks for what is new until it is told that nothing more will come, and notes it. `node reader.ts <store> <party> <file>` */
const [path = '', party = '', file = ''] = process.argv.slice(2);
const store = await openLean({ path });
if (store === undefined) throw new Error('no store');
let isLast = false;
process.on('message', () => {
  isLast = true;
});
process.send?.('ready');
for (;;) {
  const wasLast = isLast;
  const { messages, context } = await store.sync({ party: party as Party, most: 50, now: Date.now() });
  const lines = [
    ...messages.map(({ seq, body }) => `m ${seq} ${body}`),
    ...context.map(({ seq, text }) => `x ${seq} ${text}`),
  ];
  if (lines.length > 0) appendFileSync(file, `${lines.join('\n')}\n`);
  else if (wasLast) break;
  else await new Promise((resolve) => setTimeout(resolve, 5));
}
store.dispose();
process.disconnect?.();
