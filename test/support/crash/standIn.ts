import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readProc } from '../../../src/process/proc.ts';
import type { Witnessed } from './witness.ts';

// A `claude` for print mode that works on like a real one wherever it was killed, in a quarter of a second, and that
// keeps the real one's rules: edits only with the gate's leave, its transcript written late, one process per
// conversation. Every start, and every child in a session of its own, is noted in a file outside of the worktree.

const args = process.argv.slice(2);
const worktree = process.cwd();
const witness = process.env.STAND_IN_WITNESS ?? '';

const resumes = args.includes('--resume');
const id = argument(resumes ? '--resume' : '--session-id');
await session();

async function session(): Promise<void> {
  const { url } = JSON.parse(readFileSync(argument('--settings'), 'utf8')).hooks.PreToolUse[0].hooks[0];
  const prompt = readFileSync(0, 'utf8');
  const folder = join(process.env.CLAUDE_CONFIG_DIR ?? '', 'projects', worktree.replace(/[^A-Za-z0-9]/g, '-'));
  const transcript = join(folder, `${id}.jsonl`);
  if (resumes && !(existsSync(transcript) && readFileSync(transcript, 'utf8').includes('"type":"user"'))) {
    return refuse(`No conversation found with session ID: ${id}`);
  }
  if (!resumes && existsSync(transcript)) return refuse(`Error: Session ID ${id} is already in use.`);
  note({ what: 'session', pid: process.pid, worktree, id, resumes, others: livingOthers() });
  mkdirSync(folder, { recursive: true });
  appendFileSync(transcript, '{"type":"mode"}\n');

  tell({ type: 'system', subtype: 'init', model: 'stand-in' });
  const hook = (body: object) => ask(url, { session_id: id, transcript_path: transcript, cwd: worktree, ...body });
  await hook({ hook_event_name: 'UserPromptSubmit', prompt });
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  note({ what: 'child', pid: child.pid ?? 0, worktree });

  const name =
    [prompt, readFileSync(transcript, 'utf8')].map((text) => /\[(\w+)\]/.exec(text)?.[1]).find(Boolean) ?? 'unnamed';
  for (const step of [1, 2]) {
    await sleep(20);
    const file = join(worktree, `${name} ${step}.txt`);
    if (existsSync(file)) continue;
    const use = `${process.pid}-${step}`;
    tell({
      type: 'assistant',
      message: { content: [{ type: 'tool_use', id: use, name: 'Write', input: { file_path: file } }] },
    });
    const answer = await hook({
      hook_event_name: 'PreToolUse',
      tool_name: 'Write',
      tool_input: { file_path: file },
      tool_use_id: use,
      permission_mode: 'dontAsk',
    });
    const granted = answer?.hookSpecificOutput?.permissionDecision === 'allow';
    if (granted) {
      appendFileSync(join(worktree, `${name} notes.txt`), `untracked since step ${step}\n`);
      // Tracked from the first step on, and left uncommitted ever since.
      appendFileSync(join(worktree, `${name} log.txt`), `step ${step}\n`);
      // Written last: by it the next session sees that the step was done.
      writeFileSync(file, `${name}, step ${step}\n`);
      await sleep(10);
      git('add', file, ...(step === 1 ? [`${name} log.txt`] : []));
      git('commit', '--quiet', '-m', `${name}: step ${step}`, ...(step === 1 ? [] : ['--', file]));
    }
    appendFileSync(transcript, `${JSON.stringify({ type: 'user', message: `[${name}]` })}\n`);
    tell({
      type: 'user',
      message: { content: [{ type: 'tool_result', tool_use_id: use, is_error: !granted, content: '' }] },
    });
    if (!granted) break;
  }
  await sleep(20);
  child.kill('SIGKILL');
  const complete = existsSync(join(worktree, `${name} 2.txt`));
  const outcome = complete ? { subtype: 'success', is_error: false } : { subtype: 'error', is_error: true };
  tell({ type: 'result', ...outcome, result: 'Done.', num_turns: 1, total_cost_usd: 0.01, uuid: `${process.pid}` });
  process.exitCode = complete ? 0 : 1;
}

async function ask(
  url: string,
  body: object,
): Promise<{ hookSpecificOutput?: { permissionDecision?: string } } | undefined> {
  const headers = { authorization: `Bearer ${process.env.SWARM_TOKEN}`, 'content-type': 'application/json' };
  try {
    return (await (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json()) as object;
  } catch {
    // Nobody is there any more; then the answer is what the permission mode says.
    return undefined;
  }
}

function git(...words: string[]): void {
  execFileSync('git', words, { cwd: worktree, stdio: 'ignore' });
}

/** Whoever was noted for this worktree before and lives: there must be nobody. */
function livingOthers(): readonly number[] {
  const noted: Witnessed[] = existsSync(witness)
    ? readFileSync(witness, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
  const living = (pid: number) => !['zombie', undefined].includes(readProc(pid)?.state);
  return noted
    .filter((one) => one.worktree === worktree && one.pid !== process.pid && living(one.pid))
    .map(({ pid }) => pid);
}

function note(fact: Witnessed): void {
  appendFileSync(witness, `${JSON.stringify(fact)}\n`);
}

function tell(line: object): void {
  print(JSON.stringify({ parent_tool_use_id: null, session_id: id, ...line }));
}

function refuse(why: string): void {
  process.stderr.write(`${why}\n`);
  process.exitCode = 1;
}

function argument(option: string): string {
  return args[args.indexOf(option) + 1] ?? '';
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
