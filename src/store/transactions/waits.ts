import type { ClaimPath, WantedClaim } from '../../core/model/claim.ts';
import { keyOf } from '../../core/model/claim.ts';
import type { TaskId } from '../../core/model/ids.ts';
import type { Party } from '../../core/model/party.ts';
import { isTask } from '../../core/model/party.ts';
import { plain, type Tx } from '../transaction.ts';
import { append } from './events.ts';
import { anchorOf, judgeClaim, type Live, type Wait } from './overlapping.ts';
import { titleOf } from './parties.ts';
import { listed } from './release.ts';
import { next, type RepoScope } from './scope.ts';

/** Something wanted, and what is in its way. */
export interface Blocked {
  readonly wanted: WantedClaim;
  readonly by: readonly Live[];
}

/** What a party waits for by itself, or a task in the queue. */
export function* waitsOf(scope: RepoScope, party: Party, wantedBy: Wait['wanted_by']): Tx<readonly Wait[]> {
  return yield* plain<Wait>(
    'select * from claim_waits where repo = ? and party = ? and wanted_by = ? order by key',
    scope.repo,
    party,
    wantedBy,
  );
}

/** Which of what a party wants is in the hands of others. */
export function* blockedOf(scope: RepoScope, party: Party, wanted: readonly WantedClaim[]): Tx<readonly Blocked[]> {
  const blocked: Blocked[] = [];
  for (const each of wanted) {
    const { blocking } = yield* judgeClaim(scope, party, each);
    if (blocking.length > 0) blocked.push({ wanted: each, by: blocking });
  }
  return blocked;
}

/** See `TeamStore.wants`. */
export function* wants(scope: RepoScope, party: Party): Tx<readonly ClaimPath[]> {
  return (yield* waitsOf(scope, party, 'party')).map(({ kind, path }) => ({ kind, path }));
}

/** Remembers what a party wants. Returns what was not remembered before, or was free meanwhile. */
export function* remember(
  scope: RepoScope,
  party: Party,
  wantedBy: Wait['wanted_by'],
  wanted: readonly WantedClaim[],
): Tx<ReadonlySet<WantedClaim>> {
  const added = new Set<WantedClaim>();
  for (const each of wanted) {
    const { kind, path, mode } = each;
    const rows = yield* plain(
      `insert into claim_waits (repo, party, wanted_by, told, kind, path, key, anchor, mode)
       values (?, ?, ?, 0, ?, ?, ?, ?, ?)
       on conflict (repo, party, wanted_by, kind, key) do update set told = 0 where claim_waits.told = 1
       returning key`,
      scope.repo,
      party,
      wantedBy,
      kind,
      path,
      keyOf(path),
      anchorOf(each),
      mode,
    );
    if (rows.length > 0) added.add(each);
  }
  return added;
}

/** A session has ended its turn without what it was refused: its task waits for that in the queue. */
export function* waitInQueue(scope: RepoScope, task: TaskId): Tx<void> {
  yield* remember(scope, task, 'queue', yield* waitsOf(scope, task, 'party'));
  yield* forget(scope, task, 'party');
}

/** Wants nothing of that kind any more. */
export function* forget({ repo }: RepoScope, party: Party, wantedBy: Wait['wanted_by']): Tx<void> {
  yield* plain('delete from claim_waits where repo = ? and party = ? and wanted_by = ?', repo, party, wantedBy);
}

/**
 * Where tasks in the queue hold what this one wants while they wait, directly or not, for what it holds, none of them would
 * ever go on. They give these claims up, and wait for them in their turn; what they did stays in their worktrees, and is merged with
 * what comes of this task. Returns the claims that are free now; none when something else is in the way, and nothing is changed then.
 */
export function* makeWay(
  scope: RepoScope,
  task: TaskId,
  blocked: readonly Blocked[],
  now: number,
): Tx<readonly Live[]> {
  const given = new Map<TaskId, Live[]>();
  for (const live of new Set(blocked.flatMap(({ by }) => by))) {
    const { holder } = live;
    if (!isTask(holder) || !(yield* waitsForTask(scope, holder, task, new Set()))) return [];
    given.set(holder, [...(given.get(holder) ?? []), live]);
  }
  for (const [holder, claims] of given) {
    for (const { id } of claims) yield* plain('delete from claims where repo = ? and id = ?', scope.repo, id);
    yield* remember(scope, holder, 'queue', claims);
    const text = `${listed(claims)}: given up for “${yield* titleOf(scope, task)}”, as both would wait for ever`;
    yield* append(scope, { kind: 'claim.released', at: now, task: holder, text });
  }
  yield* next(scope, 'claim');
  return [...given.values()].flat();
}

function* waitsForTask(scope: RepoScope, waiting: TaskId, task: TaskId, seen: Set<TaskId>): Tx<boolean> {
  if (seen.has(waiting)) return false;
  seen.add(waiting);
  const [row] = yield* plain<{ state: string }>('select state from tasks where id = ?', waiting);
  if (row?.state !== 'queued') return false;
  const blocked = yield* blockedOf(scope, waiting, yield* waitsOf(scope, waiting, 'queue'));
  for (const { holder } of blocked.flatMap(({ by }) => by)) {
    if (holder === task) return true;
    if (isTask(holder) && (yield* waitsForTask(scope, holder, task, seen))) return true;
  }
  return false;
}
