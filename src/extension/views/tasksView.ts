import { commands, type Disposable, type TreeView, window } from 'vscode';
import type { TaskId } from '../../core/model/ids.ts';
import { whatBlocks } from '../claudeSetup.ts';
import type { Face } from '../face.ts';
import { findTask } from '../find.ts';
import { attentionCount } from '../model/attention.ts';
import { fileRows } from '../model/changes.ts';
import { taskHover } from '../model/hovers.ts';
import type { Row } from '../model/row.ts';
import { tasksTree } from '../model/tasksTree.ts';
import { paced } from '../pace.ts';
import { words } from '../words.ts';
import { lastEvents } from './lastEvents.ts';
import { RowTree } from './rowTree.ts';

const { t } = words;
const paceMs = 250;

/** The view of tasks: reviews and questions on top, a number on it for what needs the person. */
export function openTasksView(face: Face): Disposable[] {
  const { repositories, tell, revealed } = face;
  const tree = new RowTree({
    more: (id) => filesBelow(face, id),
    hover: async (id) => {
      const found = findTask(repositories, id);
      return found && taskHover(found.seen, words, found.task, await lastEvents(found.repository, found.task.id));
    },
  });
  const view = window.createTreeView('swarm.tasks', { treeDataProvider: tree, showCollapseAll: true });
  const show = async () => {
    const seen = repositories.seen;
    tree.show(
      tasksTree(seen, words, (one, task) =>
        repositories.all.find((repository) => repository.id === one.repo)?.files.peek(task),
      ),
    );
    const count = attentionCount(seen);
    view.badge =
      count === 0
        ? undefined
        : { value: count, tooltip: count === 1 ? t('1 task needs you') : t('{0} tasks need you', count) };
    showMessage(view, face);
  };
  const pace = paced(paceMs, show);
  const change = () => {
    if (view.visible) lookForClaude(face, false);
    pace.poke();
  };
  return [
    view,
    tree,
    pace,
    repositories.onDidChange(change),
    repositories.onDidSee(() => pace.poke()),
    tell.onDidChange(() => pace.poke()),
    revealed.event((task) => void reveal(view, tree, task)),
    view.onDidChangeVisibility(({ visible }) => visible && lookForClaude(face, true)),
  ];
}

/** Shows the row of a task; of one that has none, because too many others have ended since, its page. */
async function reveal(view: TreeView<string>, tree: RowTree, task: TaskId): Promise<void> {
  if (tree.getParent(task) === undefined) await commands.executeCommand('swarm.showTask', task);
  else await view.reveal(task, { select: true, focus: true });
}

/** The welcome text depends on whether Claude is there; nobody needs to know before somebody looks. */
function lookForClaude({ repositories }: Face, again: boolean): void {
  for (const { gate } of repositories.all) if (gate.latest === undefined || (again && !gate.isReady)) void gate.look();
}

function showMessage(view: TreeView<string>, { repositories, tell }: Face): void {
  const waiting = repositories.all.find(
    ({ gate, feed }) =>
      gate.latest !== undefined && !gate.isReady && feed.latest?.overview.tasks.some((task) => task.state === 'queued'),
  )?.gate.latest;
  const blocked = waiting && whatBlocks(waiting);
  view.message = repositories.problem ?? tell.problem ?? blocked ?? '';
}

async function filesBelow({ repositories, tell }: Face, id: string): Promise<readonly Row[]> {
  const found = findTask(repositories, id);
  const { base, head } = found?.task ?? {};
  if (!found || base === undefined || head === undefined) return [];
  try {
    return fileRows(words, id as TaskId, await found.repository.files.between(base, head));
  } catch (error) {
    tell.trouble(t('the changed files could not be read'), error);
    return [];
  }
}
