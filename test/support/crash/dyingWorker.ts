import { fileURLToPath } from 'node:url';
import { silentLog } from '../../../src/base/log.ts';
import { openSwarm, systemRandom } from '../../../src/bridge/open.ts';
import type { WorkerId } from '../../../src/core/model/ids.ts';
import { runWorker } from '../../../src/worker/program.ts';
import { Fate, writes } from './dying.ts';

// `swarm worker run <id>` that kills itself right before or after the n-th thing it writes into the store.

const worker = process.argv.at(-1) as WorkerId;
const { store, git, places, settings } = await openSwarm({ folder: process.cwd(), trusted: () => true });
await runWorker({
  parts: { store: new Fate(process.env).over(store, writes), git, places, random: systemRandom, settings },
  worker,
  cli: fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url)),
  env: process.env,
  log: silentLog,
  stop: new AbortController().signal,
  say: () => {},
});
process.exit(0);
