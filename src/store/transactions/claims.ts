import type { Claim, ClaimAnswer, ClaimOrigin, ClaimPath, RefusedClaim, WantedClaim } from '../../core/model/claim.ts';
import { covers, keyOf, mostClaims, overlaps } from '../../core/model/claim.ts';
import type { ClaimId, TaskId } from '../../core/model/ids.ts';
import type { Party } from '../../core/model/party.ts';
import { isTask } from '../../core/model/party.ts';
import { claimOf } from '../rows.ts';
import type { ClaimRow, HolderRow } from '../tables.ts';
import { plain, type Tx } from '../transaction.ts';
import { append } from './events.ts';
import { endSilentGuests } from './guests.ts';
import { notify } from './messages.ts';
import { anchorOf, describe, holders, isOver, type Judgement, judgeClaim, type Live } from './overlapping.ts';
import { absent, titleOf } from './parties.ts';
import { refusals } from './refusals.ts';
import { listed, waitNoLonger } from './release.ts';
import { next, type RepoScope } from './scope.ts';
import { type Blocked, blockedOf, remember } from './waits.ts';

interface Wanting {
  readonly party: Party;
  readonly paths: readonly WantedClaim[];
  readonly ids: readonly ClaimId[];
  readonly now: number;
}

/** See `TeamStore.claim`. */
export function* claim(
  scope: RepoScope,
  args: Wanting & { readonly origin: Exclude<ClaimOrigin, 'found'> },
): Tx<ClaimAnswer> {
  const { party, now } = args;
  yield* endSilentGuests(scope, now);
  const refusal = yield* absent(scope, party, now);
  if (refusal !== undefined) return { kind: 'not_allowed', ...refusal };
  const answer = yield* takeClaims(scope, args);
  if (answer.kind === 'refused') yield* waitFor(scope, party, 'party', answer.blocked, now);
  if (answer.kind === 'not_allowed') return answer;
  if (answer.kind === 'refused') return { kind: 'refused', refused: yield* refusals(scope, answer.blocked, now) };
  const full = yield* describe(scope, [...answer.claims, ...answer.beside], now);
  const shown = (each: readonly Live[]) => each.flatMap(({ id }) => full.get(id) ?? []);
  return { kind: 'claimed', claims: shown(answer.claims), beside: shown(answer.beside) };
}

type Taken =
  | { readonly kind: 'claimed'; readonly claims: readonly Live[]; readonly beside: readonly Live[] }
  | { readonly kind: 'refused'; readonly blocked: readonly Blocked[] }
  | { readonly kind: 'not_allowed'; readonly refused: string };

/** A wanted claim with what live ones mean for it, and the id it will have. */
type Judged = Judgement & { readonly wanted: WantedClaim; readonly id: ClaimId | undefined };

function* judgeAll(scope: RepoScope, { party, paths, ids }: Wanting): Tx<readonly Judged[]> {
  const judged: Judged[] = [];
  for (const [index, wanted] of paths.entries()) {
    judged.push({ wanted, id: ids[index], ...(yield* judgeClaim(scope, party, wanted)) });
  }
  return judged;
}

const blockedAmong = (judged: readonly Judged[]): readonly Blocked[] =>
  judged.flatMap(({ wanted, blocking }) => (blocking.length > 0 ? [{ wanted, by: blocking }] : []));

/** Takes all of the claims, or changes nothing. */
export function* takeClaims(scope: RepoScope, args: Wanting & { readonly origin: ClaimOrigin }): Tx<Taken> {
  const judged = yield* judgeAll(scope, args);
  const blocked = blockedAmong(judged);
  return blocked.length > 0 ? { kind: 'refused', blocked } : yield* takeFree(scope, judged, args);
}

/** Takes claims in whose way nothing is. */
function* takeFree(
  scope: RepoScope,
  judged: readonly Judged[],
  { party, origin, now }: Pick<Wanting, 'party' | 'now'> & { readonly origin: ClaimOrigin },
): Tx<Exclude<Taken, { kind: 'refused' }>> {
  const claims: Live[] = [];
  const held = new Set<ClaimId>();
  const fresh: Live[] = [];
  /** Of the fresh ones, those that may cover others: folders and globs, and files by their key. */
  const wide: Live[] = [];
  const files = new Map<string, Live>();
  for (const { wanted, id, own } of judged) {
    const covering = [...own, ...wide, files.get(keyOf(wanted.path))].find((mine) => mine && covers(mine, wanted));
    if (covering !== undefined) {
      if (!held.has(covering.id)) claims.push(covering);
      held.add(covering.id);
      continue;
    }
    if (id === undefined) throw new Error(`${judged.length} claims need as many ids`);
    const taken = { ...wanted, id, holder: party };
    fresh.push(taken);
    if (taken.kind === 'file') files.set(keyOf(taken.path), taken);
    else wide.push(taken);
    claims.push(taken);
    held.add(taken.id);
  }
  if (fresh.length > 0) {
    const [before] = yield* plain<{ count: number }>(
      `select count(*) as count from claims where repo = ? and holder = ? and origin in ('asked', 'written')`,
      scope.repo,
      party,
    );
    if (origin !== 'found' && origin !== 'declared' && Number(before?.count) + fresh.length > mostClaims) {
      return { kind: 'not_allowed', refused: `nobody may hold more than ${mostClaims} claims; claim whole folders` };
    }
    yield* save(scope, fresh, { origin, now });
  }
  yield* waitNoLonger(
    scope,
    party,
    judged.map(({ wanted }) => wanted),
  );
  return { kind: 'claimed', claims, beside: judged.flatMap(({ beside }) => beside) };
}

function* save(scope: RepoScope, claims: readonly Live[], { origin, now }: { origin: ClaimOrigin; now: number }) {
  const first = yield* next(scope, 'claim', claims.length);
  for (const [index, { id, holder, kind, path, mode }] of claims.entries()) {
    // One of the same path is there only under a weaker mode.
    yield* plain(
      `insert into claims (repo, id, seq, holder, kind, path, key, anchor, mode, origin, claimed_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (repo, holder, kind, key) do update set id = excluded.id,
         seq = excluded.seq, mode = excluded.mode, origin = excluded.origin, claimed_at = excluded.claimed_at`,
      scope.repo,
      id,
      first + index,
      holder,
      kind,
      path,
      keyOf(path),
      anchorOf({ kind, path }),
      mode,
      origin,
      now,
    );
  }
  const holder = claims[0]?.holder;
  const task = holder !== undefined && isTask(holder) ? holder : undefined;
  yield* append(scope, { kind: 'claim.taken', at: now, task, text: listed(claims) });
}

/** Remembers who was refused what, to tell when it is free. The event is written only once. */
export function* waitFor(
  scope: RepoScope,
  party: Party,
  wantedBy: 'party' | 'queue',
  blocked: readonly Blocked[],
  now: number,
): Tx<void> {
  const added = yield* remember(
    scope,
    party,
    wantedBy,
    blocked.map(({ wanted }) => wanted),
  );
  const news = blocked.filter(({ wanted }) => added.has(wanted));
  if (news.length === 0) return;
  const holders = new Set(news.flatMap(({ by }) => by.map(({ holder }) => holder)));
  const titles: string[] = [];
  for (const holder of holders) titles.push(yield* titleOf(scope, holder));
  const task = isTask(party) ? party : undefined;
  const text = `${listed(news.map(({ wanted }) => wanted))}: claimed by ${titles.join(', ')}`;
  yield* append(scope, { kind: 'claim.refused', at: now, task, text });
}

/** See `TeamStore.claimFound`. */
export function* claimFound(
  scope: RepoScope,
  args: { task: TaskId; paths: readonly WantedClaim[]; ids: readonly ClaimId[]; now: number },
): Tx<{ claimed: readonly Claim[]; violations: readonly (RefusedClaim & { isNew: boolean })[] }> {
  const { task, now } = args;
  yield* endSilentGuests(scope, now);
  if (yield* absent(scope, task, now)) return { claimed: [], violations: [] };
  const judged = yield* judgeAll(scope, { ...args, party: task });
  const free = judged.filter(({ blocking }) => blocking.length === 0);
  const taken = yield* takeFree(scope, free, { party: task, origin: 'found', now });
  if (taken.kind !== 'claimed') throw new Error(`${task} was refused what is free`);
  const violations: (RefusedClaim & { isNew: boolean })[] = [];
  for (const refusal of yield* refusals(scope, blockedAmong(judged), now)) {
    const added = yield* plain(
      'insert into claim_violations (repo, task, key, claim) values (?, ?, ?, ?) on conflict do nothing returning key',
      scope.repo,
      task,
      keyOf(refusal.wanted.path),
      refusal.by.id,
    );
    violations.push({ ...refusal, isNew: added.length > 0 });
  }
  yield* tellViolations(
    scope,
    task,
    violations.filter(({ isNew }) => isNew),
    now,
  );
  const full = yield* describe(scope, taken.claims, now);
  return { claimed: taken.claims.flatMap(({ id }) => full.get(id) ?? []), violations };
}

function* tellViolations(scope: RepoScope, task: TaskId, violations: readonly RefusedClaim[], now: number): Tx<void> {
  const title = yield* titleOf(scope, task);
  const paths = new Map<Party, ClaimPath[]>();
  for (const { wanted, by } of violations) paths.set(by.holder, [...(paths.get(by.holder) ?? []), wanted]);
  for (const [holder, changed] of paths) {
    const whose = yield* titleOf(scope, holder);
    const text = `changed ${listed(changed)}, claimed by ${whose}`;
    yield* append(scope, { kind: 'claim.violated', at: now, task, text });
    const body = `“${title}” (task ${task}) has changed ${listed(changed)}, which you have claimed. It cannot land these changes while you hold them.`;
    yield* notify(scope, holder, body, now);
  }
}

/** See `TeamStore.audit`. */
export function* audit(
  scope: RepoScope,
  { task, paths, now }: { task: TaskId; paths: readonly WantedClaim[]; now: number },
): Tx<readonly RefusedClaim[]> {
  return yield* refusals(scope, yield* blockedOf(scope, task, paths), now);
}

/** See `TeamStore.claims`. What is known of a holder is read once, however many claims it has. */
export function* liveClaims(
  scope: RepoScope,
  { party, path, now }: { party?: Party; path?: ClaimPath; now: number },
): Tx<readonly Claim[]> {
  const { repo } = scope;
  const found =
    party === undefined
      ? yield* plain<ClaimRow>('select * from claims where repo = ? order by seq', repo)
      : yield* plain<ClaimRow>('select * from claims where repo = ? and holder = ? order by seq', repo, party);
  const known = new Map((yield* plain<HolderRow>(holders, repo)).map((row) => [row.holder, row]));
  return found
    .flatMap((row) => {
      const holder = known.get(row.holder);
      return holder === undefined ? [] : [claimOf({ ...row, ...holder })];
    })
    .filter((each) => !isOver(each, now) && (path === undefined || overlaps(path, each)));
}
