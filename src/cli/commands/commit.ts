import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { UsageError } from '../../base/errors.ts';
import { systemRandom } from '../../bridge/open.ts';
import { commit as commitTask } from '../../core/flow/commit.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import { readStdin } from '../inputText.ts';
import type { Invocation } from '../invocation.ts';
import type { Define } from '../registry.ts';
import { ownTask } from '../team/ownTask.ts';
import { speak } from '../team/speak.ts';
import { speakerOption } from './verb.ts';

/** `swarm commit`. */
export const defineCommit: Define = (command, on) => {
  command
    .description('Commit what you have changed, unless somebody else has claimed it.')
    .argument('<message>', 'what was done, and why; `-` reads it from stdin')
    .argument('[path...]', 'only these files and folders, from where you stand (default: everything)')
    .addOption(speakerOption())
    .action(on(commit));
};

async function commit(
  invocation: Invocation,
  message: string,
  paths: readonly string[],
  { worker }: { readonly worker?: string },
): Promise<ExitCode> {
  const { output } = invocation;
  const text = message === '-' ? await readStdin() : message;
  return speak(invocation, worker, async ({ team, opened }) => {
    const { store, git } = opened;
    const id = ownTask(team.party, 'commit');
    const worktree = (await store.task(id))?.worktree;
    const wanted = worktree === undefined ? [] : await Promise.all(paths.map((path) => within(worktree, path)));
    const world = { store, git, clock: systemClock, random: systemRandom, settings: await opened.settings() };
    const made = await commitTask(world, id, text, wanted);
    if (output.json) output.document({ task: id, ...made });
    else {
      output.line({ text: made.commit.slice(0, 10), style: 'yellow' }, ` ${made.subject}`);
      for (const path of made.outside) output.note(`${path} is outside of the paths that this task declares`);
    }
    return exitCodes.done;
  });
}

/** A path from where one stands as git knows it in the worktree. */
async function within(worktree: string, path: string): Promise<string> {
  const inside = relative(await realpath(worktree), resolve(await realpath(process.cwd()), path));
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
    throw new UsageError(`${path} is not inside of ${worktree}`);
  return inside.split(sep).join('/');
}
