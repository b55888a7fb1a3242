import { AppError } from '../base/errors.ts';
import type { OpenSwarm } from '../bridge/open.ts';
import { isAnsweredInTerminal } from '../claude/obstacle.ts';
import type { Readiness } from '../claude/readiness.ts';
import { readiness } from '../claude/readiness.ts';
import type { SessionMode } from '../core/model/session.ts';
import type { Invocation } from './invocation.ts';
import { isTrusted } from './trust.ts';

type Place = Pick<OpenSwarm, 'settings' | 'repo'>;

/** Whether sessions can start here, as Claude Code sees it. */
export async function claudeReadiness(
  { env }: Invocation,
  { settings, repo }: Place,
  mode: SessionMode,
): Promise<Readiness> {
  const held = await settings();
  return readiness({ setting: held['claude.path'], env, keepApiKey: held['claude.keepApiKey'], mode, root: repo.root });
}

/** True for what a person puts right by answering Claude Code's own questions in a terminal. */
export const isForTheTerminal = ({ state }: Readiness): boolean => isAnsweredInTerminal[state];

/** What an obstacle means where `isReady` is true all the same. */
export const onlyTerminalsAsk = 'Sessions in terminals will ask; those without one can start.';

/**
 * True when sessions without a terminal can start: they never show Claude Code's own questions, so a recorded answer to
 * them is enough.
 */
export async function isReady({ env }: Invocation, { repo }: Place, { state }: Readiness): Promise<boolean> {
  if (state === 'never_started' || state === 'untrusted') return isTrusted(repo.root, env);
  // Without a terminal the servers of a trusted repository are used unasked.
  return state === 'ready' || state === 'undecided_servers';
}

/** Throws unless sessions can start here: Claude Code is found, new enough, signed in, and the person trusts the repository. */
export async function requireClaude(invocation: Invocation, opened: Place): Promise<void> {
  const found = await claudeReadiness(invocation, opened, 'print');
  if (await isReady(invocation, opened, found)) return;
  const hint = isForTheTerminal(found)
    ? 'Run `swarm setup` in a terminal: it opens Claude Code once, so that you can sign in and trust the repository.'
    : [found.hint, '`swarm setup` tells whether all is well then.'].join(' ').trim();
  throw new AppError(`claude_${found.state}`, found.text, { hint });
}
