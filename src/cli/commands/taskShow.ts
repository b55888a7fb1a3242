import type { Attempt, Session } from '../../core/model/session.ts';
import type { ExitCode } from '../exitCodes.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Invocation } from '../invocation.ts';
import { withSwarm } from '../invocation.ts';
import { costText, stateCell } from '../look.ts';
import type { Define } from '../registry.ts';
import { findTask } from '../taskArgument.ts';
import { reviewView, taskView } from '../views.ts';

/** `swarm task show`. */
export const defineTaskShow: Define = (command, on) => {
  command.argument('<task>', 'id, beginning of the id or part of the title').action(on(show));
};

function show(invocation: Invocation, text: string): Promise<ExitCode> {
  const { output } = invocation;
  return withSwarm(invocation, async ({ store, settings }) => {
    const overview = await store.overview();
    const task = findTask(overview.tasks, text);
    const tasks = new Map(overview.tasks.map((each) => [each.id, each]));
    const view = taskView(task, tasks, (await settings())['tasks.startAfter'], overview.blocked);
    const attempts = (await store.attempts(task.id)).map(attemptView);
    const sessions = (await store.sessions(task.id)).map(sessionView);
    const reviews = (await store.reviews(task.id)).map(reviewView);
    if (output.json) {
      const { prompt, options, rounds, tokens, turns, createdAt, updatedAt } = task;
      const more = { prompt, options, rounds, feedback: task.feedback ?? null, tokens, turns, createdAt, updatedAt };
      output.document({ task: { ...view, ...more, attempts, sessions, reviews } });
      return exitCodes.done;
    }
    output.line({ text: view.title, style: 'bold' });
    const field = (name: string, value: string | null) => {
      if (value !== null && value !== '') output.line({ text: `${name.padEnd(10)} `, style: 'dim' }, value);
    };
    field('id', view.id);
    output.line({ text: `${'state'.padEnd(10)} `, style: 'dim' }, stateCell(view.state));
    field('waits', view.waitingFor);
    field('reason', view.reason);
    field('branch', `${view.branch} → ${view.target}`);
    field('worktree', view.worktree);
    field('base', view.base);
    field('head', view.head);
    field('landed', view.landed);
    field('after', view.after.join(', '));
    field('paths', (task.options.paths ?? []).join(', '));
    field('forbidden', (task.options.forbidden ?? []).join(', '));
    field('cost', costText(view.costUsd));
    for (const attempt of attempts) {
      field(`attempt ${attempt.number}`, [attempt.outcome ?? 'running', attempt.reason].filter(Boolean).join(': '));
    }
    for (const session of sessions) field('session', `${session.claudeSessionId}  ${session.logs}`);
    for (const review of reviews) field('review', [review.state, review.note].filter(Boolean).join(': '));
    output.line('');
    output.verbatim(`${task.prompt.trimEnd()}\n`);
    return exitCodes.done;
  });
}

const attemptView = (attempt: Attempt) => ({
  number: attempt.number,
  worker: attempt.worker,
  base: attempt.base ?? null,
  head: attempt.head ?? null,
  startedAt: attempt.startedAt,
  endedAt: attempt.endedAt ?? null,
  outcome: attempt.outcome ?? null,
  reason: attempt.reason ?? null,
});

const sessionView = (session: Session) => ({
  id: session.id,
  attempt: session.attempt,
  claudeSessionId: session.claudeSessionId,
  mode: session.mode,
  state: session.state,
  logs: session.logs,
  transcript: session.transcript ?? null,
  exit: session.exit ?? null,
  costUsd: session.usage.costUsd,
});
