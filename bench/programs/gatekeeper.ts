// The endpoint of a worker with the gate of one session behind it, and the store behind that: node gatekeeper.ts REPOSITORY
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { answerOf, readHook } from '../../src/claude/hooks.ts';
import { SessionGate } from '../../src/claude/sessionGate.ts';
import { TaskTeam } from '../../src/core/flow/sessionTeam.ts';
import { defaultSettings } from '../../src/core/settings.ts';
import { openRepo } from '../../src/git/open.ts';
import { openStore } from '../../src/store/open.ts';
import { openEndpoint } from '../../src/worker/endpoint.ts';
import { putToWork } from '../crew.ts';
import { Program } from '../program.ts';

export interface Address {
  readonly url: string;
  readonly token: string;
}

const worktree = process.argv[2] ?? '';
const git = await openRepo(worktree, {
  maxSnapshotMegabytes: async () => 50,
  scratchFolder: async () => join(worktree, '..', 'scratch'),
});
const repo = { root: git.root, commonDir: git.commonDir };
const store = await openStore({ path: join(worktree, '..', 'store.db'), repo });
const [first] = await putToWork(store, 1);
const task = first && (await store.task(first.task));
const base = await git.head(worktree);
if (task === undefined) throw new Error('nobody is at work');
const world = { store, git, clock: systemClock, random: randomBytes, log: silentLog };
const team = new TaskTeam(world, task, { worktree, base }, defaultSettings);
const gate = new SessionGate({ worktree, addDirs: [], check: undefined, team });
const endpoint = await openEndpoint(silentLog);
const { token } = endpoint.openDoor({
  '/hook': async (body) => {
    const hook = readHook(body);
    if (hook === undefined) throw new Error('no hook was posted');
    return answerOf(await gate.decide(hook));
  },
});

Program.answers(async (): Promise<Address> => ({ url: `${endpoint.url}/hook`, token }));
process.once('disconnect', () => {
  store.dispose();
  void endpoint[Symbol.asyncDispose]();
});
