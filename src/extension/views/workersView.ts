import { type Disposable, window } from 'vscode';
import { isLive } from '../../core/model/worker.ts';
import type { Face } from '../face.ts';
import { findWorker } from '../find.ts';
import { workerHover } from '../model/hovers.ts';
import { workersTree } from '../model/workersTree.ts';
import { paced } from '../pace.ts';
import { words } from '../words.ts';
import { lastEvents } from './lastEvents.ts';
import { RowTree } from './rowTree.ts';

const paceMs = 250;

/** The view of workers: who is there, what each does, and in the hover what shows that it lives. */
export function openWorkersView({ repositories }: Face): Disposable[] {
  const tree = new RowTree({
    more: async () => [],
    hover: async (id) => {
      const found = findWorker(repositories, id);
      if (!found) return undefined;
      const { seen, worker, repository } = found;
      const open = seen.overview.sessions.find((each) => each.worker === worker.id && each.state === 'open');
      const task = worker.task ?? open?.task;
      return workerHover(seen, words, worker, task === undefined ? [] : await lastEvents(repository, task));
    },
  });
  const view = window.createTreeView('swarm.workers', { treeDataProvider: tree });
  const pace = paced(paceMs, async () => {
    const seen = repositories.seen;
    tree.show(workersTree(seen, words, Date.now()));
    const live = seen.flatMap((each) => each.overview.workers.filter(isLive));
    view.description = live.length === 0 ? '' : words.count(live.length);
  });
  return [view, tree, pace, repositories.onDidChange(() => pace.poke()), repositories.onDidSee(() => pace.poke())];
}
