import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { push } from '../../../src/core/flow/push.ts';
import { pushLeaseName } from '../../../src/core/model/lease.ts';
import type { SessionGround } from './sessionPlace.ts';
import { sessionGround } from './sessionPlace.ts';
import { codeOf } from './tempRepo.ts';

const { signal } = new AbortController();
const allowed = { 'git.allowPush': true };

/** A repository with a remote and a session at work, and somebody else's clone of that remote. */
async function ground() {
  const made = await sessionGround();
  const { repo } = made;
  const remote = repo.beside('the remote.git');
  await repo.git(['clone', '--quiet', '--bare', repo.path, remote]);
  await repo.git(['remote', 'add', 'origin', remote]);
  const other = repo.beside('other clone');
  await repo.git(['clone', '--quiet', remote, other]);
  await repo.git(['config', 'user.email', 'eve@example.com'], other);
  await repo.git(['config', 'user.name', 'Eve'], other);
  const place = await made.begin();
  const there = (branch: string) => repo.git(['rev-parse', branch], remote).catch(() => 'none');
  return { ...made, ...place, remote, other, there, [Symbol.asyncDispose]: () => made[Symbol.asyncDispose]() };
}

const leases = async ({ store }: SessionGround) =>
  (await store.situation()).leases.map(({ name }) => name).filter((name) => name.startsWith('push/'));

test('a session may push only where the person allows it', async () => {
  await using place = await ground();
  await place.repo.commit({ 'x.txt': 'x' }, place.worktree);
  expect(await codeOf(push(place.world(), place.task, signal))).toBe('push_not_allowed');
  expect(await place.there(place.branch)).toBe('none');
});

test('its own branch is pushed, nothing else, and the lock given back', async () => {
  await using place = await ground();
  const { repo, branch } = place;
  const main = await place.there('main');
  const commit = await repo.commit({ 'x.txt': 'x' }, place.worktree);
  await repo.commit({ 'y.txt': 'y' });
  const pushed = { remote: 'origin', branch, commit };
  expect(await push(place.world(allowed), place.task, signal)).toEqual({ kind: 'pushed', ...pushed });
  expect(await push(place.world(allowed), place.task, signal)).toEqual({ kind: 'up_to_date', ...pushed });
  expect([await place.there(branch), await place.there('main'), await leases(place)]).toEqual([commit, main, []]);
});

test('what others have pushed to the branch is taken in first', async () => {
  await using place = await ground();
  const { repo, branch, other } = place;
  await repo.commit({ 'x.txt': 'x\n' }, place.worktree);
  await push(place.world(allowed), place.task, signal);
  await repo.git(['fetch', '--quiet'], other);
  await repo.git(['switch', '--quiet', branch], other);
  const theirs = await repo.commit({ 'theirs.txt': 'x\n' }, other);
  await repo.git(['push', '--quiet', 'origin', branch], other);
  const mine = await repo.commit({ 'x.txt': 'y\n' }, place.worktree);
  const { commit } = await push(place.world(allowed), place.task, signal);
  expect([await place.there(branch), await repo.git(['rev-list', '--parents', '-1', commit])]).toEqual([
    commit,
    `${commit} ${mine} ${theirs}`,
  ]);
  expect(await repo.read('theirs.txt', place.worktree)).toBe('x\n');
});

test.each([1, 2])(
  'a remote that moves %i times between the look and the push is tried twice at most',
  async (moves) => {
    await using place = await ground();
    const { repo, branch, git } = place;
    const mine = await repo.commit({ 'x.txt': 'x\n' }, place.worktree);
    const world = place.world(allowed);
    let left = moves;
    const racing = {
      ...git,
      push: async (...args: Parameters<typeof git.push>) => {
        if (left-- > 0) {
          await repo.git(['fetch', '--quiet'], place.other);
          const known = await place.there(branch);
          await repo.git(['switch', '--quiet', '--detach', known === 'none' ? 'main' : known], place.other);
          await repo.commit({ [`theirs ${left}.txt`]: 'x\n' }, place.other);
          await repo.git(['push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`], place.other);
        }
        return git.push(...args);
      },
    };
    const answer = push({ ...world, git: racing }, place.task, signal);
    if (moves === 1) {
      const { commit } = await answer;
      expect([await place.there(branch), await git.isAncestor(mine, commit)]).toEqual([commit, true]);
    } else expect(await codeOf(answer)).toBe('remote_moved');
    expect(await leases(place)).toEqual([]);
  },
);

test('what cannot be pushed blocks the task with the reason, and changes nothing', async () => {
  await using place = await ground();
  const { repo, branch, other, stage } = place;
  await repo.commit({ 'x.txt': 'x\n' }, place.worktree);
  await push(place.world(allowed), place.task, signal);
  await repo.git(['fetch', '--quiet'], other);
  await repo.git(['switch', '--quiet', branch], other);
  const theirs = await repo.commit({ 'x.txt': 'theirs\n' }, other);
  await repo.git(['push', '--quiet', 'origin', branch], other);
  await repo.commit({ 'x.txt': 'ours\n' }, place.worktree);
  const before = await place.everything(place.worktree, ['x.txt']);
  const seq = await stage.seq();
  await expect(push(place.world(allowed), place.task, signal)).rejects.toMatchObject({
    code: 'push_conflict',
    message: `origin/${branch} is in conflict with your commits in x.txt`,
    cause: expect.stringContaining('ours\n=======\ntheirs'),
  });
  expect([await place.everything(place.worktree, ['x.txt']), await place.there(branch)]).toEqual([before, theirs]);
  expect(await stage.told(seq, place.task)).toContainEqual(
    expect.stringMatching(`session.stuck: .*push: origin/${branch} is in conflict with your commits in x.txt`),
  );
  expect(await leases(place)).toEqual([]);
});

test('a hook of the remote that refuses is told, too', async () => {
  await using place = await ground();
  await place.repo.write('hooks/pre-receive', '#!/bin/sh\necho closed >&2\nexit 1\n', place.remote);
  await chmod(join(place.remote, 'hooks/pre-receive'), 0o755);
  await place.repo.commit({ 'x.txt': 'x\n' }, place.worktree);
  expect(await codeOf(push(place.world(allowed), place.task, signal))).toBe('remote_refused');
  expect(await place.stage.state(place.task)).toBe('waiting');
});

test('who stood still for so long that another pushes now pushes no more', async () => {
  await using place = await ground();
  const { store, git } = place;
  await place.repo.commit({ 'x.txt': 'x\n' }, place.worktree);
  const name = pushLeaseName('origin');
  const standing = {
    ...git,
    fetch: async (...args: Parameters<typeof git.fetch>) => {
      const [held] = (await store.situation()).leases.filter((lease) => lease.name === name);
      if (held) await store.reap({ lost: [held], now: 1 });
      await store.takeLease({ name, owner: place.stage.process(), ms: 30_000 });
      return git.fetch(...args);
    },
  };
  expect(await codeOf(push({ ...place.world(allowed), git: standing }, place.task, signal))).toBe('push_lost');
  expect([await place.there(place.branch), await leases(place)]).toEqual(['none', [name]]);
});
