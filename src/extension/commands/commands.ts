import { commands, type Disposable, Uri } from 'vscode';
import type { Face } from '../face.ts';
import { words } from '../words.ts';
import { askHolder, claim, openClaimedFile, release, revealTask } from './claims.ts';
import { setUpClaude } from './claude.ts';
import { addToContext, showContext } from './context.ts';
import { mergeAllApproved, mergeTask } from './merge.ts';
import { markAllRead, markRead, openMessage, releaseRequested, reply, sendMessage } from './messages.ts';
import { approve, openFileDiff, reject, requestChanges, reviewChanges } from './review.ts';
import { cancelTask, copySessionId, copyWorktreePath, openWorktree, retryTask, showLog, showTask } from './task.ts';
import { lookAgain, openSettings, runDoctor, showOutput } from './window.ts';
import { restartWorker, revealAsking, revealTerminal, stopWorker } from './worker.ts';

const { t } = words;

/** What a command does; `id` is that of the row it was called on, absent in the palette; `files` are those of the explorer or tab. */
type Run = (face: Face, id: string | undefined, files: readonly Uri[]) => Promise<void> | void;

interface Command {
  readonly run: Run;
  /** What is told when it fails. */
  readonly failing: string;
}

/** Every command of the manifest. */
const table: Readonly<Record<string, Command>> = {
  'swarm.fanOut': {
    run: async (face) => (await import('../fanOut/fanOut.ts')).fanOutTasks(face),
    failing: t('The tasks could not be fanned out'),
  },
  'swarm.fanOutDocument': {
    run: async (face) => (await import('../fanOut/fanOut.ts')).fanOutDocument(face),
    failing: t('The tasks could not be fanned out'),
  },
  'swarm.reviewChanges': { run: reviewChanges, failing: t('The review could not be opened') },
  'swarm.openFileDiff': { run: openFileDiff, failing: t('The changes could not be opened') },
  'swarm.approveTask': { run: approve, failing: t('The task could not be approved') },
  'swarm.requestChanges': { run: requestChanges, failing: t('The task could not be sent back') },
  'swarm.rejectTask': { run: reject, failing: t('The task could not be rejected') },
  'swarm.mergeTask': { run: mergeTask, failing: t('The task could not be merged') },
  'swarm.mergeAllApproved': { run: mergeAllApproved, failing: t('The tasks could not be merged') },
  'swarm.cancelTask': { run: cancelTask, failing: t('The task could not be cancelled') },
  'swarm.retryTask': { run: retryTask, failing: t('The task could not be queued again') },
  'swarm.showLog': { run: showLog, failing: t('The log could not be shown') },
  'swarm.showTask': { run: showTask, failing: t('The task could not be shown') },
  'swarm.copySessionId': { run: copySessionId, failing: t('The session id could not be copied') },
  'swarm.copyWorktreePath': { run: copyWorktreePath, failing: t('The path could not be copied') },
  'swarm.openWorktree': { run: openWorktree, failing: t('The worktree could not be opened') },
  'swarm.revealTerminal': { run: revealTerminal, failing: t('The terminal could not be shown') },
  'swarm.revealAsking': { run: revealAsking, failing: t('The terminal could not be shown') },
  'swarm.claim': { run: claim, failing: t('The files could not be claimed') },
  'swarm.release': { run: release, failing: t('The claims could not be released') },
  'swarm.askHolder': { run: askHolder, failing: t('The holder could not be asked') },
  'swarm.openClaimedFile': { run: openClaimedFile, failing: t('The file could not be opened') },
  'swarm.revealTask': { run: revealTask, failing: t('The task could not be shown') },
  'swarm.openMessage': { run: openMessage, failing: t('The message could not be opened') },
  'swarm.reply': { run: reply, failing: t('The answer could not be sent') },
  'swarm.markRead': { run: markRead, failing: t('The message could not be marked as read') },
  'swarm.markAllRead': { run: markAllRead, failing: t('The messages could not be marked as read') },
  'swarm.releaseRequested': { run: releaseRequested, failing: t('The claims could not be released') },
  'swarm.sendMessage': { run: sendMessage, failing: t('The message could not be sent') },
  'swarm.showContext': { run: showContext, failing: t('The shared context could not be shown') },
  'swarm.addToContext': { run: addToContext, failing: t('The shared context could not be added to') },
  'swarm.stopWorker': { run: stopWorker, failing: t('The worker could not be stopped') },
  'swarm.restartWorker': { run: restartWorker, failing: t('The worker could not be restarted') },
  'swarm.setUpClaude': { run: setUpClaude, failing: t('Claude Code could not be started') },
  'swarm.openSettings': { run: openSettings, failing: t('The settings could not be opened') },
  'swarm.runDoctor': { run: runDoctor, failing: t('The doctor could not be run') },
  'swarm.showOutput': { run: showOutput, failing: t('The output could not be shown') },
  'swarm.lookAgain': { run: lookAgain, failing: t('The folders could not be looked at') },
};

/** Registers them all; what one throws is told to the person. */
export function registerCommands(face: Face): Disposable[] {
  return Object.entries(table).map(([command, { run, failing }]) =>
    commands.registerCommand(command, async (argument: unknown, all: unknown) => {
      try {
        // Menus of editors and of the explorer pass files; only rows of our trees and our own calls pass ids.
        await run(face, typeof argument === 'string' ? argument : undefined, filesOf(argument, all));
        face.tell.settled();
      } catch (error) {
        face.tell.error(failing, error);
      }
    }),
  );
}

/** The explorer passes the item it was called on and, when several are chosen, all of them. */
function filesOf(item: unknown, all: unknown): readonly Uri[] {
  const chosen = Array.isArray(all) ? all : [item];
  return chosen.filter((each): each is Uri => each instanceof Uri);
}
