import type { LogOutputChannel } from 'vscode';
import type { Emitter } from '../base/event.ts';
import type { Log } from '../base/log.ts';
import type { TaskId } from '../core/model/ids.ts';
import type { ClaudeSetup } from './claudeSetup.ts';
import type { OpenReviews } from './openReviews.ts';
import type { Programs } from './programs.ts';
import type { Repositories } from './repositories.ts';
import type { Tell } from './tell.ts';

/** What views and commands of this window share. */
export interface Face {
  readonly repositories: Repositories;
  readonly reviews: OpenReviews;
  readonly setup: ClaudeSetup;
  readonly tell: Tell;
  readonly log: Log;
  readonly channel: LogOutputChannel;
  readonly programs: Programs;
  /** Fired to show the row of a task. */
  readonly revealed: Emitter<TaskId>;
}
