import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import type { OpenSession } from '../../../src/core/flow/supervise.ts';
import { EventReader, follow } from '../../../src/core/flow/supervise.ts';
import type { SessionId, TaskId, WorkerId } from '../../../src/core/model/ids.ts';
import type { SessionEnd, SessionEvent, SessionMode } from '../../../src/core/model/session.ts';

const end: SessionEnd = { exitCode: 0, signal: undefined, denied: [] };
const lease = { task: 't1' as TaskId, worker: 'w1' as WorkerId, token: 1 };
const forever = new AbortController().signal;

async function* once(events: readonly SessionEvent[]) {
  yield* events;
}

/** A session that did `events` and ended, followed in a world that remembers what it was told. */
function setting(mode: SessionMode, events: readonly SessionEvent[], answers: readonly ('saved' | 'lost')[] = []) {
  const told: unknown[] = [];
  let pokes = 0;
  const store = {
    warned: async ({ text }: { text: string }) => void told.push(`warned: ${text}`),
    sessionDid: async (args: { lease?: unknown; events: readonly SessionEvent[] }) => {
      told.push(`${args.events.map((event) => event.kind)}${args.lease ? '' : ' (not held)'}`);
      return answers[told.length - 1] ?? 'saved';
    },
  };
  const open = {
    id: 's1' as SessionId,
    task: 't1' as TaskId,
    running: { ended: Promise.resolve(end) },
    snapshots: { poke: () => pokes++, keep: async () => {}, committed: async () => {} },
    events: new EventReader(once(events)),
  } as unknown as OpenSession;
  return {
    world: { store, clock: systemClock, mode } as unknown as Parameters<typeof follow>[0],
    open,
    told,
    pokes: () => pokes,
  };
}

const turn = (pending: number): SessionEvent => ({ kind: 'turn_ended', text: 'done', pending });
const prompted: SessionEvent = { kind: 'prompted', text: 'more' };

test('an interactive task is finished when the turn ends and nothing will wake it', async () => {
  const { world, open, told, pokes } = setting('interactive', [
    prompted,
    { kind: 'batch_done' },
    turn(1),
    turn(0),
    prompted,
  ]);
  expect(await follow(world, open, lease, forever)).toEqual({ kind: 'finished' });
  expect([told, pokes()]).toEqual([['prompted', 'batch_done', 'turn_ended', 'turn_ended'], 1]);
});

test('a task whose session is stuck is not finished until something has answered it and the next turn has ended', async () => {
  const stuck: SessionEvent = { kind: 'stuck', text: 'no key' };
  const { world, open, told } = setting('interactive', [prompted, stuck, turn(0), stuck, prompted, turn(0)]);
  expect(await follow(world, open, lease, forever)).toEqual({ kind: 'finished' });
  expect(told).toEqual(['prompted', 'stuck', 'turn_ended', 'stuck', 'prompted', 'turn_ended']);
});

test('what a session that ended was stuck for is known, unless it went on', async () => {
  const stuck = (text: string): SessionEvent => ({ kind: 'stuck', text });
  const done: SessionEvent = { kind: 'tool_done', use: 'u', tool: 'Bash', ok: true, summary: '' };
  const of = async (...events: readonly SessionEvent[]) => {
    const { world, open } = setting('print', events);
    return await follow(world, open, lease, forever);
  };
  expect([await of(stuck('no key'), stuck('still none'), turn(0)), await of(stuck('no key'), done, turn(0))]).toEqual([
    { kind: 'ended', end, stuck: 'no key' },
    { kind: 'ended', end },
  ]);
});

test('that claims are not enforced is told to the person', async () => {
  const { world, open, told } = setting('print', [{ kind: 'unenforced', reason: 'Edit is allowed' }]);
  await follow(world, open, lease, forever);
  expect(told).toEqual(['unenforced', 'warned: claims are not enforced: Edit is allowed']);
});

test('a print-mode task is finished only when Claude has ended', async () => {
  const { world, open } = setting('print', [turn(0)]);
  expect(await follow(world, open, lease, forever)).toEqual({ kind: 'ended', end });
});

test('a session that is only kept open is followed until the person speaks to it', async () => {
  const { world, open, told } = setting('interactive', [turn(0), prompted, turn(0)]);
  expect(await follow(world, open, undefined, forever)).toEqual({ kind: 'prompted' });
  expect(told).toEqual(['turn_ended (not held)', 'prompted (not held)']);
});

test('a lost lease ends the following at once', async () => {
  const { world, open, told } = setting('interactive', [prompted, prompted, turn(0)], ['saved', 'lost']);
  expect(await follow(world, open, lease, forever)).toEqual({ kind: 'lost' });
  expect(told.length).toBe(2);
});

test('an event that comes when nobody reads any more is kept for the next reader', async () => {
  let give: (event: SessionEvent) => void = () => {};
  async function* slow() {
    yield await new Promise<SessionEvent>((resolve) => {
      give = resolve;
    });
  }
  const reader = new EventReader(slow());
  const first = new AbortController();
  const reading = reader.next(first.signal);
  first.abort();
  expect(await reading).toBe('aborted');
  give(prompted);
  expect([await reader.next(forever), await reader.next(forever)]).toEqual([prompted, 'end']);
});
