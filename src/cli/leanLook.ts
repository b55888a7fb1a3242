import { existsSync } from 'node:fs';
import { emptyOverview } from '../core/model/snapshot.ts';
import type { Glance } from '../store/glance.ts';
import { glance } from '../store/glance.ts';
import type { ExitCode } from './exitCodes.ts';
import { exitCodes } from './exitCodes.ts';
import type { LeanPlace } from './leanPlace.ts';
import { leanPlace, maySet, parseLine } from './leanPlace.ts';
import { showStatus, showTasks } from './look.ts';
import { openOutput } from './output.ts';

/**
 * Answers `status` and `task list` without argument parser, git or settings files, in about the time that Node needs to
 * start. Returns undefined for whatever is not plain and good; then the whole program says what there is to say.
 */
export function answerLook(argv: readonly string[], env: NodeJS.ProcessEnv): ExitCode | undefined {
  const line = parseLine(argv, env);
  const verb = line?.words.join(' ');
  if (line === undefined || (verb !== 'status' && verb !== 'task list')) return undefined;
  const place = leanPlace(line);
  const seen = place === undefined || maySet(place, 'startAfter', env) ? undefined : read(place);
  if (seen === undefined) return undefined;
  const output = openOutput(line.json, env);
  if (verb === 'status') showStatus(seen.overview, seen.claims, 'merged', output);
  else showTasks(seen.overview, 'merged', output);
  return exitCodes.done;
}

function read({ store: path, commonDir }: LeanPlace): Omit<Glance, 'repo'> | undefined {
  if (existsSync(path)) return glance({ path, commonDir });
  // A store that has vanished is not the same as none.
  return existsSync(`${path}.initialised`) ? undefined : { overview: emptyOverview, claims: [] };
}
