import { chmod } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { commit } from '../../../src/core/flow/commit.ts';
import type { ClaimMode, ClaimPath } from '../../../src/core/model/claim.ts';
import type { Party } from '../../../src/core/model/party.ts';
import { newIdOf } from '../store/stage.ts';
import { type SessionGround, sessionGround } from './sessionPlace.ts';
import { codeOf } from './tempRepo.ts';

const start = { 'a.txt': 'a\n', 'log.md': 'log\n', 'src/x.ts': 'x\n' };

function claim({ store }: SessionGround, party: Party, path: ClaimPath, mode: Exclude<ClaimMode, 'off'> = 'exclusive') {
  return store.claim({ party, paths: [{ ...path, mode }], origin: 'asked', ids: [newIdOf('claim')], now: Date.now() });
}

test('a commit has the prefix and the files that were named, and claims them', async () => {
  await using ground = await sessionGround(start);
  const { repo, store } = ground;
  const { task, worktree, branch } = await ground.begin({ options: { paths: ['src/'] } });
  await repo.write('src/x.ts', 'y\n', worktree);
  await repo.write('a.txt', 'b\n', worktree);
  const world = ground.world({ 'commits.prefix': '[{worker}, {title}, {task}] ' });
  const first = await commit(world, task, 'Change x\n\nBecause.', ['src']);
  expect(first).toEqual({
    commit: await repo.git(['rev-parse', branch]),
    subject: `[worker 1, Do it, ${task}] Change x`,
    files: ['src/x.ts'],
    outside: [],
  });
  expect(await repo.git(['log', '-1', '--format=%an <%ae>%n%B', branch])).toBe(
    `Ada <ada@example.com>\n${first.subject}\n\nBecause.\n`,
  );
  expect(await commit(ground.world(), task, 'The rest', [])).toMatchObject({
    subject: 'The rest',
    files: ['a.txt'],
    outside: ['a.txt'],
  });
  expect((await store.claims({ party: task })).map(({ path }) => path).sort()).toEqual(['a.txt', 'src']);
  expect(await codeOf(commit(ground.world(), task, 'Nothing', []))).toBe('nothing_to_commit');
});

test('what the task must not change is not committed', async () => {
  await using ground = await sessionGround(start);
  const { repo } = ground;
  const { task, worktree, branch } = await ground.begin({ options: { forbidden: ['src/x.*'] } });
  const before = await repo.git(['rev-parse', branch]);
  await repo.write('src/x.ts', 'y\n', worktree);
  await repo.write('a.txt', 'b\n', worktree);
  expect(await codeOf(commit(ground.world(), task, 'All', []))).toBe('forbidden_files');
  expect(await repo.git(['rev-parse', branch])).toBe(before);
  await repo.git(['restore', '--staged', 'src/x.ts'], worktree);
  expect(await commit(ground.world(), task, 'Mine', ['a.txt'])).toMatchObject({ files: ['a.txt'] });
});

test('what another holds is not committed, and whose it is is said', async () => {
  await using ground = await sessionGround(start);
  const { repo } = ground;
  const { task, worktree, branch } = await ground.begin();
  await claim(ground, 'you', { kind: 'folder', path: 'src' });
  await repo.write('src/X.ts', 'y\n', worktree);
  await repo.write('a.txt', 'b\n', worktree);
  const before = await repo.git(['rev-parse', branch]);
  await expect(commit(ground.world(), task, 'Both', [])).rejects.toMatchObject({
    code: 'claimed_by_others',
    message: 'src/X.ts is claimed by the person, until it is released.',
  });
  expect(await repo.git(['rev-parse', branch])).toBe(before);
  await repo.git(['restore', '--staged', 'src'], worktree);
  expect((await commit(ground.world(), task, 'One', ['a.txt'])).files).toEqual(['a.txt']);
});

test('a hook that refuses is heard, and nothing is committed', async () => {
  await using ground = await sessionGround(start);
  const { repo } = ground;
  const { task, worktree, branch } = await ground.begin();
  await repo.write('.git/hooks/pre-commit', '#!/bin/sh\necho no >&2\nexit 1\n');
  await chmod(`${repo.path}/.git/hooks/pre-commit`, 0o755);
  await repo.write('a.txt', 'b\n', worktree);
  const before = await repo.git(['rev-parse', branch]);
  await expect(commit(ground.world(), task, 'Change', [])).rejects.toMatchObject({ code: 'hook_refused', cause: 'no' });
  expect(await repo.git(['rev-parse', branch])).toBe(before);
});

test.each(['warn', 'shared-append'] as const)(
  'whoever has claimed a file in the mode %s is told of a change',
  async (mode) => {
    await using ground = await sessionGround(start);
    const { repo, store } = ground;
    const { task, worktree, branch } = await ground.begin();
    const other = await ground.begin();
    await claim(ground, other.task, { kind: 'glob', path: '*.md' }, mode);
    await claim(ground, 'you', { kind: 'file', path: 'a.txt' }, mode);
    await repo.write('log.md', 'log\nmore\n', worktree);
    const { commit: made } = await commit(ground.world({ 'claims.modes': { '**': mode } }), task, 'Log', []);
    const inbox = async (party: Party) =>
      (await store.mailbox({ party, box: 'in', unreadOnly: true, most: 9 })).map(({ kind, from, body }) => ({
        kind,
        from,
        body,
      }));
    const body = `“Do it” (task ${task}) has changed log.md, which you have claimed, too, in commit ${made.slice(0, 10)} on ${branch}.`;
    expect([await inbox(other.task), await inbox('you'), await inbox(task)]).toEqual([
      [{ kind: 'notification', from: task, body }],
      [],
      [],
    ]);
  },
);

test('what came from the other side of a merge is nobody’s violation', async () => {
  await using ground = await sessionGround(start);
  const { repo, git } = ground;
  const { task, worktree } = await ground.begin();
  await repo.commit({ 'a.txt': 'ours\n' }, worktree);
  const theirs = await repo.commit({ 'a.txt': 'theirs\n', 'src/x.ts': 'theirs\n' });
  await claim(ground, 'you', { kind: 'file', path: 'src/x.ts' });
  expect(await git.mergeIn(worktree, theirs)).toBe('conflict');
  await repo.write('a.txt', 'both\n', worktree);
  expect((await commit(ground.world(), task, 'Merge main', [])).files).toEqual(['a.txt']);
});

test('an empty message is refused', async () => {
  await using ground = await sessionGround(start);
  const { task } = await ground.begin();
  expect(await codeOf(commit(ground.world(), task, ' \n', []))).toBe('usage');
});
