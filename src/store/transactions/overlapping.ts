import type { Claim, ClaimOrigin, ClaimPath, WantedClaim } from '../../core/model/claim.ts';
import { collides, foldersAbove, keyOf, overlaps } from '../../core/model/claim.ts';
import { globFolder } from '../../core/model/glob.ts';
import type { ClaimId, TaskId } from '../../core/model/ids.ts';
import type { Party } from '../../core/model/party.ts';
import { isGuest, isTask } from '../../core/model/party.ts';
import { claimOf } from '../rows.ts';
import type { ClaimDetailRow } from '../tables.ts';
import { plain, type Tx } from '../transaction.ts';
import type { RepoScope } from './scope.ts';

/** A live claim as far as it takes to judge. */
export interface Live extends WantedClaim {
  readonly id: ClaimId;
  readonly holder: Party;
  readonly origin?: ClaimOrigin;
}

/** Where a path is looked for: itself, or the folder that all that a glob matches is in. */
export const anchorOf = ({ kind, path }: ClaimPath): string =>
  kind === 'glob' ? globFolder(keyOf(path)) : keyOf(path);

/** Rows of claims, or of what is waited for, that may overlap a path. Whatever does has its anchor above, at or below that of the path. */
function* near<Row>(scope: RepoScope, table: 'claims' | 'claim_waits', path: ClaimPath): Tx<readonly Row[]> {
  const anchor = anchorOf(path);
  const above = [...new Set(['', ...foldersAbove(path), anchor])];
  const found = yield* plain<Row>(
    `select * from ${table} where repo = ? and anchor in (${above.map(() => '?').join(', ')})`,
    scope.repo,
    ...above,
  );
  if (path.kind === 'file') return found;
  const [from, to] = anchor === '' ? ['\u0001', undefined] : [`${anchor}/`, `${anchor}0`];
  const below = yield* plain<Row>(
    `select * from ${table} where repo = ? and anchor >= ? ${to === undefined ? '' : 'and anchor < ?'}`,
    scope.repo,
    from,
    ...(to === undefined ? [] : [to]),
  );
  return [...found, ...below];
}

/** Live claims that overlap a path. */
export function* overlapping(scope: RepoScope, path: ClaimPath): Tx<readonly Live[]> {
  return (yield* near<Live>(scope, 'claims', path)).filter((live) => overlaps(path, live));
}

/** Something that somebody waits for. */
export interface Wait extends WantedClaim {
  readonly party: Party;
  /** `queue`: the task is not leased until it is free, and need not be told. */
  readonly wanted_by: 'party' | 'queue';
  readonly key: string;
}

/** What others wait for that overlaps a path. */
export function* waitsOn(scope: RepoScope, path: ClaimPath): Tx<readonly Wait[]> {
  return (yield* near<Wait>(scope, 'claim_waits', path)).filter((wait) => overlaps(path, wait));
}

/**
 * Tasks that do not stand in this one's way: those it comes after, directly or not, once they are handed over, as it builds on
 * what they did; and those that come after it, as they build on what it does.
 */
function* inOneLine(party: Party): Tx<ReadonlySet<Party>> {
  if (!isTask(party)) return new Set();
  const before = yield* plain<{ id: TaskId }>(
    `with recursive before (task) as (
       select waits_for from dependencies where task = ?
       union select d.waits_for from before b join dependencies d on d.task = b.task
     ) select t.id from before b join tasks t on t.id = b.task where t.state in ('in_review', 'approved', 'merging')`,
    party,
  );
  const after = yield* plain<{ id: TaskId }>(
    `with recursive later (task) as (
       select task from dependencies where waits_for = ?
       union select d.task from later l join dependencies d on d.waits_for = l.task
     ) select task as id from later`,
    party,
  );
  return new Set([...before, ...after].map(({ id }) => id));
}

/** What live claims mean for a party that wants something. */
export interface Judgement {
  /** Its own that overlap. */
  readonly own: readonly Live[];
  /** Of others, in its way. */
  readonly blocking: readonly Live[];
  /** Of others on the same files, which the modes allow. */
  readonly beside: readonly Live[];
}

/** Judges what a party wants against every live claim. */
export function* judgeClaim(scope: RepoScope, party: Party, wanted: WantedClaim): Tx<Judgement> {
  const live = yield* overlapping(scope, wanted);
  const others = live.filter(({ holder }) => holder !== party);
  const exempt = others.some(({ holder }) => isTask(holder)) ? yield* inOneLine(party) : new Set<Party>();
  const counted = others.filter(({ holder }) => !exempt.has(holder));
  return {
    own: live.filter(({ holder }) => holder === party),
    blocking: counted.filter((each) => collides(wanted, each)),
    beside: counted.filter((each) => !collides(wanted, each)),
  };
}

/** What is told of the holder of each row of `c`, which has `repo` and `holder`. */
const withHolder = (rows: string): string => `select c.*, t.title, w.id as worker, w.name as worker_name,
    coalesce(l.renewed_at + l.ms, g.renewed_at + g.ms) as expires_at
  from ${rows} c
  left join tasks t on t.id = c.holder
  left join workers w on w.id = t.worker
  left join leases l on l.repo = c.repo and l.token = t.lease_token
  left join leases g on g.repo = c.repo and c.holder like '@%' and g.name = 'guest/' || substr(c.holder, 2)`;

/** Every holder of claims in a repository, once. */
export const holders = withHolder('(select distinct repo, holder from claims where repo = ?)');

/** Claims in full; those of guests that have been silent for too long are none any more. */
export function* describe(
  scope: RepoScope,
  claims: readonly Pick<Live, 'id'>[],
  now: number,
): Tx<ReadonlyMap<ClaimId, Claim>> {
  const found = new Map<ClaimId, Claim>();
  for (const { id } of claims) {
    if (found.has(id)) continue;
    const [row] = yield* plain<ClaimDetailRow>(`${withHolder('claims')} where c.repo = ? and c.id = ?`, scope.repo, id);
    const claim = row && claimOf(row);
    if (claim && !isOver(claim, now)) found.set(id, claim);
  }
  return found;
}

/** True of a claim of a guest that nobody has heard of for too long. */
export const isOver = ({ holder, expiresAt }: Claim, now: number): boolean =>
  isGuest(holder) && (expiresAt === undefined || expiresAt < now);
