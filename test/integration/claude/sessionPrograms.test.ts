import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import { answerCommit } from '../../../src/claude/commitDoor.ts';
import { hookNames, writePrograms } from '../../../src/claude/sessionPrograms.ts';
import type { SessionTeam } from '../../../src/core/ports.ts';
import { openEndpoint } from '../../../src/worker/endpoint.ts';
import { tempFolder } from '../../support/tempFolder.ts';

interface Ran {
  readonly code: number;
  readonly said: string;
}

type Ask = SessionTeam['mayCommit'];
const allow: Ask = async () => undefined;

/** A repository with a worktree, and the environment of a session in it; `asked` is what was asked of the team. */
async function guarded(mayCommit: Ask = allow, person: NodeJS.ProcessEnv = {}) {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await tempFolder());
  const endpoint = stack.use(await openEndpoint(silentLog));
  const asked: (readonly string[])[] = [];
  const team = {
    mayCommit: async (paths: readonly string[]) => {
      asked.push(paths);
      return await mayCommit(paths);
    },
  };
  const door = endpoint.openDoor({ '/commit': (body) => answerCommit(team, body) });
  const plain = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...person };
  const run = async (cwd: string, env: NodeJS.ProcessEnv, program: string, ...args: string[]): Promise<Ran> =>
    promisify(execFile)(program, args, { cwd, env }).then(
      ({ stdout, stderr }) => ({ code: 0, said: (stdout + stderr).trim() }),
      (error) => ({ code: Number(error.code), said: `${error.stdout}${error.stderr}`.trim() }),
    );
  const main = join(folder, 'main checkout');
  const worktree = join(folder, 'my worktree');
  await mkdir(main);
  const git = (...args: string[]) => run(main, plain, 'git', ...args);
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('config', 'user.name', 'Ada');
  await git('config', 'user.email', 'ada@example.com');
  await writeFile(join(main, 'a.txt'), 'one\n');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'first');
  await git('worktree', 'add', '--quiet', '-b', 'side', worktree);
  const cli = join(folder, 'our cli.mjs');
  await writeFile(cli, 'console.log(JSON.stringify([process.argv.slice(2), process.env.ELECTRON_RUN_AS_NODE]))');
  const programs = join(folder, "it's our programs");
  const env = await writePrograms({
    folder: programs,
    url: endpoint.url,
    cli,
    env: { ...plain, SWARM_TOKEN: door.token },
  });
  const disposables = stack.move();
  return {
    worktree,
    main,
    folder,
    asked,
    endpoint,
    git,
    /** As a session does. */
    session: (program: string, ...args: string[]) => run(worktree, env, program, ...args),
    withEnv: (more: NodeJS.ProcessEnv, ...args: string[]) => run(worktree, { ...env, ...more }, 'git', ...args),
    hook: async (path: string, script: string) => {
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(path, script);
      await chmod(path, 0o755);
    },
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  };
}

const commit = ['commit', '--quiet', '--allow-empty', '--message', 'work'] as const;

describe('the guard of commits', () => {
  test('asks for what is staged, by every name of it, and lets it through', async () => {
    await using repo = await guarded();
    await writeFile(join(repo.worktree, 'a new one.txt'), 'one\n');
    await writeFile(join(repo.worktree, 'not staged.txt'), 'x\n');
    await repo.session('git', 'mv', 'a.txt', 'moved.txt');
    await repo.session('git', 'add', 'a new one.txt');
    expect({ ran: await repo.session('git', ...commit), asked: repo.asked }).toEqual({
      ran: { code: 0, said: '' },
      asked: [['a new one.txt', 'a.txt', 'moved.txt']],
    });
  });

  test('refuses with the reason, and nothing is committed', async () => {
    await using repo = await guarded(async () => ({ refused: 'a.txt is claimed by worker 2' }));
    await writeFile(join(repo.worktree, 'a.txt'), 'two\n');
    const ran = await repo.session('git', 'commit', '--quiet', '--all', '--message', 'work');
    expect({ ran, log: await repo.session('git', 'log', '--format=%s') }).toEqual({
      ran: { code: 1, said: 'swarm: nothing was committed: a.txt is claimed by worker 2' },
      log: { code: 0, said: 'first' },
    });
  });

  test('does not ask for what a merge brings along', async () => {
    await using repo = await guarded();
    await writeFile(join(repo.main, 'others.txt'), 'theirs\n');
    await writeFile(join(repo.main, 'a.txt'), 'main\n');
    await repo.git('add', '.');
    await repo.git('commit', '--quiet', '--message', 'on main');
    await writeFile(join(repo.worktree, 'a.txt'), 'side\n');
    await repo.session('git', 'commit', '--quiet', '--all', '--message', 'on side');
    await repo.session('git', 'merge', 'main');
    await writeFile(join(repo.worktree, 'a.txt'), 'both\n');
    await repo.session('git', 'add', 'a.txt');
    expect({ ran: await repo.session('git', 'commit', '--quiet', '--no-edit'), asked: repo.asked }).toEqual({
      ran: { code: 0, said: '' },
      asked: [['a.txt'], ['a.txt']],
    });
  });

  test.each<[string, (repo: Awaited<ReturnType<typeof guarded>>) => Promise<NodeJS.ProcessEnv>, Ask, string]>([
    [
      'its worker is gone',
      async (repo) => repo.endpoint[Symbol.asyncDispose]().then(() => ({})),
      allow,
      'its worker cannot be asked: ',
    ],
    ['its token is not good any more', async () => ({ SWARM_TOKEN: 'another' }), allow, 'its worker answered 401'],
    ['its token was taken away', async () => ({ SWARM_TOKEN: undefined }), allow, 'its worker answered 401'],
    [
      'the store cannot be asked',
      async () => ({}),
      () => Promise.reject(new Error('the store is busy')),
      'Swarm could not find out whether other sessions hold these files: the store is busy',
    ],
  ])('refuses when %s', async (_, spoil, ask, reason) => {
    await using repo = await guarded(ask);
    const ran = await repo.withEnv(await spoil(repo), ...commit);
    expect(ran).toEqual({ code: 1, said: expect.stringContaining(`swarm: nothing was committed: ${reason}`) });
  });
});

describe('the repository’s own hooks', () => {
  const shout = (code = 0) => `#!/bin/sh\nread -r line\necho "$(basename "$0") [$*] [$line] $PWD"\nexit ${code}\n`;

  test.each(hookNames.map((name) => [name]))(
    '%s follows, with its arguments, its input and its folder',
    async (name) => {
      await using repo = await guarded();
      await repo.hook(join(repo.main, '.git', 'hooks', name), shout(3));
      const folder = (await repo.session('git', 'config', '--get', 'core.hooksPath')).said;
      expect(
        await repo.session('sh', '-c', `echo given | '${join(folder, name).replaceAll("'", `'\\''`)}' one 'two words'`),
      ).toEqual({
        code: 3,
        said: `${name} [one two words] [given] ${repo.worktree}`,
      });
    },
  );

  test('run in their order around a commit, and may refuse it', async () => {
    await using repo = await guarded();
    const note = (name: string, code = 0) =>
      repo.hook(join(repo.main, '.git', 'hooks', name), `#!/bin/sh\necho ${name} >> "$HOME/ran.txt"\nexit ${code}\n`);
    await Promise.all([note('pre-commit'), note('commit-msg', 1), note('post-commit')]);
    const refused = await repo.session('git', ...commit);
    await note('commit-msg');
    const done = await repo.session('git', ...commit);
    expect({ codes: [refused.code, done.code], ran: await readFile(join(repo.folder, 'ran.txt'), 'utf8') }).toEqual({
      codes: [1, 0],
      ran: 'pre-commit\ncommit-msg\npre-commit\ncommit-msg\npost-commit\n',
    });
  });

  test.each([
    ['in the repository’s configuration, as husky keeps them', 'relative', '.husky/_'],
    ['in the person’s configuration', 'global', '~/my hooks'],
  ])('are found where they are kept %s', async (_, kind, path) => {
    await using repo = await guarded();
    const folder = kind === 'global' ? join(repo.folder, 'my hooks') : join(repo.worktree, path);
    await repo.git('config', ...(kind === 'global' ? ['--global'] : []), 'core.hooksPath', path);
    await repo.hook(join(folder, 'pre-commit'), `#!/bin/sh\necho mine > "$HOME/ran.txt"\n`);
    await repo.hook(join(repo.main, '.git', 'hooks', 'pre-commit'), '#!/bin/sh\nexit 1\n');
    const ran = await repo.session('git', ...commit);
    expect({ ran, asked: repo.asked.length, mine: await readFile(join(repo.folder, 'ran.txt'), 'utf8') }).toEqual({
      ran: { code: 0, said: '' },
      asked: 1,
      mine: 'mine\n',
    });
  });

  test('are found in the person’s environment, whose other settings stay as well', async () => {
    const person = (hooks: string) => ({
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'core.hooksPath',
      GIT_CONFIG_VALUE_0: hooks,
      GIT_CONFIG_KEY_1: 'user.name',
      GIT_CONFIG_VALUE_1: 'Grace',
    });
    await using elsewhere = await tempFolder();
    await using repo = await guarded(allow, person(elsewhere.path));
    await repo.hook(join(elsewhere.path, 'pre-commit'), `#!/bin/sh\necho mine > "$HOME/ran.txt"\n`);
    await repo.session('git', ...commit);
    const { said: author } = await repo.session('git', 'log', '-1', '--format=%an');
    expect({ author, mine: await readFile(join(repo.folder, 'ran.txt'), 'utf8') }).toEqual({
      author: 'Grace',
      mine: 'mine\n',
    });
  });

  test('do not run when they are not executable', async () => {
    await using repo = await guarded();
    await repo.hook(join(repo.main, '.git', 'hooks', 'pre-commit'), '#!/bin/sh\nexit 1\n');
    await chmod(join(repo.main, '.git', 'hooks', 'pre-commit'), 0o644);
    expect((await repo.session('git', ...commit)).code).toBe(0);
  });
});

test('swarm is found, and runs our command line on the Node that the worker runs on', async () => {
  await using repo = await guarded();
  expect(await repo.session('swarm', 'message', 'a b', '$HOME')).toEqual({
    code: 0,
    said: JSON.stringify([['message', 'a b', '$HOME'], '1']),
  });
});

test('nothing of it is written into the repository', async () => {
  await using repo = await guarded();
  await repo.session('git', ...commit);
  expect({
    config: (await repo.git('config', '--list', '--local', '--name-only')).said.includes('hookspath'),
    status: (await repo.session('git', 'status', '--porcelain')).said,
  }).toEqual({ config: false, status: '' });
});
