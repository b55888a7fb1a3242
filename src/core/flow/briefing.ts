import type { Feedback, Task } from '../model/task.ts';

/** What every session is told of its place, appended to its system prompt. Short: it costs tokens in every session. */
export function briefingFor(task: Task, check: string | undefined): string {
  return [
    `You work on one task in a git worktree of its own, on the branch ${task.branch}. Other sessions work on other tasks in other worktrees.`,
    'Change files inside this worktree only; edits elsewhere are refused.',
    'When the work is complete, commit it with `git add` and `git commit` and end your turn. Do not push, switch branches or rewrite commits; the branch is reviewed and merged for you.',
    ...(check === undefined ? [] : [`This command must pass before the work is merged, you may run it: ${check}`]),
  ].join('\n');
}

/** The next prompt of a session that goes on after it was sent back or interrupted. */
export function nextPrompt(feedback: Feedback): string {
  switch (feedback.kind) {
    case 'changes_asked':
      return `Your work on this task was reviewed. These changes are asked for:\n\n${feedback.text}`;
    case 'conflict':
      return [
        'Your branch conflicts with the branch it lands on. That branch has been merged into your worktree and the conflicts stand as markers in the files.',
        'Resolve them so that both intentions are kept, `git add` the files and commit.',
        '',
        feedback.text,
      ].join('\n');
    case 'check_failed':
      return [
        'Your work was merged with the newest state of the branch it lands on, and the check failed there. That state is now in your worktree.',
        'Find the cause, fix it and commit.',
        '',
        feedback.text,
      ].join('\n');
    case 'interrupted':
      return `You were interrupted. ${feedback.text}Look at what is in the worktree, go on where you stopped and complete the task.`;
  }
}

/** The prompt of a conversation that has to begin anew although the task is not new. */
export function freshPrompt(task: Task): string {
  const begun = 'This task was begun before; its work so far is in this worktree.';
  const next = task.feedback === undefined ? 'Complete the task.' : nextPrompt(task.feedback);
  return `${task.prompt}\n\n---\n${begun}\n${next}`;
}
