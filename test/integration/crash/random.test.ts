import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { TaskId } from '../../../src/core/model/ids.ts';
import { leaderLeaseName, targetLeaseName } from '../../../src/core/model/lease.ts';
import { chance, seedOfNow } from '../../support/crash/chance.ts';
import { lostOf, troubleIn, type Work, workOf } from '../../support/crash/judge.ts';
import { type CrashWorld, crashWorld, kill } from '../../support/crash/world.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { waitFor } from '../../support/waitFor.ts';

const names = ['one', 'two', 'three', 'four', 'five'];
const killingMs = 12_000;
const deadlineMs = 55_000;
const roles = ['worker', 'coordinator', 'session', 'landing'] as const;
type Role = (typeof roles)[number];

/** `swarm up` as a process of its own, started again whenever it was killed. */
class Up {
  readonly #world: CrashWorld;
  process: ChildProcess;

  constructor(world: CrashWorld) {
    this.#world = world;
    this.process = this.#start();
  }

  #start(): ChildProcess {
    const { program, env } = this.#world;
    const words = [program.cli, 'up', '--workers', '3', '--json'];
    return spawn(process.execPath, words, { cwd: program.root, env, stdio: 'ignore', detached: true });
  }

  async kill(): Promise<void> {
    const exit = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exit;
    this.process = this.#start();
  }
}

/** Who could be killed now. A coordinator counts from when it leads: before that it has done nothing. */
async function victims(role: Role, world: CrashWorld): Promise<readonly number[]> {
  const { workers, leases } = await world.opened.store.situation();
  const owners = (lease: string) => leases.filter(({ name }) => name === lease).map(({ owner }) => owner.pid);
  switch (role) {
    case 'coordinator':
      return owners(leaderLeaseName);
    case 'worker':
      return workers.flatMap((worker) => worker.process?.pid ?? []);
    case 'session':
      return (await world.witness()).map(({ pid }) => pid);
    case 'landing':
      return owners(targetLeaseName('main'));
  }
}

test('whatever is killed at whatever moment, in the end everything has landed exactly once', async () => {
  const random = chance(seedOfNow());
  await using cache = await tempFolder();
  await using world = await crashWorld(cache.path);
  const { opened, repo } = world;
  const { store } = opened;
  const { tasks } = await opened.swarm.fanOut({
    requests: names.map((name) => ({ title: `build ${name}`, prompt: `build [${name}]` })),
    target: 'main',
    workers: 3,
    mode: 'print',
    review: 'none',
    land: true,
    check: 'sleep 0.2 && ls *" 2.txt"',
  });
  const start = performance.now();
  const startedAt = Date.now();
  const passed = () => performance.now() - start;
  const states = async () => (await store.overview()).tasks.map(({ state }) => state);
  const done = async () => (await states()).every((state) => state === 'merged');
  const kills: Role[] = [];
  const works: { readonly task: TaskId; readonly work: Work }[] = [];
  const up = new Up(world);
  const isSpared = (role: Role) => !kills.includes(role);
  const oneOf = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)];
  while (!(await done()) && (passed() < killingMs || (roles.some(isSpared) && passed() < deadlineMs))) {
    // The moment is what is left to chance.
    await sleep(random() * 400);
    const living = await world.living();
    const found: { readonly role: Role; readonly pid: number }[] = [];
    for (const role of roles) {
      const pid = oneOf((await victims(role, world)).filter((each) => living.includes(each)));
      if (pid !== undefined) found.push({ role, pid });
    }
    // Some are there for a moment only, and in the end only they are waited for.
    const spared = found.filter(({ role }) => isSpared(role));
    const victim = oneOf(spared.length > 0 || passed() > killingMs ? spared : found);
    if (victim === undefined) continue;
    kills.push(victim.role);
    if (victim.pid === up.process.pid) await up.kill();
    else kill(victim.pid);
    for (const task of (await store.overview()).tasks) works.push({ task: task.id, work: await workOf(world, task) });
  }
  const waited = (what: string, fact: () => Promise<boolean>) =>
    waitFor(what, fact, Math.max(0, deadlineMs - passed())).catch(() => {});
  // What did not come true is told below, with the whole story.
  await waited('everything to have landed', done);
  const seconds = Math.round(passed() / 1000);
  up.process.kill('SIGTERM');
  await waited('everything to have ended', async () => (await world.living()).length === 0);
  process.stdout.write(`${kills.length} kills in ${seconds} s: ${kills.join(' ')}\n`);

  await (await world.coordinator({ workers: { modes: [], launch: async () => {} } })).round();
  const trouble = [...(await troubleIn(world))];
  for (const { task: id, work } of works) {
    const task = await store.task(id);
    trouble.push(...(task ? await lostOf(world, work, task) : [`${id} is gone`]));
  }
  const trailers = await repo.git([
    'log',
    '--first-parent',
    '--format=%(trailers:key=Swarm-Task,valueonly,separator=)',
    'main',
  ]);
  const landed = trailers.split('\n').filter((id) => id !== '');
  const files = (await repo.git(['ls-tree', '--name-only', 'main'])).split('\n').sort();
  const made = names.flatMap((name) => [`${name} 1.txt`, `${name} 2.txt`, `${name} log.txt`, `${name} notes.txt`]);
  expect({ trouble, states: await states(), landed: landed.sort(), files }, await story(world, startedAt)).toEqual({
    trouble: [],
    states: names.map(() => 'merged'),
    landed: tasks.map(({ id }) => id as string).sort(),
    files: [...made, 'a.txt', 'mine.txt'].sort(),
  });
  expect(roles.filter(isSpared), 'roles of which nobody was killed').toEqual([]);
}, 90_000);

/** Everything that happened, for whoever has to find out why. */
async function story({ opened }: CrashWorld, start: number): Promise<string> {
  const events = await opened.store.eventsAfter(0, 10_000);
  return events
    .filter(({ kind }) => !kind.startsWith('session.t'))
    .map(({ at, kind, task = '', worker = '', text }) => `${at - start} ms ${kind} ${task} ${worker} ${text}`)
    .join('\n');
}
