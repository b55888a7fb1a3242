import type { Task } from '../model/task.ts';
import type { Git } from '../ports.ts';

/**
 * A newer commit of the target together with a task's base, which may hold work that has not landed yet; so the base of the
 * review is always something that the branch contains and that is not the task's own. `head` is where the branch stands.
 */
export async function baseWith(
  git: Pick<Git, 'isAncestor' | 'compose'>,
  { base, target, branch }: Pick<Task, 'target' | 'branch'> & { readonly base: string },
  newest: string,
  head: string,
): Promise<string> {
  if (await git.isAncestor(base, newest)) return newest;
  if (await git.isAncestor(newest, base)) return base;
  // A session may have taken it in by itself.
  if (await git.isAncestor(newest, head)) return base;
  const composed = await git.compose(newest, base, `Merge ${target} with what ${branch} starts from`);
  return composed.kind === 'clean' ? composed.commit : newest;
}
