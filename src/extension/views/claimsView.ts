import { type Disposable, window } from 'vscode';
import type { Face } from '../face.ts';
import { findClaims } from '../find.ts';
import { claimHover, claimRows, claimsTree, holderHover } from '../model/claimsTree.ts';
import { paced } from '../pace.ts';
import { words } from '../words.ts';
import { RowTree } from './rowTree.ts';

const paceMs = 250;

/** The view of claims: who holds which files. */
export function openClaimsView({ repositories }: Face): Disposable[] {
  const tree = new RowTree({
    more: async (id) => {
      const found = findClaims(repositories, id);
      return found ? claimRows(words, found.repository.id, found.holding, found.from) : [];
    },
    hover: async (id) => {
      const found = findClaims(repositories, id);
      if (!found) return undefined;
      const { repository, seen, holding, claim } = found;
      if (!claim) return holderHover(seen, words, holding);
      // Read anew: what lives renews its claims all the time, which is no change to them.
      const now = await repository.open.store.claims({ party: claim.holder, path: claim });
      return claimHover(seen, words, now.find((each) => each.id === claim.id) ?? claim);
    },
  });
  const view = window.createTreeView('swarm.claims', { treeDataProvider: tree, showCollapseAll: true });
  const pace = paced(paceMs, async () => {
    const seen = repositories.seen;
    tree.show(claimsTree(seen, words));
    const held = seen.flatMap(({ team }) => [...(team?.holdings.byHolder.values() ?? [])]);
    const count = held.reduce((sum, { claims }) => sum + claims.length, 0);
    view.description = count === 0 ? '' : words.count(count);
  });
  return [view, tree, pace, repositories.onDidChange(() => pace.poke()), repositories.onDidSee(() => pace.poke())];
}
