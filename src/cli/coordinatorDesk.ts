import { UsageError } from '../base/errors.ts';
import type { OpenSwarm } from '../bridge/open.ts';
import type { Task } from '../core/model/task.ts';
import type { CoordinatorDesk } from '../worker/mcp/coordinatorTools.ts';
import { fanOutOf } from './fanOutOptions.ts';
import type { Invocation } from './invocation.ts';
import { requirePerson } from './person.ts';
import { findTask } from './taskArgument.ts';
import { reviewView, statusView, taskViews } from './views.ts';

/** A patch beyond this is cut: a model pays for what it reads. */
const longestPatch = 60_000;

/** What a coordinating session of the person may see and ask for, in an opened repository. */
export function coordinatorDesk(invocation: Invocation, opened: OpenSwarm): CoordinatorDesk {
  const { store, git, swarm, settings } = opened;
  const look = async () => ({
    overview: await store.overview(),
    startAfter: (await settings())['tasks.startAfter'],
  });
  return {
    async overview() {
      const { overview, startAfter } = await look();
      const { tasks, workers, reviews, ...rest } = statusView(overview, await store.claims(), startAfter);
      const counts: Record<string, number> = {};
      for (const { state } of tasks) counts[state] = (counts[state] ?? 0) + 1;
      return {
        ...rest,
        tasks: counts,
        workers: workers.filter(({ state }) => state !== 'stopped' && state !== 'lost'),
        reviews: reviews.filter(({ state }) => state === 'open'),
      };
    },
    async tasks(states) {
      const { overview, startAfter } = await look();
      return taskViews(overview, startAfter).filter(({ state }) => states === undefined || states.includes(state));
    },
    async reviews() {
      const { tasks, reviews } = await store.overview();
      const titles = new Map<string, string>(tasks.map(({ id, title }) => [id, title]));
      return reviews
        .filter(({ state }) => state === 'open')
        .map((review) => ({ ...reviewView(review), title: titles.get(review.task) }));
    },
    async review(text, withPatch) {
      const task = findTask((await store.overview()).tasks, text);
      const { base, head } = handedOver(task);
      const [review] = (await store.reviews(task.id)).slice(-1).map(reviewView);
      const patch = withPatch ? await git.patch(base, head) : undefined;
      return {
        task: task.id,
        title: task.title,
        state: task.state,
        branch: task.branch,
        base,
        head,
        review: review ?? null,
        files: await git.diff(base, head),
        ...(patch === undefined ? {} : { patch: patch.slice(0, longestPatch), cut: patch.length > longestPatch }),
      };
    },
    async fanOut({ requests, workers, review }) {
      await requirePerson(invocation, opened);
      const options = { review, mode: 'print', ...(workers === undefined ? {} : { workers }) } as const;
      const { asked, warnings } = await fanOutOf(opened, requests, options, false);
      const made = await swarm.fanOut(asked);
      return {
        batch: made.batch.id,
        tasks: made.tasks.map(({ id, title, branch, after }) => ({ id, title, branch, after })),
        warnings: [...warnings, ...made.warnings],
      };
    },
  };
}

function handedOver({ title, base, head }: Task): { readonly base: string; readonly head: string } {
  if (base !== undefined && head !== undefined) return { base, head };
  throw new UsageError(`“${title}” has handed over nothing yet`);
}
