import { randomBytes } from 'node:crypto';
import { type ExtensionContext, window } from 'vscode';
import { Emitter } from '../base/event.ts';
import type { FaceId, TaskId } from '../core/model/ids.ts';
import { newId } from '../core/model/ids.ts';
import { openClaimDecorations } from './claimDecorations.ts';
import { ClaudeSetup } from './claudeSetup.ts';
import { registerCommands } from './commands/commands.ts';
import { openCommitFiles } from './documents/commitFiles.ts';
import { contextPages } from './documents/contextPages.ts';
import { openLiveTexts } from './documents/liveTexts.ts';
import { messagePages } from './documents/messagePages.ts';
import { taskLogs } from './documents/taskLog.ts';
import { taskPages } from './documents/taskPages.ts';
import type { Face } from './face.ts';
import { channelLog } from './log.ts';
import { openNewsDesk } from './newsDesk.ts';
import { OpenReviews } from './openReviews.ts';
import { programsIn } from './programs.ts';
import { Repositories } from './repositories.ts';
import { Tell } from './tell.ts';
import { openClaimsView } from './views/claimsView.ts';
import { keepContextKeys } from './views/contextKeys.ts';
import { openInboxView } from './views/inboxView.ts';
import { openStatusBarItem } from './views/statusBarItem.ts';
import { openTasksView } from './views/tasksView.ts';
import { openWorkersView } from './views/workersView.ts';

let repositories: Repositories | undefined;

/** Registers everything at once and looks at the folders afterwards, so that starting VS Code does not wait for us. */
export function activate(context: ExtensionContext): void {
  const channel = window.createOutputChannel('Swarm', { log: true });
  const log = channelLog(channel);
  const tell = new Tell(channel, log, context.globalState);
  const id = faceOf(context);
  const programs = programsIn(context.extensionPath);
  const setup = new ClaudeSetup(tell);
  const reviews = new OpenReviews(context.workspaceState);
  repositories = new Repositories({ face: id, programs, log, tell, setup });
  const revealed = new Emitter<TaskId>();
  const face: Face = { repositories, reviews, setup, tell, log, channel, programs, revealed };
  context.subscriptions.push(
    channel,
    tell,
    setup,
    reviews,
    revealed,
    repositories,
    openCommitFiles(repositories),
    ...[taskLogs, taskPages, messagePages, contextPages].flatMap((texts) => openLiveTexts(texts(face.repositories))),
    ...registerCommands(face),
    ...openTasksView(face),
    ...openClaimsView(face),
    ...openInboxView(face),
    ...openWorkersView(face),
    ...openClaimDecorations(face),
    ...openStatusBarItem(face),
    ...keepContextKeys(face),
    ...openNewsDesk(face, id),
  );
  void repositories.refresh();
}

/** Gives back what others wait for; workers and landings are processes of their own and go on. */
export async function deactivate(): Promise<void> {
  await repositories?.close();
}

/** The window keeps its id over reloads, so that what it asked for stays its own. */
function faceOf({ workspaceState }: ExtensionContext): FaceId {
  const known = workspaceState.get<FaceId>('swarm.face');
  if (known) return known;
  const id = newId('face', (length) => randomBytes(length));
  void workspaceState.update('swarm.face', id);
  return id;
}
