// The endpoint of a worker with the gate of one session behind it: node gatekeeper.ts WORKTREE
import { silentLog } from '../../src/base/log.ts';
import { answerOf, readHook } from '../../src/claude/hooks.ts';
import { SessionGate } from '../../src/claude/sessionGate.ts';
import { openEndpoint } from '../../src/worker/endpoint.ts';
import { Program } from '../program.ts';

export interface Address {
  readonly url: string;
  readonly token: string;
}

const team = { mayWrite: async () => undefined };
const gate = new SessionGate({ worktree: process.argv[2] ?? '', addDirs: [], check: undefined, team });
const endpoint = await openEndpoint(silentLog);
const { token } = endpoint.openDoor({
  '/hook': async (body) => {
    const hook = readHook(body);
    if (hook === undefined) throw new Error('no hook was posted');
    return answerOf(await gate.decide(hook));
  },
});

Program.answers(async (): Promise<Address> => ({ url: `${endpoint.url}/hook`, token }));
process.once('disconnect', () => void endpoint[Symbol.asyncDispose]());
