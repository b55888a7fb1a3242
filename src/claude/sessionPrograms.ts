import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** What the small programs of a session are made of. */
export interface SessionPrograms {
  /** A folder for them alone, outside of the repository. */
  readonly folder: string;
  /** Where the worker listens. */
  readonly url: string;
  /** The file of our command line. */
  readonly cli: string;
  /** The environment that the session is to have, so far. */
  readonly env: NodeJS.ProcessEnv;
}

/** Every hook that git looks for in a repository that people work in. */
export const hookNames = [
  'applypatch-msg',
  'commit-msg',
  'fsmonitor-watchman',
  'post-applypatch',
  'post-checkout',
  'post-commit',
  'post-index-change',
  'post-merge',
  'post-rewrite',
  'pre-applypatch',
  'pre-auto-gc',
  'pre-commit',
  'pre-merge-commit',
  'pre-push',
  'pre-rebase',
  'prepare-commit-msg',
  'push-to-checkout',
  'reference-transaction',
  'sendemail-validate',
] as const;

/**
 * Writes a session's `swarm` and its guard of commits, and returns the environment in which they are found. The guard comes
 * before the repository's own hooks, which follow as ever; nothing is written into the repository or its configuration.
 */
export async function writePrograms({ folder, url, cli, env }: SessionPrograms): Promise<NodeJS.ProcessEnv> {
  const bin = join(folder, 'bin');
  const hooks = join(folder, 'hooks');
  const check = join(folder, 'check.cjs');
  await Promise.all([bin, hooks].map((each) => mkdir(each, { recursive: true, mode: 0o700 })));
  const index = Number(/^\d+$/.exec(env.GIT_CONFIG_COUNT ?? '')?.[0] ?? 0);
  await Promise.all([
    writeFile(check, checkProgram, { mode: 0o600 }),
    writeFile(
      join(bin, 'swarm.cmd'),
      `@echo off\r\nsetlocal\r\nset ELECTRON_RUN_AS_NODE=1\r\n"${process.execPath}" "${cli}" %*\r\n`,
    ),
    writeExecutable(join(bin, 'swarm'), `ELECTRON_RUN_AS_NODE=1 exec ${word(process.execPath)} ${word(cli)} "$@"\n`),
    ...hookNames.map((name) => {
      const own =
        name === 'pre-commit'
          ? `ELECTRON_RUN_AS_NODE=1 ${word(process.execPath)} ${word(check)} ${word(`${url}/commit`)} </dev/null || exit 1\n`
          : '';
      return writeExecutable(join(hooks, name), own + chain(name, index));
    }),
  ]);
  const path = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return {
    ...env,
    [path]: [bin, env[path]].filter(Boolean).join(delimiter),
    GIT_CONFIG_COUNT: String(index + 1),
    [`GIT_CONFIG_KEY_${index}`]: 'core.hooksPath',
    [`GIT_CONFIG_VALUE_${index}`]: hooks,
  };
}

/** Goes on with the hook that git would have run without us; our own setting, one of several perhaps, is made to mean nothing. */
const chain = (
  name: string,
  index: number,
): string => `own=$(GIT_CONFIG_KEY_${index}=swarm.nothing git rev-parse --git-path hooks) || exit 1
own=$own/${name}
if [ -f "$own" ] && [ -x "$own" ]; then exec "$own" "$@"; fi
`;

const writeExecutable = async (file: string, script: string): Promise<void> => {
  await writeFile(file, `#!/bin/sh\n${script}`);
  await chmod(file, 0o700);
};

/** One word of a shell's command, whatever is in it. */
const word = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Asks whether what is staged may be committed. A program of its own that needs nothing but Node's own modules: it runs
 * before each commit, on whatever Node or Electron the worker runs on.
 */
const checkProgram = `'use strict';
const { execFileSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { request } = require('node:http');

const refuse = (reason) => {
  process.stderr.write('swarm: nothing was committed: ' + reason + '\\n');
  process.exit(1);
};
const git = (...args) => execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1e9 });
const staged = (...against) =>
  git('diff', '--cached', '--name-only', '--no-renames', '--no-ext-diff', '-z', ...against, '--').split('\\0').filter(Boolean);

try {
  let paths = staged();
  // What a merge brings along unchanged is the work of others.
  if (existsSync(git('rev-parse', '--git-path', 'MERGE_HEAD').replace(/\\n$/, ''))) {
    const changed = new Set(staged('MERGE_HEAD'));
    paths = paths.filter((path) => changed.has(path));
  }
  const headers = { 'content-type': 'application/json', authorization: 'Bearer ' + process.env.SWARM_TOKEN };
  const asked = request(process.argv[2], { method: 'POST', headers, timeout: 8000 }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part) => (text += part));
    response.on('end', () => {
      try {
        if (response.statusCode !== 200) throw new Error('its worker answered ' + response.statusCode);
        const { allowed, refused } = JSON.parse(text);
        if (allowed !== true) refuse(refused ?? 'its worker gave no answer');
      } catch (error) {
        refuse(error.message);
      }
    });
    response.on('error', (error) => refuse(error.message));
  });
  asked.on('timeout', () => asked.destroy(new Error('its worker did not answer')));
  asked.on('error', (error) => refuse('its worker cannot be asked: ' + error.message));
  asked.end(JSON.stringify({ paths }));
} catch (error) {
  refuse(error.message);
}
`;
