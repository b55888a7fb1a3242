import type { ClaimPath, RefusedClaim } from '../../core/model/claim.ts';
import type { Tx } from '../transaction.ts';
import { describe, type Live } from './overlapping.ts';
import type { RepoScope } from './scope.ts';

/** What is refused and by whom; one for each path and holder. */
export function* refusals(
  scope: RepoScope,
  blocked: readonly { readonly wanted: ClaimPath; readonly by: readonly Live[] }[],
  now: number,
): Tx<readonly RefusedClaim[]> {
  const refused: RefusedClaim[] = [];
  for (const { wanted, by } of blocked) {
    const holders = new Map(by.map((live) => [live.holder, live]));
    for (const full of (yield* describe(scope, [...holders.values()], now)).values()) {
      refused.push({ wanted: { kind: wanted.kind, path: wanted.path }, by: full });
    }
  }
  return refused;
}
