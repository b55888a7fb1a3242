import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { Teamwork } from '../core/flow/teamwork.ts';
import type { RandomBytes } from '../core/model/ids.ts';
import { worktreeVariable } from '../core/model/process.ts';
import { claimPaths } from '../git/claimPaths.ts';
import { readFamily } from '../process/family.ts';
import { openLean } from '../store/lean.ts';
import type { ExitCode } from './exitCodes.ts';
import type { LeanVerb } from './leanNames.ts';
import { isLeanVerb } from './leanNames.ts';
import { leanPlace, maySet, parseLine } from './leanPlace.ts';
import { openOutput } from './output.ts';
import type { Speaker } from './speaker.ts';
import { whoSpeaks, workerVariable } from './speaker.ts';
import { claim, claims, unclaim } from './team/claim.ts';
import { broadcast, inbox, message, reply, sync } from './team/messages.ts';
import type { Given, Verb } from './team/verb.ts';

/** The verbs that a session uses all the time. */
const verbs: Readonly<Record<LeanVerb, Verb>> = { sync, claim, claims, unclaim, message, broadcast, inbox, reply };

/**
 * Does what a session's verb asks for, without argument parser, git or settings files, in about the time that Node needs to
 * start. Returns undefined for whatever is not plain and good; then nothing was changed, and the whole program says why.
 */
export async function answerVerb(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<ExitCode | undefined> {
  // Elsewhere the family of a process is told by other programs only.
  const line = process.platform === 'linux' ? parseLine(argv, env) : undefined;
  const call = line && parseVerb(line.words);
  const place = call && leanPlace(line);
  if (line === undefined || call === undefined || place === undefined) return undefined;
  if (call.verb === claim && maySet(place, 'claims', env)) return undefined;
  const store = await openLean({ path: place.store, commonDir: place.commonDir });
  if (store === undefined) return undefined;
  try {
    const voice = await whoSpeaks(speakerOf(call.worker, env), store, systemClock.now());
    if ('refused' in voice) return undefined;
    const team = new Teamwork({ store, clock: systemClock, random, modes: async () => ({}) }, voice.party);
    return await call.verb.run(
      {
        team,
        output: openOutput(line.json, env),
        paths: (texts) => claimPaths(texts, { commonDir: place.commonDir, folder: line.folder }),
        now: () => systemClock.now(),
      },
      call.words,
      call.given,
    );
  } catch (error) {
    // Said in words by the whole program, which comes to the same end: a verb that throws has changed nothing.
    if (AppError.is(error)) return undefined;
    throw error;
  } finally {
    store.dispose();
  }
}

const speakerOf = (named: string | undefined, env: NodeJS.ProcessEnv): Speaker => ({
  named,
  worker: env[workerVariable],
  worktree: env[worktreeVariable],
  folder: realpathSync.native(process.cwd()),
  family: readFamily(),
});

/** Where Linux has its chance: what Node has for it takes as long to load as everything else here. */
const random: RandomBytes = (length) => {
  const file = openSync('/dev/urandom', 'r');
  try {
    const bytes = new Uint8Array(length);
    for (let read = 0; read < length; ) read += readSync(file, bytes, read, length - read, null);
    return bytes;
  } finally {
    closeSync(file);
  }
};

interface Call {
  readonly verb: Verb;
  readonly words: readonly string[];
  readonly given: Given;
  /** `--worker`. */
  readonly worker: string | undefined;
}

/** Reads a plain line as the whole program would; undefined for what is anything else. */
function parseVerb([name = '', ...rest]: readonly string[]): Call | undefined {
  const verb = isLeanVerb(name) ? verbs[name] : undefined;
  if (verb === undefined) return undefined;
  const words: string[] = [];
  const given: Record<string, string | true> = {};
  let worker: string | undefined;
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? '';
    const next = rest[at + 1];
    const value = next === undefined || next.startsWith('-') ? undefined : next;
    if (word === '--worker') {
      if (!value) return undefined;
      worker = value;
      at += 1;
    } else if (word.startsWith('-')) {
      const option = Object.hasOwn(verb.options, word.slice(2)) ? verb.options[word.slice(2) as never] : undefined;
      const { flags, isWhole } = (option ?? { isWhole: true }) as Verb['options'][string];
      const takesValue = flags?.includes('<') || (flags?.includes('[') && value !== undefined);
      if (isWhole || !word.startsWith('--') || (takesValue && value === undefined)) return undefined;
      given[word.slice(2)] = takesValue ? (value as string) : true;
      if (takesValue) at += 1;
    } else words.push(word);
  }
  const least = verb.arguments.filter((argument) => argument.name.startsWith('<')).length;
  const most = verb.arguments.some((argument) => argument.name.includes('...'))
    ? Number.POSITIVE_INFINITY
    : verb.arguments.length;
  return words.length >= least && words.length <= most ? { verb, words, given, worker } : undefined;
}
