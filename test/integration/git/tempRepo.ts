import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { TaskId } from '../../../src/core/model/ids.ts';
import { type OpenOptions, openRepo, type Repo } from '../../../src/git/open.ts';
import { tempFolder } from '../../support/tempFolder.ts';

export const task = 'taaaaaaaaa' as TaskId;

/** A real repository with one commit on `main`, in a folder whose name has a space and an umlaut. */
export interface TempRepo extends AsyncDisposable {
  readonly path: string;
  /** A path beside the repository. */
  beside(name: string): string;
  /** The environment of a person whose home folder is empty. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs git in the repository, or in `folder`, and returns what it prints. */
  git(args: readonly string[], folder?: string): Promise<string>;
  /** Writes a file, with its folders. */
  write(path: string, content: string | Uint8Array, folder?: string): Promise<void>;
  read(path: string, folder?: string): Promise<string>;
  /** Writes files and commits everything; returns the commit. */
  commit(files: Readonly<Record<string, string>>, folder?: string): Promise<string>;
  open(options?: OpenOptions): Promise<Repo>;
}

export async function tempRepo(files: Readonly<Record<string, string>> = { 'a.txt': 'one\n' }): Promise<TempRepo> {
  const temp = await tempFolder();
  const path = join(temp.path, 'my répo');
  await mkdir(path);
  const env = { PATH: process.env.PATH, HOME: temp.path, XDG_CONFIG_HOME: join(temp.path, '.config') };
  const repo: TempRepo = {
    path,
    env,
    beside: (name) => join(temp.path, name),
    async git(args, folder = path) {
      return (await execa('git', args, { cwd: folder, env, extendEnv: false })).stdout;
    },
    async write(name, content, folder = path) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    },
    read: (name, folder = path) => readFile(join(folder, name), 'utf8'),
    async commit(contents, folder = path) {
      for (const [name, content] of Object.entries(contents)) await repo.write(name, content, folder);
      await repo.git(['add', '--all'], folder);
      await repo.git(['commit', '--quiet', '--allow-empty', '-m', Object.keys(contents).join(' ') || 'empty'], folder);
      return repo.git(['rev-parse', 'HEAD'], folder);
    },
    open: (options) => openRepo(path, { env, ...options }),
    [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose](),
  };
  await repo.git(['init', '--quiet', '-b', 'main']);
  await repo.git(['config', 'user.name', 'Ada']);
  await repo.git(['config', 'user.email', 'ada@example.com']);
  await repo.commit(files);
  return repo;
}

/** Makes a folder to look for programs in that holds git alone, with `variables` (shell words) in its environment. */
export async function gitAlone({ beside, env }: TempRepo, variables = ''): Promise<string> {
  const { stdout: git } = await execa('/bin/sh', ['-c', 'command -v git'], { env });
  const folder = beside('programs');
  await mkdir(folder);
  await writeFile(join(folder, 'git'), `#!/bin/sh\n${variables} exec '${git}' "$@"\n`, { mode: 0o755 });
  return folder;
}

/** The code of the error that a promise ends with; the value as it is when it does not fail. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: { code?: unknown }) => error.code ?? error);
}

/** An environment whose git runs a line of shell first, once, when it is called with `words`; `$real` is the true git. */
export async function gitThatFirst(repo: TempRepo, words: string, action: string): Promise<NodeJS.ProcessEnv> {
  const done = repo.beside('done');
  await repo.write(
    'bin/git',
    `#!/bin/sh
real='${join(await repo.git(['--exec-path']), 'git')}'
case "$*" in *'${words}'*)
  if [ ! -e '${done}' ]; then : > '${done}'; ${action}; fi;;
esac
exec "$real" "$@"
`,
    repo.beside('.'),
  );
  await chmod(repo.beside('bin/git'), 0o755);
  return { ...repo.env, PATH: `${repo.beside('bin')}:${repo.env.PATH}` };
}
