import type { TaskId } from './model/ids.ts';
import type { ProcessIdentity } from './model/process.ts';
import type { Refusal } from './model/review.ts';
import type { Session, SessionEnd, SessionEvent, SessionMode } from './model/session.ts';
import type { Task } from './model/task.ts';
import type { Worker } from './model/worker.ts';
import type { Settings } from './settings.ts';

/** What the repository looks like before anything is done to it. */
export interface RepoState {
  /** Top folder of the main worktree. */
  readonly root: string;
  /** The folder that all worktrees share (`.git` of the main one). */
  readonly commonDir: string;
  /** The branch checked out in the folder that was asked about; absent when HEAD is detached. */
  readonly branch?: string;
  readonly dirty: boolean;
  /** Commits that `branch` is behind its upstream, as last fetched. */
  readonly behind: number;
  readonly upstream?: string;
}

export interface WorktreeRequest {
  readonly path: string;
  readonly branch: string;
  /** Where the branch starts when it does not exist yet. */
  readonly base: string;
  /** True when the branch is known to be this task's own and is to be used again. */
  readonly mine: boolean;
  /** Patterns (as in .gitignore) of ignored files to copy from the main worktree, besides .worktreeinclude. */
  readonly include: readonly string[];
}

export interface ChangedFile {
  /** Path in head; in base for a deleted file. Relative to the repository, `/` between parts. */
  readonly path: string;
  readonly from?: string;
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed' | 'copied' | 'type_changed';
  /** Lines; absent for binary files and submodules. */
  readonly added?: number;
  readonly removed?: number;
}

/** A merge made without touching any worktree. */
export type Composed =
  | { readonly kind: 'clean'; readonly commit: string }
  | {
      readonly kind: 'conflict';
      readonly files: readonly string[] /** The conflicting hunks, at most 20 kB. */;
      readonly hunks: string;
    };

export interface TakenSnapshot {
  readonly commit: string;
  /** Files left out because of their size, with bytes. */
  readonly leftOut: readonly { readonly path: string; readonly bytes: number }[];
}

/** The repository. Every method throws AppError with a code of the git room for what git refuses. */
export interface Git {
  /** Commit of a branch, tag or commit name; undefined when there is none. */
  resolve(name: string): Promise<string | undefined>;
  isAncestor(ancestor: string, descendant: string): Promise<boolean>;
  /** The newest commit that both contain; undefined when their histories have nothing in common. */
  mergeBase(one: string, other: string): Promise<string | undefined>;
  /** What a local branch follows (`origin/main`), which need not be there any more; undefined when it follows nothing. */
  upstream(branch: string): Promise<string | undefined>;
  /** What one commit lacks of another's history: how many commits, and the first lines of the newest `most` of them. */
  missing(
    from: string,
    of: string,
    most: number,
  ): Promise<{ readonly count: number; readonly subjects: readonly string[] }>;
  /** Creates or finds the worktree; `created` is false when it was there already for this branch. Throws `branch_exists`, `path_exists`. */
  addWorktree(request: WorktreeRequest): Promise<{ readonly created: boolean; readonly carried: readonly string[] }>;
  /** Commit checked out in a worktree. */
  head(worktree: string): Promise<string>;
  /** Changed and untracked paths in a worktree, ignored ones left out. */
  changes(worktree: string): Promise<readonly string[]>;
  /** Paths in a worktree that differ from each one of these commits, untracked ones too, ignored ones left out. A nested repository ends with `/`. */
  differing(worktree: string, commits: readonly string[]): Promise<readonly string[]>;
  /** Commits everything that is uncommitted (also concludes a merge); undefined when there is nothing. Throws `conflicts_left`. */
  commitAll(worktree: string, message: string): Promise<string | undefined>;
  /**
   * Stages these paths (relative to the worktree; all that is changed when none are given), and returns what a commit would
   * change, by name: of a merge only what differs from both sides. Throws `conflicts_left`, `no_such_path`.
   */
  stage(
    worktree: string,
    paths: readonly string[],
  ): Promise<{ readonly own: readonly string[]; readonly isMerge: boolean }>;
  /** Commits what is staged, with the repository's own hooks; undefined when that is nothing. Throws `hook_refused`. */
  commitStaged(worktree: string, message: string): Promise<string | undefined>;
  /** Merges `commit` into the worktree's branch, leaving conflicts as markers in the files. The tree must be clean. */
  mergeIn(worktree: string, commit: string): Promise<'merged' | 'conflict' | 'up_to_date'>;
  /** The whole tree, untracked files too, as a commit on a private ref; undefined when nothing changed since the last one. Never touches index or branch. */
  snapshot(task: TaskId, worktree: string, label: string): Promise<TakenSnapshot | undefined>;
  diff(base: string, head: string): Promise<readonly ChangedFile[]>;
  /** True when a commit, named as one likes, has a folder of that name. */
  isFolder(commit: string, path: string): Promise<boolean>;
  /** Unified text of the same diff. */
  patch(base: string, head: string): Promise<string>;
  /** Merges `head` into `onto` in memory: a commit with both as parents, or onto itself when head is in it. */
  compose(onto: string, head: string, message: string): Promise<Composed>;
  /** Runs `body` in a worktree of `commit` made for it, with carried files, removed afterwards. */
  inScratch<T>(commit: string, include: readonly string[], body: (folder: string) => Promise<T>): Promise<T>;
  /** Removes what `inScratch` made for processes that have died since; `before` is called with each folder, as something may still run there. */
  sweepScratch(before: (folder: string) => Promise<unknown>): Promise<void>;
  /**
   * Moves `target` from one commit to another by compare-and-swap, together with a checkout that has it, as far as git
   * accepts. `moved`: somebody else changed the target. `refused`: the person's checkout stands in the way, with git's reason.
   */
  land(
    target: string,
    from: string,
    to: string,
  ): Promise<
    { readonly kind: 'landed' } | { readonly kind: 'moved' } | { readonly kind: 'refused'; readonly reason: string }
  >;
  /** The branch of a remote that a local branch follows; undefined when it follows none. */
  followed(branch: string): Promise<{ readonly remote: string; readonly branch: string } | undefined>;
  /** The remote that work on a branch is pushed to; undefined when there is none. */
  pushRemote(target: string): Promise<string | undefined>;
  /** The newest commit of a remote's branch; undefined when it has none. Throws `remote_failed`, `remote_silent`. */
  fetch(remote: string, branch: string, signal?: AbortSignal): Promise<string | undefined>;
  /**
   * Makes a commit the tip of a remote's branch, never by force. `behind`: the remote has commits that it lacks. Throws
   * `remote_failed`, `remote_silent`, `remote_refused`, `hook_refused`.
   */
  push(remote: string, branch: string, commit: string, signal?: AbortSignal): Promise<'pushed' | 'behind'>;
  /** The commit by which `head` came into `branch`, when it is in it. */
  landedBy(branch: string, head: string): Promise<string | undefined>;
  /** Thins the snapshots of landed tasks to the last one of each. */
  thinSnapshots(tasks: readonly TaskId[]): Promise<void>;
  /** Drops snapshots of ended tasks taken before `before` (milliseconds since 1970); returns how many. */
  expireSnapshots(tasks: readonly TaskId[], before: number): Promise<number>;
}

/** What a session is started with. */
export interface SessionRequest {
  readonly task: Task;
  readonly mode: SessionMode;
  readonly worktree: string;
  readonly claudeSessionId: string;
  /** Continue this conversation instead of beginning one. */
  readonly resume: boolean;
  readonly prompt: string;
  /** What the session must know of its place, appended to Claude Code's system prompt. */
  readonly briefing: string;
  /** Folder for the readable log, the raw stream and private files. */
  readonly logs: string;
  readonly settings: Settings;
  readonly check: string | undefined;
  /** The others, as far as this session has to do with them. */
  readonly team: SessionTeam;
}

/** An edit that a session is about to make. */
export interface PlannedEdit {
  /** Relative to the worktree, `/` between parts, symbolic links resolved. */
  readonly path: string;
  /** True when it leaves all that the file holds as it is. */
  onlyAdds(): Promise<boolean>;
}

/** What a session has come to. Paths as in `PlannedEdit`. */
export type Moment =
  /** It was given a prompt. */
  | { readonly kind: 'prompted' }
  /** Some tools have ended: which files of the worktree they have read or edited, and whether they may have changed others. */
  | {
      readonly kind: 'tools_done';
      readonly touched: readonly string[];
      readonly mayHaveChanged: boolean;
      /** Used by a helper that the session has started, which forgets what it is told. */
      readonly byHelper: boolean;
    }
  /** It would end its turn. */
  | { readonly kind: 'stopping' };

/** What a session is told at a moment. */
export interface Telling {
  /** Facts, quoted and attributed. */
  readonly text: string;
  /** Called once with whether it was sent: only then it counts as told. */
  done(sent: boolean): void;
}

/**
 * The others, as one session has to do with them: claims before it writes, news between its steps. What cannot be asked
 * is thrown; then the session must not do what it has asked for.
 */
export interface SessionTeam {
  /** Claims a file before it is written; refused, in words for the session, when it must not be. */
  mayWrite(edit: PlannedEdit): Promise<undefined | Refusal>;
  /** Whether these files, relative to the repository, may be committed. */
  mayCommit(paths: readonly string[]): Promise<undefined | Refusal>;
  /** What there is to tell at a moment; undefined when there is nothing new. */
  news(moment: Moment): Promise<Telling | undefined>;
}

/** A living Claude Code. */
export interface RunningSession {
  readonly process: ProcessIdentity;
  /** What it does, in order; ends with the process. */
  readonly events: AsyncIterable<SessionEvent>;
  readonly ended: Promise<SessionEnd>;
  /** Grants or withdraws edits: on only while the worker holds the task. */
  grantEdits(granted: boolean): void;
  /** Asks it to end, then kills the whole tree after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

export interface SessionLauncher {
  /** Starts Claude Code. Aborting before it runs leaves nothing behind. */
  launch(request: SessionRequest, signal: AbortSignal): Promise<RunningSession>;
  /** Whether Claude Code still has something of this conversation, so that it can be continued. */
  canResume(claudeSessionId: string): Promise<boolean>;
  /** Copies the transcript of a session that has ended to its logs, unless that was done when it ended. */
  keepTranscript(session: Pick<Session, 'transcript' | 'logs'>): Promise<void>;
}

export interface WorkerLauncher {
  readonly modes: readonly SessionMode[];
  /** Starts `swarm worker run <id>` in a terminal or as a child process; resolves once it has a process. `ended` is called when that is gone. */
  launch(worker: Worker, ended: () => void): Promise<void>;
}

export interface LandingLauncher {
  /** Starts `swarm land run <entry>` unless one started here for it still runs. */
  land(entry: string): Promise<void>;
}

export interface CheckResult {
  readonly passed: boolean;
  /** The end of its output, at most 20 kB. */
  readonly tail: string;
  /** Absolute path of the whole output. */
  readonly log: string;
  /** `exit 1`, `killed after 1800 s`. */
  readonly summary: string;
}

export interface Checks {
  /** Runs the person's command by the person's shell in `folder`. */
  run(command: string, folder: string, timeoutMs: number, log: string, signal: AbortSignal): Promise<CheckResult>;
}

/** What may still run after those who started it have died. */
export interface Leftovers {
  /** Whatever carries this folder, or one inside it, in its environment's `worktreeVariable`; only for who holds it. */
  readonly folder?: string;
  /** Sessions that nobody drives any more: their processes, and what was started with their id and logs. */
  readonly sessions: readonly Pick<Session, 'process' | 'claudeSessionId' | 'logs'>[];
}

export interface Processes {
  readonly self: ProcessIdentity;
  /** True only when the process is on this machine and known to be gone. */
  isDead(identity: ProcessIdentity): boolean;
  /**
   * Ends what is left on this machine, with all that it has started in its turn; resolves with the number of processes once
   * they are gone. Never this process or one above it, never what a person has started in the folder.
   */
  endLeftovers(leftovers: Leftovers): Promise<number>;
}
