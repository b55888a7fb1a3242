import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, messageOf } from '../base/errors.ts';
import type { OpenSwarm } from '../bridge/open.ts';
import { openSwarm } from '../bridge/open.ts';
import { userFolder } from '../bridge/places.ts';
import { settingsSources } from '../bridge/settingsFiles.ts';
import { startWarnings } from '../core/flow/startWarnings.ts';
import { openRepo } from '../git/open.ts';
import { refuseOldGit } from '../git/preflight.ts';
import { gitRunner } from '../git/run.ts';
import { claudeReadiness, isForTheTerminal, isReady, onlyTerminalsAsk } from './claudeReadiness.ts';
import type { Invocation } from './invocation.ts';
import { isTrusted } from './trust.ts';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'broken';
  readonly text: string;
  /** What to do about it. */
  readonly fix: string | null;
}

type Finding = Omit<Check, 'name'>;
const ok = (text: string): Finding => ({ state: 'ok', text, fix: null });
const warning = (text: string, fix: string): Finding => ({ state: 'warning', text, fix });

/** Looks at everything that Swarm stands on; what builds on something broken is left out. */
export async function checkup(invocation: Invocation): Promise<readonly Check[]> {
  const checks: Check[] = [];
  let root: string | undefined;
  const look = async (name: string, find: () => Promise<Finding | readonly Finding[]>): Promise<void> => {
    const found = await find().catch(brokenBy);
    for (const finding of [found].flat()) checks.push({ name, ...finding });
  };
  await look('node', async () => ok(`Node ${process.versions.node}`));
  await look('git', async () => {
    const version = await gitRunner(invocation.env).text(process.cwd(), ['version']);
    refuseOldGit(version);
    return ok(version);
  });
  await look('repository', async () => {
    const git = await openRepo(process.cwd());
    root = git.root;
    const { warnings, branch } = await git.inspect();
    const all = branch === undefined ? warnings : [...warnings, ...(await startWarnings(git, branch, undefined))];
    const found = ok(`${git.root}${branch === undefined ? '' : ` on ${branch}`}`);
    return [found, ...all.map((text) => warning(text, 'Start from a clean, current branch if that matters.'))];
  });
  if (root === undefined) return checks;
  const folder = root;
  await look('settings', () => settingsOf(folder, invocation));
  if (checks.some(({ name, state }) => name === 'settings' && state === 'broken')) return checks;
  let opened: OpenSwarm | undefined;
  await look('store', async () => {
    opened = await open(invocation);
    const { store, places } = opened;
    const trouble = await store.check();
    if (trouble.length > 0)
      throw new AppError('store_broken', trouble.join('; '), { hint: 'Restore it from a backup.' });
    return ok(places.store);
  });
  if (opened === undefined) return checks;
  const swarm = opened;
  try {
    await look('worktrees', async () => writable(swarm.places.worktrees(await swarm.settings())));
    await look('disk', async () => space(dirname(swarm.places.worktrees(await swarm.settings()))));
    await look('claude', () => claudeOf(invocation, swarm));
  } finally {
    swarm.dispose();
  }
  return checks;
}

const open = (invocation: Invocation): Promise<OpenSwarm> =>
  openSwarm({
    folder: process.cwd(),
    trusted: (root) => isTrusted(root, invocation.env),
    ...(invocation.store === undefined ? {} : { store: invocation.store }),
  });

function brokenBy(error: unknown): Finding {
  if (!AppError.is(error)) throw error;
  const why = error.cause === undefined ? '' : messageOf(error.cause);
  return {
    state: 'broken',
    text: error.message.includes(why) ? error.message : `${error.message}: ${why}`,
    fix: error.hint ?? null,
  };
}

async function settingsOf(root: string, { env }: Invocation): Promise<readonly Finding[]> {
  const all = await settingsSources({ root, userFolder: userFolder(env), trusted: await isTrusted(root, env) });
  const set = all
    .map(({ name, values }) => `${name}: ${Object.keys(values).length} set`)
    .filter((text) => !text.startsWith('own'));
  const ignored = all.flatMap((source) => source.ignored);
  return [
    ok(set.join(', ')),
    ...(ignored.length === 0
      ? []
      : [warning(`not heeded until you trust the repository: ${ignored.join(', ')}`, 'Run `swarm setup`.')]),
  ];
}

async function claudeOf(invocation: Invocation, opened: OpenSwarm): Promise<Finding> {
  const found = await claudeReadiness(invocation, opened, 'interactive');
  if (found.state === 'ready') return ok(found.text);
  if (await isReady(invocation, opened, found)) {
    return warning(`${found.text} ${onlyTerminalsAsk}`, 'Run `swarm setup`.');
  }
  return {
    state: 'broken',
    text: found.text,
    fix: isForTheTerminal(found) ? 'Run `swarm setup`.' : (found.hint ?? null),
  };
}

async function writable(folder: string): Promise<Finding> {
  const existing = await nearest(folder);
  try {
    await access(existing, constants.W_OK);
    return ok(folder);
  } catch (cause) {
    throw new AppError('not_writable', `${existing} cannot be written, so no worktree can be made in it`, {
      hint: 'Give yourself the right to write there, or set worktrees.folder to another place.',
      cause,
    });
  }
}

const gigabyte = 1_000_000_000;

async function space(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(await nearest(folder));
  const free = bavail * bsize;
  const text = `${(free / gigabyte).toFixed(1)} GB free for worktrees`;
  if (free >= gigabyte) return ok(text);
  const fix = 'Make room, or set worktrees.folder to another disk.';
  return free < gigabyte / 10 ? { state: 'broken', text, fix } : warning(text, fix);
}

async function nearest(folder: string): Promise<string> {
  for (let path = folder; ; path = dirname(path)) {
    if (
      (await access(path).then(
        () => true,
        () => false,
      )) ||
      dirname(path) === path
    )
      return path;
  }
}
