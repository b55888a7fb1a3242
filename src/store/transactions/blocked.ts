import type { RefusedClaim, WantedClaim } from '../../core/model/claim.ts';
import { type ClaimModes, wantedOf } from '../../core/model/claim.ts';
import type { TaskId } from '../../core/model/ids.ts';
import { newId } from '../../core/model/ids.ts';
import { declaredPaths } from '../../core/model/scope.ts';
import type { Task } from '../../core/model/task.ts';
import { chance } from '../chance.ts';
import { plain, type Tx } from '../transaction.ts';
import { takeClaims, waitFor } from './claims.ts';
import { refusals } from './refusals.ts';
import { tellWaiting } from './release.ts';
import type { RepoScope } from './scope.ts';
import { blockedOf, forget, makeWay, waitsOf } from './waits.ts';

/**
 * Claims what a task has declared, and what it waits for in the queue, before it is leased. False when others hold some of
 * it: nothing is claimed then, and what it waits for is noted.
 */
export function* claimBeforeLease(
  scope: RepoScope,
  { task, modes, now }: { task: Pick<Task, 'id' | 'options'>; modes: ClaimModes; now: number },
): Tx<boolean> {
  const waits = yield* waitsOf(scope, task.id, 'queue');
  if (task.options.paths === undefined && waits.length === 0) return true;
  const paths = wantedOf(modes, [
    ...declaredPaths(task.options.paths),
    ...waits.map(({ kind, path }) => ({ kind, path })),
  ]);
  const ids = paths.map(() => newId('claim', chance));
  const wanted = { party: task.id, paths, origin: 'declared', ids, now } as const;
  let taken = yield* takeClaims(scope, wanted);
  const freed = taken.kind === 'refused' ? yield* makeWay(scope, task.id, taken.blocked, now) : [];
  if (freed.length > 0) {
    taken = yield* takeClaims(scope, wanted);
    // What the task did not need of them others may have waited for.
    yield* tellWaiting(scope, freed, now);
  }
  if (taken.kind === 'refused') yield* waitFor(scope, task.id, 'queue', taken.blocked, now);
  else yield* forget(scope, task.id, 'queue');
  return taken.kind !== 'refused';
}

/** Which queued tasks are not leased because others hold files that they have declared, and who. */
export function* blockedTasks(
  scope: RepoScope,
  now: number,
): Tx<readonly ({ readonly task: TaskId } & RefusedClaim)[]> {
  const waits = yield* plain<WantedClaim & { readonly party: TaskId }>(
    `select w.* from claim_waits w join tasks t on t.id = w.party
     where w.repo = ? and w.wanted_by = 'queue' and t.state = 'queued' order by t.position, w.key`,
    scope.repo,
  );
  const blocked: ({ readonly task: TaskId } & RefusedClaim)[] = [];
  for (const wait of waits) {
    const inTheWay = yield* blockedOf(scope, wait.party, [wait]);
    for (const refused of yield* refusals(scope, inTheWay, now)) blocked.push({ task: wait.party, ...refused });
  }
  return blocked;
}
