import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isGone } from '../../../src/git/gone.ts';
import type { OpenOptions } from '../../../src/git/open.ts';
import { waitFor } from '../../support/waitFor.ts';
import { codeOf, type TempRepo, tempRepo } from './tempRepo.ts';

/** A repository whose main branch follows that of a bare one beside it. */
async function withRemote(options?: OpenOptions) {
  const repo = await tempRepo();
  const remote = repo.beside('the remote.git');
  await repo.git(['clone', '--quiet', '--bare', repo.path, remote]);
  await repo.git(['remote', 'add', 'home', remote]);
  await repo.git(['fetch', '--quiet', 'home']);
  await repo.git(['branch', '--quiet', '--set-upstream-to', 'home/main', 'main']);
  return { repo, remote, git: await repo.open(options), [Symbol.asyncDispose]: () => repo[Symbol.asyncDispose]() };
}

/** Moves a branch of the remote on by a commit that only it has. */
async function moveRemote(repo: TempRepo, remote: string, branch: string): Promise<string> {
  const parent = await repo.git(['rev-parse', branch], remote);
  const commit = await repo.git(
    [
      '-c',
      'user.name=Eve',
      '-c',
      'user.email=eve@example.com',
      'commit-tree',
      `${parent}^{tree}`,
      '-p',
      parent,
      '-m',
      'theirs',
    ],
    remote,
  );
  await repo.git(['update-ref', `refs/heads/${branch}`, commit], remote);
  return commit;
}

async function hook(repo: TempRepo, folder: string, name: string, script: string): Promise<void> {
  await repo.write(`hooks/${name}`, `#!/bin/sh\n${script}\n`, folder);
  await chmod(join(folder, 'hooks', name), 0o755);
}

test('what a branch follows, and where work on it is pushed to, is found', async () => {
  await using place = await withRemote();
  const { repo, git } = place;
  await repo.git(['branch', 'alone']);
  await repo.git(['branch', '--track', 'local', 'alone']);
  expect([await git.followed('main'), await git.followed('alone'), await git.followed('local')]).toEqual([
    { remote: 'home', branch: 'main' },
    undefined,
    undefined,
  ]);
  expect([await git.pushRemote('main'), await git.pushRemote('alone')]).toEqual(['home', 'home']);
  await repo.git(['remote', 'add', 'fork', repo.beside('fork.git')]);
  expect(await git.pushRemote('alone')).toBeUndefined();
  await repo.git(['config', 'remote.pushDefault', 'fork']);
  expect(await git.pushRemote('main')).toBe('fork');
});

test('a fetch brings the newest commit of one branch and touches nothing else', async () => {
  await using place = await withRemote();
  const { repo, remote, git } = place;
  const theirs = await moveRemote(repo, remote, 'main');
  const before = await repo.git(['for-each-ref', 'refs/heads', 'refs/tags']);
  await repo.git(['tag', 'v1', theirs], remote);
  expect([await git.fetch('home', 'main'), await git.fetch('home', 'none')]).toEqual([theirs, undefined]);
  expect(await repo.git(['for-each-ref', 'refs/heads', 'refs/tags'])).toBe(before);
  expect(await git.resolve('refs/remotes/home/main')).toBe(theirs);
});

test('many fetches of one branch at once do not stumble over each other', async () => {
  await using place = await withRemote();
  const theirs = await moveRemote(place.repo, place.remote, 'main');
  const fetched = await Promise.all(Array.from({ length: 8 }, () => place.git.fetch('home', 'main')));
  expect(new Set(fetched)).toEqual(new Set([theirs]));
});

test('a push makes a commit the tip of a branch, and never by force', async () => {
  await using place = await withRemote();
  const { repo, remote, git } = place;
  const mine = await repo.commit({ 'mine.txt': 'x\n' });
  expect(await git.push('home', 'swarm/work', mine)).toBe('pushed');
  expect(await repo.git(['rev-parse', 'swarm/work'], remote)).toBe(mine);
  const theirs = await moveRemote(repo, remote, 'swarm/work');
  const next = await repo.commit({ 'mine.txt': 'y\n' });
  expect(await git.push('home', 'swarm/work', next)).toBe('behind');
  expect(await repo.git(['rev-parse', 'swarm/work'], remote)).toBe(theirs);
});

test('hooks on both sides may refuse a push, and are heard', async () => {
  await using place = await withRemote();
  const { repo, remote, git } = place;
  const mine = await repo.commit({ 'mine.txt': 'x\n' });
  await hook(repo, join(repo.path, '.git'), 'pre-push', 'echo "tests are red" >&2; exit 1');
  await expect(git.push('home', 'work', mine)).rejects.toMatchObject({ code: 'hook_refused', cause: 'tests are red' });
  await hook(repo, join(repo.path, '.git'), 'pre-push', 'exit 0');
  await hook(repo, remote, 'pre-receive', 'echo "no branches called $(cat | cut -d" " -f3)" >&2; exit 1');
  await expect(git.push('home', 'work', mine)).rejects.toMatchObject({
    code: 'remote_refused',
    message: 'home refused work: [remote rejected] (pre-receive hook declined)',
    cause: expect.stringContaining('no branches called refs/heads/work'),
  });
});

test('a remote that is not there, or asks for a password, is told and asks nobody', async () => {
  await using place = await withRemote();
  const { repo, git } = place;
  await repo.git(['remote', 'add', 'gone', repo.beside('gone.git')]);
  await repo.git(['remote', 'add', 'closed', 'me@nowhere.invalid:x.git']);
  await repo.write(
    'ssh',
    '#!/bin/sh\necho "$@" >> asked; echo "Permission denied (publickey)." >&2; exit 255\n',
    repo.beside('.'),
  );
  await chmod(repo.beside('ssh'), 0o755);
  const env = { ...repo.env, PATH: `${repo.beside('.')}:${repo.env.PATH}` };
  const other = await repo.open({ env });
  expect([await codeOf(git.fetch('gone', 'main')), await codeOf(other.fetch('closed', 'main'))]).toEqual([
    'remote_failed',
    'remote_failed',
  ]);
  expect(await repo.read('asked')).toContain('-oBatchMode=yes');
});

test('a remote that does not answer is given up in time, and nothing goes on', async () => {
  await using place = await withRemote({ remoteMs: 500 });
  const { repo, git } = place;
  await repo.git(['config', 'core.sshCommand', `sh -c 'echo $$ > pid; exec sleep 1000' --`]);
  await repo.git(['remote', 'add', 'slow', 'me@nowhere.invalid:x.git']);
  const began = performance.now();
  expect(await codeOf(git.fetch('slow', 'main'))).toBe('remote_silent');
  expect(performance.now() - began).toBeLessThan(10_000);
  const pid = Number(await repo.read('pid'));
  await waitFor('the program to end that git has started', () => isGone(pid));
});
