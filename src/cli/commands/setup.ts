import { spawn } from 'node:child_process';
import { AppError } from '../../base/errors.ts';
import type { OpenSwarm } from '../../bridge/open.ts';
import { accountArguments } from '../../claude/apiKeys.ts';
import { findClaude } from '../../claude/binary.ts';
import { cleanEnvironment } from '../../claude/environment.ts';
import { openingPrompt } from '../../claude/obstacle.ts';
import type { Readiness } from '../../claude/readiness.ts';
import { claudeReadiness, isForTheTerminal, isReady, onlyTerminalsAsk } from '../claudeReadiness.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import type { Output } from '../output.ts';
import { requirePerson } from '../person.ts';
import type { Define } from '../registry.ts';
import { isTrusted, recordTrust } from '../trust.ts';

interface SetupOptions {
  readonly trust?: true;
}

/** `swarm setup`. */
export const defineSetup: Define = (command, on) => {
  command
    .option('--trust', 'record that you trust this repository, for scripts and machines without a terminal')
    .action(on(setup));
};

function setup(invocation: Invocation, { trust }: SetupOptions): Promise<ExitCode> {
  const { output, env } = invocation;
  return withSwarm(invocation, async (opened) => {
    await requirePerson(invocation, opened);
    const { root } = opened.repo;
    if (trust && (await recordTrust(root, env)) && !output.json) output.note(`you trust ${root}`);
    let found = await claudeReadiness(invocation, opened, 'interactive');
    // What only terminals ask stops nobody without one, and who says --trust has no terminal in mind.
    const isWorthAsking = !(await isReady(invocation, opened, found)) || (!trust && hasTerminal(output));
    if (isForTheTerminal(found) && isWorthAsking) {
      await openClaude(invocation, opened, found.state);
      found = await claudeReadiness(invocation, opened, 'interactive');
    }
    const ready = await isReady(invocation, opened, found);
    const trusted = await isTrusted(root, env);
    if (output.json)
      output.document({ claude: found.state, text: found.text, hint: found.hint ?? null, trusted, ready });
    else if (ready) {
      const isAsked = found.state !== 'ready';
      output.line({ text: 'ready', style: 'green' }, isAsked ? `  ${root} is trusted.` : `  ${found.text}`);
      if (isAsked) output.note(`${found.text} ${onlyTerminalsAsk}`);
    } else {
      output.line({ text: 'not ready', style: 'red' }, `  ${found.text}`);
      if (found.hint !== undefined) output.note({ text: found.hint, style: 'cyan' });
    }
    return ready ? exitCodes.done : exitCodes.refused;
  });
}

const hasTerminal = ({ json, isTerminal }: Output): boolean => !json && process.stdin.isTTY && isTerminal;

/** Runs Claude Code in this terminal until the person leaves it. */
async function openClaude(
  { output, env }: Invocation,
  { settings, repo }: OpenSwarm,
  state: Readiness['state'],
): Promise<void> {
  if (!hasTerminal(output)) {
    throw new AppError('no_terminal', 'signing in and trusting need a terminal, and this is none', {
      hint: 'Run `swarm setup` in a terminal; `swarm setup --trust` records trust without one.',
    });
  }
  const held = await settings();
  const { path } = await findClaude({ setting: held['claude.path'], env });
  output.note(
    'Claude Code opens now. Answer what it asks (sign in, trust the folder, its MCP servers), then leave it with /exit.',
  );
  const keepApiKey = held['claude.keepApiKey'];
  const child = spawn(path, [...accountArguments(keepApiKey), ...openingPrompt(state)], {
    cwd: repo.root,
    env: cleanEnvironment(env, keepApiKey),
    stdio: 'inherit',
  });
  // While it has the terminal, Ctrl-C is meant for it.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => resolve());
    });
  } catch (cause) {
    throw new AppError('claude_not_started', `${path} could not be started`, { cause });
  } finally {
    process.off('SIGINT', ignore);
  }
}
