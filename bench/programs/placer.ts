// Makes one worktree as a worker does, in a process of its own: node placer.ts REPOSITORY
import { openRepo } from '../../src/git/open.ts';
import { Program } from '../program.ts';

export interface Place {
  readonly path: string;
  readonly branch: string;
  readonly base: string;
}

const repo = await openRepo(process.argv[2] ?? '');

Program.answers(async ({ path, branch, base }: Place) => {
  await repo.addWorktree({ path, branch, base, mine: false, include: [] });
  return 'placed';
});
