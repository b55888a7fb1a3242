import { z } from 'zod';
import type { TaskRequest } from '../../core/flow/plan.ts';
import type { ReviewPolicy } from '../../core/model/batch.ts';
import { reviewPolicies } from '../../core/model/batch.ts';
import { taskStates } from '../../core/model/task.ts';
import type { AddTool } from './tool.ts';

/** How a coordinating session wants its tasks to be worked on. */
interface WantedFanOut {
  readonly requests: readonly TaskRequest[];
  readonly workers: number | undefined;
  readonly review: ReviewPolicy;
}

/** What a coordinating session may see and ask for; answers are shown to the model as JSON. */
export interface CoordinatorDesk {
  /** Workers, claims, open reviews, merges, and how many tasks are in each state. */
  overview(): Promise<object>;
  tasks(states: readonly string[] | undefined): Promise<readonly object[]>;
  reviews(): Promise<readonly object[]>;
  review(task: string, withPatch: boolean): Promise<object>;
  /** Queues tasks. Throws unless the person stands behind it. */
  fanOut(wanted: WantedFanOut): Promise<object>;
}

const mostTasks = 200;
const text = z.string().min(1).max(100_000);
const globs = z.array(z.string().min(1).max(4096)).max(200);

/** The tools that only the person's coordinating session has. */
export function addCoordinatorTools(add: AddTool, desk: CoordinatorDesk): void {
  add(
    {
      name: 'overview',
      description:
        'Shows what goes on: workers, how many tasks are in each state, claims, open reviews, the merge queue.',
      input: z.object({}),
      isReadOnly: true,
    },
    async () => shown(await desk.overview()),
  );
  add(
    {
      name: 'tasks',
      description: `Lists tasks, newest last, at most ${mostTasks}: state, what each waits for, branch, cost. states limits it to those.`,
      input: z.object({ states: z.array(z.enum(taskStates)).optional() }),
      isReadOnly: true,
    },
    async ({ states }) => {
      const tasks = await desk.tasks(states);
      return shown({ tasks: tasks.slice(-mostTasks), more: Math.max(0, tasks.length - mostTasks) });
    },
  );
  add(
    {
      name: 'fan_out',
      description:
        'Queues tasks; for each a session of its own is opened, in a worktree of its own, and the person reviews what comes back. Each prompt must stand for itself: the session knows nothing of this conversation. Tasks that need another’s result name it in `after`; `paths` are globs of what a task will change, `forbidden` of what it must not. The person is asked first.',
      input: z.object({
        tasks: z
          .array(
            z.object({
              prompt: text.describe('What is to be done, complete in itself.'),
              title: z.string().min(1).max(200).optional(),
              name: z
                .string()
                .min(1)
                .max(100)
                .optional()
                .describe('By which other tasks of this call name it in after.'),
              after: z.array(z.string().min(1).max(100)).max(100).optional().describe('Names of this call, or ids.'),
              paths: globs.optional(),
              forbidden: globs.optional(),
            }),
          )
          .min(1)
          .max(100),
        workers: z.number().int().min(1).max(64).optional().describe('How many of them work at once at most.'),
        review: z.enum(reviewPolicies).optional().describe('human unless the person has said otherwise.'),
      }),
      asksThePerson: true,
    },
    async ({ tasks, workers, review = 'human' }) => {
      const requests = tasks.map(({ paths, forbidden, title, name, after, prompt }) => ({
        prompt,
        ...(title === undefined ? {} : { title }),
        ...(name === undefined ? {} : { name }),
        ...(after === undefined ? {} : { after }),
        options: { ...(paths === undefined ? {} : { paths }), ...(forbidden === undefined ? {} : { forbidden }) },
      }));
      return shown(await desk.fanOut({ requests, workers, review }));
    },
  );
  add(
    {
      name: 'review_list',
      description: 'Lists what waits for a review. Deciding is for the person.',
      input: z.object({}),
      isReadOnly: true,
    },
    async () => shown({ reviews: await desk.reviews() }),
  );
  add(
    {
      name: 'review_show',
      description:
        'Shows the work of a task: commits, files, and with patch: true what was changed. Deciding is for the person.',
      input: z.object({ task: z.string().min(1).max(200), patch: z.boolean().optional() }),
      isReadOnly: true,
    },
    async ({ task, patch = false }) => shown(await desk.review(task, patch)),
  );
}

const shown = (value: object): string => JSON.stringify(value, undefined, 1);
