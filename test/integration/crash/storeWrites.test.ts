import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Task } from '../../../src/core/model/task.ts';
import { isLive } from '../../../src/core/model/worker.ts';
import type { WorkerLauncher } from '../../../src/core/ports.ts';
import { childLauncher } from '../../../src/process/childLauncher.ts';
import type { Moment } from '../../support/crash/dying.ts';
import { lostOf, troubleIn, workOf } from '../../support/crash/judge.ts';
import { lanes } from '../../support/crash/lanes.ts';
import { type CrashWorld, crashWorld, type Dying } from '../../support/crash/world.ts';
import { tempFolder } from '../../support/tempFolder.ts';

/** A run that nothing kills writes this often at least; fewer points would mean that they are not all found. */
const leastPoints = 15;

/** What came of one worker that died: the call at which, and what was wrong afterwards. */
interface Outcome {
  readonly moment: Moment;
  readonly diedAt: string | undefined;
  readonly trouble: readonly string[];
}

async function dieAndGoOn(moment: Moment): Promise<Outcome> {
  await using world = await crashWorld(cache);
  const { opened, program } = world;
  const { tasks } = await opened.swarm.fanOut({
    requests: [{ title: 'build it', prompt: 'build [one]' }],
    target: 'main',
    workers: 1,
    mode: 'print',
    review: 'human',
    land: false,
  });
  const { id } = tasks[0] ?? {};
  const look = async (): Promise<Task> => {
    const task = id && (await opened.store.task(id));
    if (!task) throw new Error('the task is lost');
    return task;
  };
  const children = childLauncher(program);
  let first: Dying | undefined;
  const workers: WorkerLauncher = {
    modes: ['print'],
    async launch(worker, ended) {
      if (first) return children.launch(worker, ended);
      first = world.startDying('dyingWorker', worker.id, moment);
      void first.diedAt.then(ended);
    },
  };
  const coordinator = await world.coordinator({ workers });
  await coordinator.round();
  const diedAt = await first?.diedAt;
  const work = await workOf(world, await look());
  const started = performance.now();
  for (;;) {
    await coordinator.round();
    const task = await look();
    if (task.state === 'in_review' || performance.now() - started > 30_000) break;
    await sleep(50);
  }
  await quiet(world);
  return { moment, diedAt, trouble: await judge(world, await look(), work) };
}

/** Lets the workers end that wait for more. */
async function quiet({ opened: { store }, living }: CrashWorld): Promise<void> {
  for (const worker of (await store.overview()).workers.filter(isLive)) {
    await store.askWorkerToStop({ worker: worker.id, now: Date.now() });
  }
  const started = performance.now();
  while ((await living()).length > 0 && performance.now() - started < 10_000) await sleep(50);
}

async function judge(world: CrashWorld, task: Task, work: Awaited<ReturnType<typeof workOf>>) {
  const { store } = world.opened;
  if (task.state !== 'in_review') return [`the task is ${task.state}`, ...(await eventsOf(world, task))];
  const trouble = [...(await lostOf(world, work, task)), ...(await troubleIn(world))];
  const events = await store.eventsAfter(0, 1000, task.id);
  const reviews = await store.reviews(task.id);
  const came = events.filter(({ kind }) => kind === 'task.in_review').length;
  if (came !== 1 || reviews.length !== 1) trouble.push(`in review ${came} times, with ${reviews.length} reviews`);
  const files = (await world.repo.git(['ls-tree', '--name-only', task.head ?? ''])).split('\n');
  const made = ['one 1.txt', 'one 2.txt', 'one log.txt', 'one notes.txt'];
  if (!made.every((name) => files.includes(name))) trouble.push(`the work is not whole: ${files.join(', ')}`);
  const sessions = (await world.witness()).filter((one) => one.what === 'session');
  const anew = sessions.slice(1).filter(({ resumes }) => !resumes).length;
  const said = events.filter(({ text }) => text.includes('its conversation is gone')).length;
  if (said < anew) trouble.push(`${anew} conversations began anew, ${said} were said to`);
  return trouble.length === 0 ? [] : [...trouble, ...(await eventsOf(world, task))];
}

async function eventsOf({ opened }: CrashWorld, task: Task): Promise<readonly string[]> {
  return (await opened.store.eventsAfter(0, 1000, task.id)).map(({ kind, text }) => `  ${kind} ${text}`);
}

let cache = '';

test('a worker that dies right before or after any of its writes loses nothing, and the next one goes on', async () => {
  await using folder = await tempFolder();
  cache = folder.path;
  const after = await lanes(2, async (call) => {
    const outcome = await dieAndGoOn({ when: 'after', call });
    return outcome.diedAt === undefined && outcome.trouble.length === 0 ? undefined : outcome;
  });
  const names = after.map(({ diedAt }) => diedAt);
  // Between two events of a session hardly anything happens.
  const calls = names.map((_, at) => at + 1).filter((call) => new Set(names.slice(call - 2, call)).size === 2);
  const before = await lanes(2, async (at) => {
    const call = calls[at - 1];
    return call === undefined ? undefined : dieAndGoOn({ when: 'before', call });
  });
  const outcomes = [...after, ...before];
  process.stdout.write(`${after.length} moments after a write, ${before.length} before one: ${names.join(' ')}\n`);
  const troubled = outcomes.filter(({ trouble }) => trouble.length > 0);
  expect(
    troubled
      .map(({ moment, diedAt, trouble }) => [`${moment.when} write ${moment.call}, ${diedAt}:`, ...trouble].join('\n'))
      .join('\n'),
  ).toBe('');
  expect(after.length).toBeGreaterThanOrEqual(leastPoints);
}, 170_000);
