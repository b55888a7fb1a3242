import { access } from 'node:fs/promises';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { stateCell } from '../look.ts';
import type { Define } from '../registry.ts';

/** `swarm worktree list`. */
export const defineWorktree: Define = (command, on) => {
  command.command('list').description('List the worktrees of tasks.').action(on(list));
};

function list(invocation: Invocation): Promise<ExitCode> {
  const { output } = invocation;
  return withSwarm(invocation, async ({ store, git }) => {
    const records = new Map((await git.listWorktrees()).map((record) => [record.path, record]));
    const { tasks } = await store.overview();
    const worktrees = await Promise.all(
      tasks.flatMap((task) => {
        const { worktree } = task;
        if (worktree === undefined) return [];
        const record = records.get(worktree);
        return [
          (async () => ({
            path: worktree,
            task: task.id,
            state: task.state,
            branch: task.branch,
            head: record?.head ?? null,
            exists: record !== undefined && (await exists(worktree)),
          }))(),
        ];
      }),
    );
    if (output.json) output.document({ worktrees });
    else if (worktrees.length === 0) output.note('no worktrees');
    else {
      output.table(
        ['TASK', 'STATE', 'BRANCH', 'PATH'],
        worktrees.map(({ task, state, branch, path, exists: isThere }) => [
          task,
          stateCell(state),
          branch,
          isThere ? path : { text: `${path} (gone)`, style: 'dim' },
        ]),
      );
    }
    return exitCodes.done;
  });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
