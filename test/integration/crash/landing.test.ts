import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemRandom } from '../../../src/bridge/open.ts';
import { worktreePath } from '../../../src/core/flow/place.ts';
import type { ClaudeSessionId, EntryId, TaskId } from '../../../src/core/model/ids.ts';
import { newId } from '../../../src/core/model/ids.ts';
import { landingLauncher } from '../../../src/process/childLauncher.ts';
import { openProcesses } from '../../../src/process/identity.ts';
import { chance, seedOfNow } from '../../support/crash/chance.ts';
import type { Moment } from '../../support/crash/dying.ts';
import { troubleIn } from '../../support/crash/judge.ts';
import { lanes } from '../../support/crash/lanes.ts';
import { type CrashWorld, crashWorld, kill } from '../../support/crash/world.ts';
import { tempFolder } from '../../support/tempFolder.ts';

/** A landing with a check that nothing kills takes this many steps at least. */
const leastPoints = 10;

interface Approved {
  readonly task: TaskId;
  readonly entry: EntryId;
  /** The commit that was approved, and where the target stood then. */
  readonly head: string;
  readonly base: string;
}

/** The person's edits must not be in the tree that is checked. */
const soundTree = `test -f new.txt && test "$(cat mine.txt)" = 'as committed'`;

/** A task whose entry waits to be landed. */
async function approved(world: CrashWorld, check = `sleep 0.1 && ${soundTree}`): Promise<Approved> {
  const { swarm, store, git, places, settings } = world.opened;
  const { tasks } = await swarm.fanOut({
    requests: [{ title: 'add a file', prompt: 'add a file' }],
    target: 'main',
    workers: 1,
    mode: 'print',
    review: 'none',
    land: true,
    check,
  });
  const asked = tasks[0];
  if (!asked) throw new Error('nothing was queued');
  const now = Date.now();
  const { self } = await openProcesses();
  const worker = newId('worker', systemRandom);
  const launch = newId('launch', systemRandom);
  await store.requestWorker({
    worker,
    launch,
    face: world.opened.face,
    mode: 'print',
    machine: self.machine,
    max: 1,
    now,
  });
  await store.workerStarted({ worker, process: self, leaseMs: 30_000, now });
  const attempt = newId('attempt', systemRandom);
  const leased = await store.leaseNext({
    worker,
    attempt,
    owner: self,
    leaseMs: 30_000,
    max: 1,
    modes: {},
    startAfter: 'merged',
    now,
  });
  if (leased.kind !== 'leased') throw new Error('nothing was leased');
  const { lease } = leased.task;
  const base = (await git.resolve('refs/heads/main')) ?? '';
  const path = worktreePath(places.worktrees(await settings()), asked);
  await store.placed({ lease, worktree: path, base, now });
  await git.addWorktree({ path, branch: asked.branch, base, mine: true, include: [] });
  const session = newId('session', systemRandom);
  await store.sessionStarting({
    lease,
    session: {
      id: session,
      attempt,
      task: asked.id,
      worker,
      claudeSessionId: crypto.randomUUID() as ClaudeSessionId,
      mode: 'print',
      state: 'starting',
      logs: places.logs(asked.id, 1),
      usage: { costUsd: 0, tokens: 0, turns: 0 },
      startedAt: now,
    },
    now,
  });
  await store.sessionOpen({ lease, session, process: self, now });
  const head = await world.repo.commit({ 'new.txt': 'new\n' }, path);
  const entry = newId('entry', systemRandom);
  const review = newId('review', systemRandom);
  await store.finish({ lease, outcome: { kind: 'approved', base, head }, review, entry, now });
  await store.workerStopped({ worker, reason: 'done', now });
  return { task: asked.id, entry, head, base };
}

/** Goes on until the task has come home, and says what is wrong then. */
async function goOn(world: CrashWorld, { task, head, base }: Approved): Promise<readonly string[]> {
  const { store } = world.opened;
  const coordinator = await world.coordinator();
  const started = performance.now();
  let state = '';
  for (;;) {
    await coordinator.round();
    state = (await store.task(task))?.state ?? 'lost';
    if (state === 'merged' || performance.now() - started > 20_000) break;
    await sleep(50);
  }
  // The landing that did it may be about to end.
  while ((await world.living()).length > 0 && performance.now() - started < 25_000) await sleep(50);
  const trouble: string[] = [];
  if (state !== 'merged') trouble.push(`the task is ${state}`);
  const messages = await world.repo.git([
    'log',
    '--format=%P%x09%(trailers:key=Swarm-Task,valueonly,separator=)',
    'main',
  ]);
  const merges = messages.split('\n').filter((line) => line.includes(task));
  if (merges.join() !== `${base} ${head}\t${task}`)
    trouble.push(`the target’s history has ${merges.length} of it: ${messages}`);
  if ((await world.repo.git(['show', 'main:new.txt'])) !== 'new') trouble.push('the target lacks the work');
  const events = await store.eventsAfter(0, 1000, task);
  const merged = events.filter(({ kind }) => kind === 'task.merged').length;
  if (merged !== 1) trouble.push(`merged ${merged} times`);
  const scratch = (await world.opened.git.listWorktrees()).filter(({ path }) => path.includes('scratch'));
  if (scratch.length > 0) trouble.push(`left in scratch: ${scratch.map(({ path }) => path)}`);
  trouble.push(...(await troubleIn(world)));
  return trouble.length === 0 ? [] : [...trouble, ...events.map(({ kind, text }) => `  ${kind} ${text}`)];
}

/** A target is only ever where it was, or at a merge of exactly this work. */
async function targetIsSound({ repo }: CrashWorld, { head, base }: Approved): Promise<boolean> {
  const tip = await repo.git(['rev-parse', 'main']);
  return tip === base || (await repo.git(['rev-parse', 'main^1', 'main^2'])) === `${base}\n${head}`;
}

test('a landing that dies right before or after any of its steps lands exactly once all the same', async () => {
  await using cache = await tempFolder();
  const die = async (moment: Moment) => {
    await using world = await crashWorld(cache.path);
    const entry = await approved(world);
    const diedAt = await world.startDying('dyingLanding', entry.entry, moment).diedAt;
    const sound = await targetIsSound(world, entry);
    const trouble = [...(sound ? [] : ['the target was wrong']), ...(await goOn(world, entry))];
    return { name: `${moment.when} ${moment.call}, ${diedAt}`, diedAt, trouble };
  };
  const until = (when: Moment['when']) =>
    lanes(2, async (call) => {
      const outcome = await die({ when, call });
      return outcome.diedAt === undefined && outcome.trouble.length === 0 ? undefined : outcome;
    });
  const after = await until('after');
  const before = await until('before');
  process.stdout.write(
    `${after.length} moments after a step, ${before.length} before one: ${after.map(({ diedAt }) => diedAt).join(' ')}\n`,
  );
  const troubled = [...after, ...before].filter(({ trouble }) => trouble.length > 0);
  expect(troubled.map(({ name, trouble }) => [name, ...trouble].join('\n')).join('\n')).toBe('');
  expect(after.length).toBeGreaterThanOrEqual(leastPoints);
}, 120_000);

test('a check whose landing was killed is ended by the next one', async () => {
  await using cache = await tempFolder();
  await using world = await crashWorld(cache.path);
  const marker = `'${world.repo.beside('killed')}'`;
  // The shell that runs the check the first time kills the landing, and would then go on for a minute.
  const first = `: > ${marker}; kill -9 $PPID; sleep 60`;
  const entry = await approved(world, `if [ ! -e ${marker} ]; then ${first}; fi; ${soundTree}`);
  expect(await goOn(world, entry)).toEqual([]);
}, 60_000);

test('a landing killed at any time, alone or with its git and its check, lands exactly once all the same', async () => {
  await using cache = await tempFolder();
  const random = chance(seedOfNow());
  const moments = Array.from({ length: 8 }, () => Math.round(250 + random() * 500));
  const outcomes = await lanes(2, async (at) => {
    const moment = moments[at - 1];
    if (moment === undefined) return undefined;
    await using world = await crashWorld(cache.path);
    const entry = await approved(world);
    await landingLauncher(world.program).land(entry.entry);
    const processes = await world.living();
    await sleep(moment);
    // Every second time all of it dies at the same instant, as when a computer is switched off.
    for (const pid of at % 2 === 0 ? [...new Set([...processes, ...(await world.living())])] : processes) kill(pid);
    const sound = await targetIsSound(world, entry);
    const trouble = [...(sound ? [] : ['the target was wrong']), ...(await goOn(world, entry))];
    return trouble.length === 0
      ? ''
      : [`killed after ${moment} ms (${at % 2 === 0 ? 'all' : 'alone'}):`, ...trouble].join('\n');
  });
  expect(outcomes.filter((text) => text !== '').join('\n')).toBe('');
  expect(outcomes.length).toBe(moments.length);
}, 120_000);
