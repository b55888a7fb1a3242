import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { SessionRequest } from '../../src/core/ports.ts';
import { alone, launchSession } from './session.ts';

// A small worker for tests: runs one session in the terminal it was started in and notes what happens in a file, one
// JSON object a line. SIGTERM stops the session, SIGHUP (its terminal was closed) too, SIGUSR2 withdraws edits.

interface Plan {
  readonly request: Omit<SessionRequest, 'team'>;
  readonly notes: string;
  /** The main checkout, where the session is in a worktree. */
  readonly root?: string;
}

/** As long as a worker waits for a session to end by itself, in milliseconds. */
const graceMs = 10_000;

const { request, notes, root }: Plan = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'));
/** At once: of two writes under way the later may come first. */
const note = (fact: object) => appendFileSync(notes, `${JSON.stringify(fact)}\n`);

const session = await launchSession({ ...request, team: alone }, process.env, undefined, root);
process.on('SIGTERM', () => void session.running.stop(graceMs));
process.on('SIGHUP', () => void session.running.stop(graceMs));
process.on('SIGUSR2', () => session.running.grantEdits(false));
note({ process: session.running.process });
let told = 0;
const timer = setInterval(() => {
  const fresh = session.events.slice(told);
  told += fresh.length;
  for (const event of fresh) note({ event });
}, 20);
const ended = await session.finished;
clearInterval(timer);
for (const event of session.events.slice(told)) note({ event });
note({ ended });
await session[Symbol.asyncDispose]();
