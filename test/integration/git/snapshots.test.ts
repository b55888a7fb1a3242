import { chmod, mkdir, readFile, readlink, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { TaskId } from '../../../src/core/model/ids.ts';
import { waitFor } from '../../support/waitFor.ts';
import { codeOf, gitThatFirst, type TempRepo, task, tempRepo } from './tempRepo.ts';

/** Everything of a worktree that a snapshot must not touch, byte for byte. */
async function untouchables(repo: TempRepo, folder = repo.path) {
  const gitDir = await repo.git(['rev-parse', '--absolute-git-dir'], folder);
  return {
    index: (await readFile(join(gitDir, 'index'))).toString('base64'),
    head: await readFile(join(gitDir, 'HEAD'), 'utf8'),
    refs: await repo.git(['for-each-ref', 'refs/heads', 'refs/stash', 'refs/tags']),
    stash: await repo.git(['stash', 'list']),
    status: await repo.git(['--no-optional-locks', 'status', '--porcelain=v2', '--branch'], folder),
  };
}

const names = async (repo: TempRepo, commit: string) =>
  (await repo.git(['ls-tree', '-r', '-z', '--name-only', commit])).split('\0').filter((name) => name !== '');

test('the whole tree is kept, and index, HEAD, branch and stash stay as they are', async () => {
  await using repo = await tempRepo({ 'a.txt': 'one\n', 'gone.txt': 'x', '.gitignore': '*.log\n' });
  await repo.write('a.txt', 'staged\n');
  await repo.git(['add', 'a.txt']);
  await repo.write('a.txt', 'and edited\n');
  await rm(join(repo.path, 'gone.txt'));
  await repo.write('new/🚀 "x"\n.txt', 'untracked');
  await repo.write('--output=x', 'hostile');
  await repo.write('debug.log', 'ignored');
  await symlink('/etc/passwd', join(repo.path, 'link'));
  await chmod(join(repo.path, 'a.txt'), 0o755);
  const before = await untouchables(repo);
  const git = await repo.open();
  const taken = await git.snapshot(task, repo.path, 'after an edit');
  const commit = taken?.commit ?? '';
  expect([taken?.leftOut, (await names(repo, commit)).sort(), await repo.git(['show', `${commit}:a.txt`])]).toEqual([
    [],
    ['--output=x', '.gitignore', 'a.txt', 'link', 'new/🚀 "x"\n.txt'].sort(),
    'and edited',
  ]);
  expect(await untouchables(repo)).toEqual(before);
  expect(await repo.git(['show', '--no-patch', '--format=%an <%ae> %s %P', commit])).toBe(
    `Swarm <swarm@localhost> after an edit ${await repo.git(['rev-parse', 'HEAD'])}`,
  );
});

test('nothing is taken when nothing changed since the last time', async () => {
  await using repo = await tempRepo();
  const git = await repo.open();
  const untouched = await git.snapshot(task, repo.path, 'nothing yet');
  await repo.write('a.txt', 'two\n');
  const first = await git.snapshot(task, repo.path, 'one');
  const again = await git.snapshot(task, repo.path, 'the same');
  await repo.write('a.txt', 'three\n');
  const second = await git.snapshot(task, repo.path, 'two');
  expect([
    untouched,
    again,
    (await git.listSnapshots(task)).map(({ number, commit, label }) => ({ number, commit, label })),
  ]).toEqual([
    undefined,
    undefined,
    [
      { number: 1, commit: first?.commit, label: 'one' },
      { number: 2, commit: second?.commit, label: 'two' },
    ],
  ]);
});

test('an edit in the same moment as the index was written is seen, though size and times are the same', async () => {
  await using repo = await tempRepo();
  // On a coarse clock the edit, the staging before it and the index have one time.
  await repo.git(['config', 'core.trustctime', 'false']);
  const moment = new Date(Date.now() - 60_000);
  const write = async (content: string) => {
    await repo.write('a.txt', content);
    await utimes(join(repo.path, 'a.txt'), moment, moment);
  };
  await write('staged\n');
  await repo.git(['add', 'a.txt']);
  await write('edited\n');
  await utimes(join(repo.path, '.git/index'), moment, moment);
  const taken = await (await repo.open()).snapshot(task, repo.path, 'x');
  expect(await repo.git(['show', `${taken?.commit}:a.txt`])).toBe('edited');
});

test('a file that is deleted between the moments in which git finds and opens it does not stop a snapshot', async () => {
  await using repo = await tempRepo();
  await repo.write('new.txt', 'x');
  const env = await gitThatFirst(repo, 'update-index', `echo 'fatal: Unable to process path gone.txt' >&2; exit 128`);
  const taken = await (await repo.open({ env })).snapshot(task, repo.path, 'x');
  expect(await names(repo, taken?.commit ?? '')).toEqual(['a.txt', 'new.txt']);
});

test('a large file is left out and named, and a tracked one keeps its last committed state', async () => {
  await using repo = await tempRepo({ 'grown.bin': 'small', 'a.txt': 'one\n' });
  await repo.write('grown.bin', new Uint8Array(1_048_577));
  await repo.write('sub/new [x] *.bin', new Uint8Array(2_000_000));
  await repo.write('just fits.bin', new Uint8Array(1_048_576));
  const git = await repo.open({ maxSnapshotMegabytes: () => 1 });
  const taken = await git.snapshot(task, repo.path, 'large');
  expect([
    taken?.leftOut,
    await names(repo, taken?.commit ?? ''),
    await repo.git(['show', `${taken?.commit}:grown.bin`]),
  ]).toEqual([
    [
      { path: 'grown.bin', bytes: 1_048_577 },
      { path: 'sub/new [x] *.bin', bytes: 2_000_000 },
    ],
    ['a.txt', 'grown.bin', 'just fits.bin'],
    'small',
  ]);
});

test('the limit is 50 MB unless told', async () => {
  await using repo = await tempRepo();
  await repo.write('movie', new Uint8Array(50 * 1024 * 1024 + 1));
  expect(await (await repo.open()).snapshot(task, repo.path, 'x')).toBeUndefined();
  await repo.write('a.txt', 'two\n');
  expect((await (await repo.open()).snapshot(task, repo.path, 'x'))?.leftOut).toEqual([
    { path: 'movie', bytes: 52_428_801 },
  ]);
});

test('a merge in progress is kept with its markers and stays in progress', async () => {
  await using repo = await tempRepo();
  await repo.git(['checkout', '--quiet', '-b', 'other']);
  await repo.commit({ 'a.txt': 'theirs\n' });
  await repo.git(['checkout', '--quiet', 'main']);
  await repo.commit({ 'a.txt': 'ours\n' });
  await repo.git(['merge', 'other']).catch(() => {});
  const before = await untouchables(repo);
  const taken = await (await repo.open()).snapshot(task, repo.path, 'merging');
  expect(await repo.git(['show', `${taken?.commit}:a.txt`])).toContain('<<<<<<<');
  expect(await untouchables(repo)).toEqual(before);
});

test('files of a repository inside the worktree are kept, with or without a commit in it', async () => {
  await using repo = await tempRepo();
  for (const name of ['em pty', 'grown']) {
    await repo.git(['init', '--quiet', join(repo.path, name)]);
    await repo.write(`${name}/inner.txt`, name);
    await repo.write(`${name}/.gitignore`, '*.log\n');
    await repo.write(`${name}/x.log`, 'ignored there');
  }
  await repo.git(['config', 'user.name', 'Ada'], join(repo.path, 'grown'));
  await repo.git(['config', 'user.email', 'ada@example.com'], join(repo.path, 'grown'));
  await repo.commit({ 'committed.txt': 'x' }, join(repo.path, 'grown'));
  await repo.write('grown/later.txt', 'untracked there');
  await repo.git(['init', '--quiet', join(repo.path, 'grown', 'deeper')]);
  await repo.write('grown/deeper/deep.txt', 'x');
  await mkdir(join(repo.path, 'broken'));
  await repo.write('broken/.git', 'gitdir: /nowhere\n');
  await repo.write('broken/b.txt', 'x');
  const taken = await (await repo.open()).snapshot(task, repo.path, 'nested');
  expect((await names(repo, taken?.commit ?? '')).sort()).toEqual(
    [
      'a.txt',
      'em pty/.gitignore',
      'em pty/inner.txt',
      'grown/.gitignore',
      'grown/committed.txt',
      'grown/deeper/deep.txt',
      'grown/inner.txt',
      'grown/later.txt',
      ...(taken?.leftOut.some(({ path }) => path === 'broken/') ? [] : ['broken/b.txt']),
    ].sort(),
  );
});

test('a session that writes and deletes all the time does not stop a snapshot', async () => {
  await using repo = await tempRepo();
  const script = `
    const fs = require('node:fs');
    for (let i = 0; ; i++) {
      fs.mkdirSync('d' + (i % 7), { recursive: true });
      fs.writeFileSync('d' + (i % 7) + '/f' + (i % 50), 'x'.repeat(i % 9000));
      if (i % 3 === 0) fs.rmSync('d' + ((i + 3) % 7), { recursive: true, force: true });
      if (i === 100) process.stdout.write('busy');
    }`;
  const child = execa(process.execPath, ['-e', script], { cwd: repo.path, reject: false });
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const git = await repo.open();
    await repo.write('steady.txt', 'x');
    for (let i = 0; i < 8; i += 1) {
      await repo.write('steady.txt', `${i}`);
      const taken = await git.snapshot(task, repo.path, `${i}`);
      expect(await repo.git(['show', `${taken?.commit}:steady.txt`])).toBe(`${i}`);
    }
  } finally {
    child.kill('SIGKILL');
    await child;
  }
});

test('a file that cannot be read is left out and named, and a folder that cannot be written is told', async () => {
  await using repo = await tempRepo();
  await repo.write('secret', 'x');
  await repo.write('new.txt', 'x');
  await chmod(join(repo.path, 'secret'), 0);
  const script = `
    import { chmod } from 'node:fs/promises';
    import { openRepo } from ${JSON.stringify(new URL('../../../src/git/open.ts', import.meta.url).href)};
    const [folder, task] = process.argv.slice(1);
    const git = await openRepo(folder);
    const taken = await git.snapshot(task, folder, 'x');
    await chmod(folder + '/.git/swarm/scratch', 0o555);
    const refused = await git.snapshot(task, folder, 'x').catch(({ code }) => code);
    await chmod(folder + '/.git/swarm/scratch', 0o755);
    console.log(JSON.stringify({ taken, refused }));`;
  // The superuser may do everything, so the work is done by nobody then.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
  if (nobody) await execa('chown', ['-R', '65534:65534', repo.beside('.')]);
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script, repo.path, task], {
    env: repo.env,
    extendEnv: false,
    ...nobody,
  });
  if (nobody) await execa('chown', ['-R', '0:0', repo.beside('.')]);
  const { taken, refused } = JSON.parse(stdout);
  expect([taken.leftOut, await names(repo, taken.commit), refused]).toEqual([
    [{ path: 'secret', bytes: 1 }],
    ['a.txt', 'new.txt'],
    'not_writable',
  ]);
});

test('a file that became a folder, a folder that became a file and a file that became a link are kept as they are', async () => {
  await using repo = await tempRepo({ file: 'x', 'folder/inner.txt': 'x', 'plain.txt': 'x' });
  await rm(join(repo.path, 'file'));
  await repo.write('file/now inside.txt', 'y');
  await rm(join(repo.path, 'folder'), { recursive: true });
  await repo.write('folder', 'y');
  await rm(join(repo.path, 'plain.txt'));
  await symlink('folder', join(repo.path, 'plain.txt'));
  const taken = await (await repo.open()).snapshot(task, repo.path, 'x');
  expect(await repo.git(['ls-tree', '-r', '--format=%(objectmode) %(path)', taken?.commit ?? ''])).toBe(
    '100644 file/now inside.txt\n100644 folder\n120000 plain.txt',
  );
});

test('it works without any identity of a person, and in a worktree of a branch', async () => {
  await using repo = await tempRepo();
  await repo.git(['config', '--unset', 'user.name']);
  await repo.git(['config', '--unset', 'user.email']);
  await repo.git(['config', 'user.useConfigOnly', 'true']);
  const git = await repo.open();
  const path = repo.beside('task 1');
  await git.addWorktree({ path, branch: 'x', base: 'main', mine: false, include: [] });
  await repo.write('new.txt', 'x', path);
  const before = await untouchables(repo, path);
  const taken = await git.snapshot(task, path, 'x');
  expect([await names(repo, taken?.commit ?? ''), await untouchables(repo, path)]).toEqual([
    ['a.txt', 'new.txt'],
    before,
  ]);
});

test('a snapshot is shown and restored into a new folder, never over anything', async () => {
  await using repo = await tempRepo({ 'a.txt': 'one\n', 'run.sh': 'x' });
  await repo.write('sub dir/new.txt', 'unsaved');
  await symlink('a.txt', join(repo.path, 'link'));
  await chmod(join(repo.path, 'run.sh'), 0o755);
  const git = await repo.open();
  await git.snapshot(task, repo.path, 'a label\nwith a second line');
  await rm(join(repo.path, 'sub dir'), { recursive: true });
  const shown = await git.showSnapshot(task, 1);
  if (!shown) throw new Error('there must be one');
  const folder = repo.beside('re stored');
  await git.restoreSnapshot(shown, folder);
  expect({
    label: shown.label,
    recent: Math.abs(Date.now() - shown.takenAt) < 60_000,
    files: shown.files.map(({ path, status }) => `${status} ${path}`),
    restored: [
      await repo.read('a.txt', folder),
      await repo.read('sub dir/new.txt', folder),
      await readlink(join(folder, 'link')),
    ],
    again: await codeOf(git.restoreSnapshot(shown, folder)),
    unknown: await git.showSnapshot(task, 7),
    repository: await repo.git(['status', '--porcelain']),
  }).toEqual({
    label: 'a label with a second line',
    recent: true,
    files: ['added link', 'modified run.sh', 'added sub dir/new.txt'],
    restored: ['one\n', 'unsaved', 'a.txt'],
    again: 'path_exists',
    unknown: undefined,
    repository: ' M run.sh\n?? link',
  });
});

test('a landed task keeps its last snapshot, and old ones of ended tasks are dropped', async () => {
  await using repo = await tempRepo();
  const other = 'tbbbbbbbbb' as TaskId;
  const git = await repo.open();
  for (let i = 0; i < 12; i += 1) {
    await repo.write('a.txt', `${i}\n`);
    await git.snapshot(task, repo.path, `${i}`);
  }
  await git.snapshot(other, repo.path, 'other');
  const kept = async () => (await git.listSnapshots()).map((one) => `${one.task} ${one.number}`);
  const before = (await kept()).length;
  await git.thinSnapshots([other, 'tcccccccc' as TaskId]);
  const untouched = (await kept()).length;
  await git.thinSnapshots([other, task]);
  const thinned = await kept();
  await git.thinSnapshots([task]);
  await repo.write('a.txt', 'next\n');
  await git.snapshot(task, repo.path, 'next');
  const young = await git.expireSnapshots([task], Date.now() - 60_000);
  const old = await git.expireSnapshots([task], Date.now() + 60_000);
  expect([before - untouched, thinned, young, old, await kept()]).toEqual([
    0,
    [`${task} 12`, `${other} 1`],
    0,
    2,
    [`${other} 1`],
  ]);
});

test('two at once get numbers of their own', async () => {
  await using repo = await tempRepo();
  const git = await repo.open();
  await repo.write('a.txt', 'two\n');
  const taken = await Promise.all([1, 2, 3, 4].map((i) => git.snapshot(task, repo.path, `${i}`)));
  const kept = taken.filter((one) => one !== undefined);
  expect((await git.listSnapshots(task)).map(({ number }) => number)).toEqual(kept.map((_, i) => i + 1));
});

test('aborting ends a snapshot and leaves nothing behind', async () => {
  await using repo = await tempRepo();
  // A file filter that never ends stands for a tree that takes long.
  await repo.git(['config', 'filter.slow.clean', `echo > '${repo.beside('started')}'; sleep 100`]);
  await writeFile(join(repo.path, '.gitattributes'), 'slow.txt filter=slow\n');
  await repo.write('slow.txt', 'x');
  const stop = new AbortController();
  const git = await repo.open({ signal: stop.signal });
  const snapshot = git.snapshot(task, repo.path, 'x');
  await Promise.race([
    waitFor('the filter', () => readFile(repo.beside('started'), 'utf8').then(() => true)),
    snapshot,
  ]);
  stop.abort();
  await expect(snapshot).rejects.toThrow('aborted');
  expect(await (await repo.open()).listSnapshots()).toEqual([]);
});
