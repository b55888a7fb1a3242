import { expect, test } from 'vitest';
import { handOver } from '../../../src/core/flow/handOver.ts';
import { land, previewMerge } from '../../../src/core/flow/merge.ts';
import type { TaskId } from '../../../src/core/model/ids.ts';
import type { Party } from '../../../src/core/model/party.ts';
import { newIdOf } from '../store/stage.ts';
import { type SessionGround, sessionGround } from './sessionPlace.ts';

const start = { 'a.txt': 'a\n', 'old.txt': 'a file that is moved\nand stays the same\n', 'gone.txt': 'x\n' };
const { signal } = new AbortController();

/** Hands a task over, has it approved, and lands it as the coordinator does. */
function desk(ground: SessionGround) {
  const { store, git, stage } = ground;
  const checks = { run: async () => ({ passed: true, tail: '', log: '/log', summary: 'exit 0' }) };
  const world = { ...ground.world(), checks, checkLog: () => '/log' };
  return {
    async approve({ task: id, lease, worktree }: Awaited<ReturnType<SessionGround['begin']>>) {
      const task = await stage.task(id);
      const batch = stage.newBatch({ id: task.batch });
      const held = { task, batch, worktree, base: task.base ?? '', logs: '/logs' };
      const outcome = await handOver(world, held, world.settings, signal);
      await stage.finish(lease, outcome);
      await stage.decide(id, { kind: 'approve' }, { head: (await git.head(worktree)) ?? '' });
      return outcome;
    },
    async land(task: TaskId) {
      const entry = newIdOf('entry');
      await store.enqueue({ entries: [{ id: entry, task }], now: stage.at() });
      return [await land(world, entry, signal), (await store.entry(entry))?.reason];
    },
    async preview(id: TaskId) {
      const task = await stage.task(id);
      const { commit: _, ...preview } = await previewMerge(world, task, task.head ?? '');
      return preview;
    },
    inbox: async (party: Party) =>
      (await store.mailbox({ party, box: 'in', unreadOnly: true, most: 9 })).map(({ body }) => body),
    claim: (party: Party, path: string) =>
      store.claim({
        party,
        paths: [{ kind: 'file', path, mode: 'exclusive' }],
        origin: 'asked',
        ids: [newIdOf('claim')],
        now: Date.now(),
      }),
  };
}

test('work in a file that somebody else holds waits until it is released, and lands then', async () => {
  await using ground = await sessionGround(start);
  const { repo, store, stage } = ground;
  const at = desk(ground);
  const place = await ground.begin();
  const other = await ground.begin();
  await at.claim(other.task, 'a.txt');
  await repo.commit({ 'a.txt': 'mine\n', 'b.txt': 'b\n' }, place.worktree);
  const seq = await stage.seq();
  expect(await at.approve(place)).toMatchObject({ kind: 'in_review' });
  expect(await stage.told(seq, place.task)).toContainEqual(
    expect.stringMatching(/^task\.warned: changes a\.txt, claimed by worker 2 \(task t\w+, “Do it”\), while it works/),
  );
  const reason = expect.stringMatching(
    new RegExp(
      `^a\\.txt is claimed by worker 2 .* Merge that task first, or release it: \`swarm unclaim a\\.txt --of ${other.task}\`\\.$`,
    ),
  );
  expect([await at.preview(place.task), await at.land(place.task)]).toEqual([
    { kind: 'held_back', reason },
    ['refused', reason],
  ]);
  expect(await stage.state(place.task)).toBe('approved');
  await store.unclaim({ party: other.task, by: 'you', now: stage.at() });
  expect([await at.preview(place.task), await at.land(place.task)]).toEqual([
    { kind: 'clean', files: 2 },
    ['merged', undefined],
  ]);
});

test('those who hold what has landed are told of it: changed, deleted and moved files, also when it had landed before', async () => {
  await using ground = await sessionGround(start);
  const { repo, store, stage } = ground;
  const at = desk(ground);
  const landedFiles = async () =>
    (await store.landedOnAfter({ target: 'main', seq: 0, most: 99 })).map(({ path }) => path).sort();
  const place = await ground.begin();
  await repo.git(['mv', 'old.txt', 'new.txt'], place.worktree);
  await repo.git(['rm', '--quiet', 'gone.txt'], place.worktree);
  await repo.commit({ 'a.txt': 'mine\n' }, place.worktree);
  await at.approve(place);
  // A landing that died before it could say so.
  await repo.git(['merge', '--quiet', '--no-ff', '--no-edit', place.branch]);
  const guest = '@Mona' as const;
  await store.guestSeen({ guest, ms: 60_000, now: Date.now() });
  for (const path of ['gone.txt', 'old.txt', 'other.txt']) {
    await store.unclaim({ party: place.task, by: 'you', now: stage.at() });
    await at.claim(guest, path);
  }
  expect(await at.land(place.task)).toEqual(['merged', undefined]);
  expect(await landedFiles()).toEqual(['a.txt', 'gone.txt', 'new.txt', 'old.txt']);
  expect((await at.inbox(guest)).join('\n')).toMatch(/gone\.txt/);
  expect((await at.inbox(guest)).join('\n')).toMatch(/old\.txt/);
  expect((await at.inbox(guest)).join('\n')).not.toMatch(/other\.txt/);
});
