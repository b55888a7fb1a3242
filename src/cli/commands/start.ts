import { openSync } from 'node:fs';
import { UsageError } from '../../base/errors.ts';
import type { OpenSwarm } from '../../bridge/open.ts';
import { findClaude } from '../../claude/binary.ts';
import type { PlanningSession } from '../../claude/planningSession.ts';
import { planningArguments, runPlanningSession } from '../../claude/planningSession.ts';
import { requireClaude } from '../claudeReadiness.ts';
import { textOf } from '../columns.ts';
import { coordinate, ownProgram } from '../coordination.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import { fileLog } from '../fileLog.ts';
import { listenForInterrupt } from '../interrupt.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { mediaPath } from '../mediaFolder.ts';
import { dryRunOption } from '../options.ts';
import type { Output } from '../output.ts';
import { requirePerson } from '../person.ts';
import type { Define } from '../registry.ts';
import { wantedText } from '../wantedText.ts';
import { wrapUp } from './run.ts';
import { followWork } from './up.ts';

interface StartOptions {
  readonly file?: string;
  readonly dryRun?: true;
}

/** `swarm start`. */
export const defineStart: Define = (command, on) => {
  command
    .description(
      'Plan work with a Claude Code session that changes no files. What you agree to is done by sessions of their own, which are opened at once.',
    )
    .argument('[text...]', 'what is wanted; `-` reads it from stdin, nothing opens $EDITOR')
    .option('--file <file>', 'read from a file what is wanted')
    .addOption(dryRunOption('started'))
    .action(on(start));
};

async function start(
  invocation: Invocation,
  words: readonly string[],
  { file, dryRun }: StartOptions,
): Promise<ExitCode> {
  const { output, env } = invocation;
  if (output.json && !dryRun) throw new UsageError('this is a conversation in a terminal; --json goes with --dry-run');
  if (!dryRun && !process.stdout.isTTY) throw new UsageError('this is a conversation and needs a terminal');
  const { text, fromStdin } = await wantedText({ words, file, env });
  return withSwarm(invocation, async (opened) => {
    const session = await planningSession(invocation, opened, text);
    if (dryRun) {
      showSession(session, output);
      return exitCodes.done;
    }
    await requirePerson(invocation, opened);
    await requireClaude(invocation, opened);
    return converse(invocation, opened, session, fromStdin ? keyboard() : undefined);
  });
}

async function planningSession(invocation: Invocation, opened: OpenSwarm, text: string): Promise<PlanningSession> {
  const { env } = invocation;
  const { repo, settings } = opened;
  const { toolNames } = await import('../../worker/mcp/toolNames.ts');
  const { cli, options } = ownProgram(invocation, opened);
  const { path: program } = await findClaude({ setting: (await settings())['claude.path'], env });
  const electron = env.ELECTRON_RUN_AS_NODE;
  return {
    program,
    root: repo.root,
    plugin: mediaPath('plugin'),
    server: {
      command: process.execPath,
      args: [cli, 'mcp', '--coordinator', '-C', repo.root, ...options],
      env: electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: electron },
    },
    tools: toolNames(),
    text,
  };
}

function showSession(session: PlanningSession, output: Output): void {
  const { program, root, text } = session;
  const args = planningArguments(session);
  if (output.json) output.document({ program, arguments: args, folder: root, text });
  else {
    output.line(`would start ${program} in ${root}:`);
    output.verbatim(`${text}\n`);
  }
}

/** Where stdin brought the text, the person still types at the terminal. */
function keyboard(): number {
  const name = process.platform === 'win32' ? 'CONIN$' : '/dev/tty';
  try {
    return openSync(name, 'r+');
  } catch (cause) {
    throw new UsageError('this is a conversation and needs a terminal', { cause });
  }
}

/** Has the conversation in this terminal, with the sessions it asks for at work meanwhile; then stays until they are done. */
async function converse(
  invocation: Invocation,
  opened: OpenSwarm,
  session: PlanningSession,
  keys: number | undefined,
): Promise<ExitCode> {
  const { output, env } = invocation;
  using interrupt = listenForInterrupt({ patient: false });
  const log = fileLog(opened.places.processLog('start'));
  // While the conversation has the terminal, nothing else may write there.
  const silent: Output = { ...output, note: (...cells) => log.warn(cells.map(textOf).join('')) };
  const { seq } = await opened.store.overview();
  const coordination = await coordinate({ ...invocation, output: silent }, opened, { workers: true });
  const { 'claude.keepApiKey': keepApiKey } = await opened.settings();
  try {
    await runPlanningSession(session, {
      env,
      keepApiKey,
      signal: interrupt.signal,
      ...(keys === undefined ? {} : { keyboard: keys }),
    });
  } catch (error) {
    await wrapUp({ ...invocation, output: silent }, opened, coordination, true);
    throw error;
  }
  const isDone = await followWork(opened, output, seq, interrupt.signal, true);
  await wrapUp(invocation, opened, coordination, !isDone);
  return isDone ? exitCodes.done : exitCodes.stopped;
}
