import { resolve } from 'node:path';
import { messageOf, UsageError } from '../base/errors.ts';
import type { OpenSwarm } from '../bridge/open.ts';
import type { PartialSettings } from '../core/settings.ts';
import type { ExitCode } from './exitCodes.ts';
import { commandLineFace } from './face.ts';
import type { Output } from './output.ts';

/** The options that every command has. */
export interface GlobalOptions {
  /** Folders to go to first, one after the other, as git's `-C`. */
  readonly C?: readonly string[];
  readonly json?: boolean;
  readonly store?: string;
}

/** One call of the program: what the command line, the environment and the terminal say. */
export interface Invocation {
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
  /** The folder in which the program was started, before `-C`. */
  readonly startedIn: string;
  /** The store that was named; absent: the repository's own. */
  readonly store: string | undefined;
}

/** What a command does; returns how the process ends. */
export type Run<Args extends readonly unknown[]> = (invocation: Invocation, ...args: Args) => Promise<ExitCode>;

/** Goes where `-C` says and reads what holds for every command. Throws a UsageError for a folder that is none. */
export function invocationOf(options: GlobalOptions, output: Output, env: NodeJS.ProcessEnv): Invocation {
  const startedIn = process.cwd();
  for (const folder of options.C ?? []) {
    try {
      process.chdir(folder);
    } catch (error) {
      throw new UsageError(`cannot go to ${folder}`, { cause: messageOf(error) });
    }
  }
  return { output, env, startedIn, store: storeFile(options.store ?? env.SWARM_STORE) };
}

function storeFile(named: string | undefined): string | undefined {
  if (named === undefined || named === '') return undefined;
  if (/^[a-z]+:\/\//i.test(named)) {
    throw new UsageError(`the store must be a file, not ${named.replace(/:.*/s, '://…')}`, {
      hint: 'Give the path of a file with --store or $SWARM_STORE, or none for the repository’s own store.',
    });
  }
  return resolve(named);
}

/** Opens the swarm of the repository around the current folder, runs `body` with it and lets it go. */
export async function withSwarm<T>(
  invocation: Invocation,
  body: (opened: OpenSwarm) => Promise<T>,
  own: () => PartialSettings | Promise<PartialSettings> = () => ({}),
): Promise<T> {
  const { openSwarm } = await import('../bridge/open.ts');
  const { isTrusted } = await import('./trust.ts');
  const opened = await openSwarm({
    folder: process.cwd(),
    face: commandLineFace(),
    own,
    trusted: (root) => isTrusted(root, invocation.env),
    ...(invocation.store === undefined ? {} : { store: invocation.store }),
  });
  try {
    return await body(opened);
  } finally {
    opened.dispose();
  }
}
