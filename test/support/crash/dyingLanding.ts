import { systemClock } from '../../../src/base/clock.ts';
import { openSwarm, systemRandom } from '../../../src/bridge/open.ts';
import { land } from '../../../src/core/flow/merge.ts';
import type { EntryId } from '../../../src/core/model/ids.ts';
import { openChecks } from '../../../src/process/checks.ts';
import { openProcesses } from '../../../src/process/identity.ts';
import { Fate, writes } from './dying.ts';

// `swarm land run <entry>` that kills itself right before or after the n-th thing it writes, asks git or runs.

const entry = process.argv.at(-1) as EntryId;
const { store, git, places, settings } = await openSwarm({ folder: process.cwd(), trusted: () => true });
const fate = new Fate(process.env);
const everything = () => true;
await land(
  {
    store: fate.over(store, writes),
    git: fate.over(git, everything),
    checks: fate.over(openChecks(process.env), everything),
    processes: await openProcesses(),
    clock: systemClock,
    random: systemRandom,
    settings: await settings(),
    checkLog: places.checkLog,
  },
  entry,
  new AbortController().signal,
);
process.exit(0);
