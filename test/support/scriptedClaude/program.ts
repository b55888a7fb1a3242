import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan, PlannedSession } from './claude.ts';

// A `claude` that plays sessions from a plan, in print mode only. What is not planned fails, and is noted.

const [folder = '', ...args] = process.argv.slice(2);
const plan: Plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));

if (args.join(' ') === '--version') {
  print(`${plan.version} (Claude Code)`);
} else if (args.join(' ').endsWith('auth status --json')) {
  print(JSON.stringify({ loggedIn: plan.signedIn, authMethod: plan.signedIn ? 'claude.ai' : 'none' }));
  process.exitCode = plan.signedIn ? 0 : 1;
} else if (args[0] === '-p') {
  const prompt = readFileSync(0, 'utf8');
  const session = claim(prompt);
  if (session) await play(session);
  else refuse(`a session with the prompt ${JSON.stringify(prompt)}`);
} else {
  refuse(`claude ${args.join(' ')}`);
}

/** Takes the first unused session for a prompt; making a folder is what only one process can do. */
function claim(prompt: string): PlannedSession | undefined {
  for (const [at, session] of plan.sessions.entries()) {
    if (!prompt.includes(session.prompt)) continue;
    try {
      mkdirSync(join(folder, `used-${at}`));
      return session;
    } catch {
      // Another process has it.
    }
  }
  return undefined;
}

async function play({ files = {}, commit, says = 'Done.', fails, waitsFor, costUsd = 0.01 }: PlannedSession) {
  const id = args[args.findIndex((arg) => arg === '--session-id' || arg === '--resume') + 1];
  const tell = (line: object) => print(JSON.stringify({ ...line, session_id: id }));
  tell({ type: 'system', subtype: 'init', model: 'scripted' });
  while (waitsFor !== undefined && !existsSync(waitsFor)) await sleep(20);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(process.cwd(), name)), { recursive: true });
    writeFileSync(join(process.cwd(), name), content);
  }
  if (commit !== undefined) {
    execFileSync('git', ['add', '--all']);
    execFileSync('git', ['commit', '--quiet', '-m', commit]);
  }
  tell({ type: 'assistant', message: { content: [{ type: 'text', text: says }] }, parent_tool_use_id: null });
  const outcome = fails === undefined ? { subtype: 'success', is_error: false } : { subtype: 'error', is_error: true };
  tell({ type: 'result', ...outcome, result: fails ?? says, num_turns: 1, total_cost_usd: costUsd, uuid: `${id}-end` });
  process.exitCode = fails === undefined ? 0 : 1;
}

function refuse(what: string): void {
  writeFileSync(join(folder, 'unplanned.txt'), `${what}\n`, { flag: 'a' });
  process.stderr.write(`not planned: ${what}\n`);
  process.exitCode = 99;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
