import { type Disposable, window } from 'vscode';
import type { Face } from '../face.ts';
import { findMessage } from '../find.ts';
import { inboxTree, messageHover } from '../model/inboxTree.ts';
import { paced } from '../pace.ts';
import { words } from '../words.ts';
import { RowTree } from './rowTree.ts';

const { t } = words;
const paceMs = 250;
/** The rows say how old messages are, in minutes. */
const agingMs = 60_000;

/** The view of messages to the person, with a number on it for those that are unread. */
export function openInboxView({ repositories }: Face): Disposable[] {
  const tree = new RowTree({
    more: async () => [],
    hover: async (id) => {
      const found = findMessage(repositories, id);
      return found && messageHover(found.seen, words, found.message);
    },
  });
  const view = window.createTreeView('swarm.inbox', { treeDataProvider: tree, showCollapseAll: true });
  const pace = paced(paceMs, async () => {
    const seen = repositories.seen;
    tree.show(inboxTree(seen, words, Date.now()));
    const unread = seen.reduce((sum, { overview }) => sum + overview.unread, 0);
    view.description = unread === 0 ? '' : t('{0} unread', words.count(unread));
    view.badge =
      unread === 0
        ? undefined
        : { value: unread, tooltip: unread === 1 ? t('1 unread message') : t('{0} unread messages', unread) };
  });
  const aging = setInterval(() => view.visible && pace.poke(), agingMs);
  return [
    view,
    tree,
    pace,
    { dispose: () => clearInterval(aging) },
    view.onDidChangeVisibility(() => pace.poke()),
    repositories.onDidChange(() => pace.poke()),
    repositories.onDidSee(() => pace.poke()),
  ];
}
