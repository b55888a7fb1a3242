import { existsSync } from 'node:fs';
import type { Glance } from '../store/glance.ts';
import { glance } from '../store/glance.ts';
import type { ExitCode } from './exitCodes.ts';
import { exitCodes } from './exitCodes.ts';
import type { LeanLine, LeanPlace } from './leanPlace.ts';
import { leanPlace, maySet, parseLine } from './leanPlace.ts';
import { showStatus, showTasks } from './look.ts';
import { openOutput } from './output.ts';
import { answerVerb, isLeanVerb } from './team/leanVerb.ts';

/**
 * Answers what prompts, status lines and sessions ask all the time (`status`, `task list`, the verbs of a session) without
 * argument parser, git or settings files, in about the time that Node needs to start. Returns undefined for whatever is not
 * plain and good; then the whole program says what there is to say.
 */
export async function answerLean(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<ExitCode | undefined> {
  if (!argv.some((word) => word === 'status' || word === 'task' || isLeanVerb(word))) return undefined;
  const line = parseLine(argv, env);
  if (line === undefined) return undefined;
  const place = leanPlace(line);
  if (place === undefined) return undefined;
  const verb = line.words.join(' ');
  return verb === 'status' || verb === 'task list' ? look(verb, line, place, env) : answerVerb(line, place, env);
}

function look(
  verb: 'status' | 'task list',
  { json }: LeanLine,
  place: LeanPlace,
  env: NodeJS.ProcessEnv,
): ExitCode | undefined {
  const seen = maySet(place, 'startAfter', env) ? undefined : read(place);
  if (seen === undefined) return undefined;
  const output = openOutput(json, env);
  if (verb === 'status') showStatus(seen.overview, seen.claims, 'merged', output);
  else showTasks(seen.overview, 'merged', output);
  return exitCodes.done;
}

function read({ store: path, commonDir }: LeanPlace): Omit<Glance, 'repo'> | undefined {
  if (existsSync(path)) return glance({ path, commonDir });
  // A store that has vanished is not the same as none.
  return existsSync(`${path}.initialised`) ? undefined : nothing;
}

const nothing: Omit<Glance, 'repo'> = {
  claims: [],
  overview: {
    seq: 0,
    workers: [],
    tasks: [],
    batches: [],
    sessions: [],
    reviews: [],
    entries: [],
    blocked: [],
    changes: { claims: 0, messages: 0, context: 0 },
    unread: 0,
  },
};
