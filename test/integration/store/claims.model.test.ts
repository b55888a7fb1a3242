import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import type { ClaimPath } from '../../../src/core/model/claim.ts';
import { claimPath, collides, overlaps } from '../../../src/core/model/claim.ts';
import type { TaskId } from '../../../src/core/model/ids.ts';
import { taskLeaseName } from '../../../src/core/model/lease.ts';
import type { Guest, Party } from '../../../src/core/model/party.ts';
import { isGuest } from '../../../src/core/model/party.ts';
import { openStore } from '../../../src/store/open.ts';
import type { OpenStore } from '../../../src/store/store.ts';
import { anyPath, claimAround } from '../../support/globs.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import type { Running } from './stage.ts';
import { answerText, TeamStage, wanted } from './teamStage.ts';

const day = 86_400_000;
const guestMs = 60_000;
const guests: readonly Guest[] = ['@ann', '@bob'];
const paths = ['a', 'b', 'd/x', 'd/y', 'd/', 'd/*', '**/x'];

/** What should be true, kept in maps. */
interface Model {
  readonly claims: Map<Party, string[]>;
  /** Until when each guest that was heard of is taken to live. */
  readonly until: Map<Guest, number>;
  /** Tasks with a worker. */
  readonly working: Set<TaskId>;
}

interface Real {
  readonly store: OpenStore;
  readonly stage: TeamStage;
  readonly time: { now: number };
  readonly tasks: readonly TaskId[];
  readonly running: Map<TaskId, Running & { renewals: number }>;
}

type Command = fc.AsyncCommand<Model, Real>;

const command = (name: string, run: (model: Model, real: Real) => Promise<void>): Command => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real);
    expect(new Set(await real.stage.held())).toEqual(heldIn(model, real));
  },
  toString: () => name,
});

const of = (model: Model, party: Party): string[] => model.claims.get(party) ?? [];
const text = ({ path, kind }: ClaimPath) => `${path}${kind === 'folder' ? '/' : ''}`;

/** What whoever looks should see: nothing of guests that are silent. */
const heldIn = (model: Model, { time }: Real): ReadonlySet<string> =>
  new Set(
    [...model.claims].flatMap(([party, held]) =>
      isGuest(party) && (model.until.get(party) ?? 0) < time.now ? [] : held.map((path) => `${party}: ${path}`),
    ),
  );

/** Whoever changes something notices which guests are gone, by the clock as it is now. */
function sweep(model: Model, { time }: Real): void {
  for (const [guest, until] of model.until) {
    if (until >= time.now) continue;
    model.until.delete(guest);
    model.claims.delete(guest);
  }
}

const partyOf = (real: Real, index: number): Party => (['you', ...guests, ...real.tasks] as const)[index] ?? 'you';

const claim = (who: number, what: string) =>
  command(`party ${who} claims ${what}`, async (model, real) => {
    const party = partyOf(real, who);
    const answer = await real.stage.claim(party, [what]);
    sweep(model, real);
    if (isGuest(party) && !model.until.has(party)) return expect(answer.kind).toBe('not_allowed');
    const others = [...model.claims].filter(([holder]) => holder !== party).flatMap(([, held]) => held);
    if (others.some((path) => collides(wanted(what), wanted(path)))) return expect(answer.kind).toBe('refused');
    expect(answerText(answer)).toBe('yes');
    if (answer.kind !== 'claimed') return;
    const held = of(model, party);
    model.claims.set(party, [...new Set([...held, ...answer.claims.map(text)])]);
  });

const unclaim = (who: number, what: string | undefined) =>
  command(`party ${who} releases ${what ?? 'all'}`, async (model, real) => {
    const party = partyOf(real, who);
    await real.stage.unclaim(party, what === undefined ? undefined : [what]);
    sweep(model, real);
    model.claims.set(
      party,
      of(model, party).filter((path) => what !== undefined && path !== what),
    );
  });

const give = (who: number, whom: number) =>
  command(`party ${who} gives all to party ${whom}`, async (model, real) => {
    const [from, to] = [partyOf(real, who), partyOf(real, whom)];
    const answer = await real.stage.unclaim(from, undefined, { to });
    sweep(model, real);
    if (isGuest(to) && from !== to && !model.until.has(to)) return expect(answer).toHaveProperty('refused');
    if (!Array.isArray(answer)) throw new Error('refused without a reason');
    if (from === to) return;
    model.claims.set(to, [...new Set([...of(model, to), ...(await real.store.claims({ party: to })).map(text)])]);
    // What the receiver has covered already is no second claim.
    expect(of(model, from).every((path) => of(model, to).some((have) => overlaps(wanted(path), wanted(have))))).toBe(
      true,
    );
    model.claims.delete(from);
  });

const join_ = (index: number) =>
  command(`guest ${index} is heard of`, async (model, real) => {
    const guest = guests[index] ?? '@ann';
    const answer = await real.stage.join(guest, guestMs);
    sweep(model, real);
    expect(answer).toBe(model.until.has(guest) ? 'known' : 'joined');
    model.until.set(guest, real.stage.now + guestMs);
  });

const leave = (index: number) =>
  command(`guest ${index} leaves`, async (model, real) => {
    const guest = guests[index] ?? '@ann';
    await real.store.guestLeft({ guest, now: real.stage.at() });
    model.until.delete(guest);
    model.claims.delete(guest);
  });

/** The wall clock jumps; nothing else happens. */
const jump = (ms: number) =>
  command(`the clock jumps by ${ms}`, async (_model, { time }) => {
    time.now += ms;
  });

const renew = (index: number) =>
  command(`task ${index} is renewed`, async (_model, real) => {
    const running = real.running.get(real.tasks[index] as TaskId);
    if (running === undefined) return;
    expect(await real.store.renewTask({ lease: running.lease, now: real.stage.at() })).toBe('renewed');
    running.renewals += 1;
  });

/** The worker of a task is found dead, or (stale) was judged before its last renewal. */
const crash = (index: number, stale: boolean) =>
  command(`task ${index} is reaped${stale ? ', too late' : ''}`, async (model, real) => {
    const task = real.tasks[index] as TaskId;
    const running = real.running.get(task);
    if (running === undefined || (stale && running.renewals === 0)) return;
    const renewals = running.renewals - (stale ? 1 : 0);
    const name = taskLeaseName(task);
    const taken = await real.store.reap({
      lost: [{ name, token: running.lease.token, renewals }],
      now: real.stage.at(),
    });
    expect(taken).toEqual(stale ? [] : [name]);
    if (stale) return;
    real.running.delete(task);
    model.working.delete(task);
    model.claims.delete(task);
  });

const lease = () =>
  command('a new worker takes the next task', async (model, real) => {
    const next = real.tasks.find((task) => !model.working.has(task));
    if (next === undefined) return;
    const running = await real.stage.run(await real.stage.worker());
    real.running.set(running.task, { ...running, renewals: 0 });
    model.working.add(running.task);
  });

const reapGuest = (index: number) =>
  command(`guest ${index} is reaped`, async (model, real) => {
    const guest = guests[index] ?? '@ann';
    const { leases } = await real.store.situation();
    const found = leases.find(({ name }) => name === `guest/${guest.slice(1)}`);
    expect(found !== undefined).toBe(model.until.has(guest));
    if (found === undefined) return;
    await real.store.reap({ lost: [found], now: real.stage.at() });
    model.until.delete(guest);
    model.claims.delete(guest);
  });

const who = fc.nat(5);
const commands = [
  fc.tuple(who, fc.constantFrom(...paths)).map((args) => claim(...args)),
  fc.tuple(who, fc.constantFrom(...paths)).map((args) => claim(...args)),
  fc.tuple(who, fc.option(fc.constantFrom(...paths), { nil: undefined })).map((args) => unclaim(...args)),
  fc.tuple(who, who).map((args) => give(...args)),
  fc.nat(1).map(join_),
  fc.nat(1).map(join_),
  fc.nat(1).map(leave),
  fc.nat(1).map(reapGuest),
  fc.constantFrom(day, -day, guestMs + 1, 1_000).map(jump),
  fc.nat(2).map(renew),
  fc.tuple(fc.nat(2), fc.boolean()).map((args) => crash(...args)),
  fc.constant(lease()),
];

test('claims keep to their rules whatever crashes and wherever the clock jumps', async () => {
  await using folder = await tempFolder();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 40 }), async (list) => {
      const place = join(folder.path, String(++runs));
      const time = { now: 1_800_000_000_000 };
      const store = await openStore({
        path: join(folder.path, `${runs}.db`),
        repo: { root: place, commonDir: place },
        clock: { ...systemClock, now: () => time.now },
      });
      try {
        const stage = new TeamStage(store);
        stage.at = () => time.now;
        Object.defineProperty(stage, 'now', { get: () => time.now });
        const tasks = await stage.queue(3);
        const real: Real = { store, stage, time, tasks, running: new Map() };
        const model: Model = { claims: new Map(), until: new Map(), working: new Set() };
        await fc.asyncModelRun(() => ({ model, real }), list);
      } finally {
        store.dispose();
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('the store finds everything that stands in the way, and nothing else', async () => {
  await using folder = await tempFolder();
  const store = await openStore({
    path: join(folder.path, 'store.db'),
    repo: { root: folder.path, commonDir: folder.path },
  });
  const stage = new TeamStage(store);
  const [one, other] = await stage.queue(2);
  if (!one || !other) throw new Error('no tasks');
  const some = anyPath.chain((file) => fc.array(claimAround(file), { minLength: 1, maxLength: 6 }));
  const verdicts = { claimed: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(some, async (all) => {
      const valid = all.flatMap(({ kind, path }) => {
        const answer = claimPath(kind, path);
        return 'refused' in answer ? [] : [answer];
      });
      const [last, ...before] = valid;
      if (last === undefined) return;
      const take = (party: TaskId, claims: readonly ClaimPath[]) =>
        store.claim({
          party,
          paths: claims.map((path) => ({ ...path, mode: 'exclusive' })),
          origin: 'asked',
          ids: claims.map(() => stage.id('claim')),
          now: 1,
        });
      await take(one, before);
      // What a claim of its own covers already is no second one.
      const held = await store.claims({ party: one });
      const answer = await take(other, [last]);
      if (answer.kind === 'not_allowed') throw new Error(answer.refused);
      verdicts[answer.kind] += 1;
      expect(answer.kind).toBe(held.some((path) => overlaps(path, last)) ? 'refused' : 'claimed');
      await stage.unclaim(one);
      await stage.unclaim(other);
    }),
    { numRuns: 500 },
  );
  store.dispose();
  expect(Math.min(verdicts.claimed, verdicts.refused)).toBeGreaterThan(50);
}, 60_000);
