import type { Command } from 'commander';
import type { Run } from './invocation.ts';

/** Makes an action of what a command does. */
export type On = <Args extends readonly unknown[]>(run: Run<Args>) => (...given: unknown[]) => Promise<void>;

/** Gives a command its arguments, options and subcommands. */
export type Define = (command: Command, on: On) => void;

interface Listed {
  readonly summary: string;
  /** Started by our own processes, not by people. */
  readonly hidden?: true;
  readonly load: () => Promise<Define>;
}

/** Every command, in the order of the help; a command's file is read only when it is called. */
export const commands: Readonly<Record<string, Listed>> = {
  setup: {
    summary: 'sign in to Claude Code and trust this repository',
    load: async () => (await import('./commands/setup.ts')).defineSetup,
  },
  init: {
    summary: 'write a swarm.yaml for this repository',
    load: async () => (await import('./commands/init.ts')).defineInit,
  },
  doctor: {
    summary: 'find out what is missing or broken',
    load: async () => (await import('./commands/doctor.ts')).defineDoctor,
  },
  config: {
    summary: 'show or change settings',
    load: async () => (await import('./commands/config.ts')).defineConfig,
  },
  run: {
    summary: 'queue tasks, start workers and wait',
    load: async () => (await import('./commands/run.ts')).defineRun,
  },
  up: {
    summary: 'work on what is queued, until stopped',
    load: async () => (await import('./commands/up.ts')).defineUp,
  },
  start: {
    summary: 'plan work in a conversation, then have it done',
    load: async () => (await import('./commands/start.ts')).defineStart,
  },
  task: {
    summary: 'add, list, show, cancel and retry tasks',
    load: async () => (await import('./commands/task.ts')).defineTask,
  },
  worker: {
    summary: 'list and stop workers',
    load: async () => (await import('./commands/worker.ts')).defineWorker,
  },
  status: {
    summary: 'show everything that goes on',
    load: async () => (await import('./commands/status.ts')).defineStatus,
  },
  watch: {
    summary: 'follow what happens',
    load: async () => (await import('./commands/watch.ts')).defineWatch,
  },
  log: {
    summary: 'print the log of a task',
    load: async () => (await import('./commands/log.ts')).defineLog,
  },
  wait: {
    summary: 'wait for tasks',
    load: async () => (await import('./commands/wait.ts')).defineWait,
  },
  review: {
    summary: 'read and decide what came back',
    load: async () => (await import('./commands/review.ts')).defineReview,
  },
  merge: {
    summary: 'land approved tasks',
    load: async () => (await import('./commands/merge.ts')).defineMerge,
  },
  sync: {
    summary: 'read what is new: messages and shared facts',
    load: async () => (await import('./commands/verb.ts')).defineVerb((await import('./team/messages.ts')).sync),
  },
  claim: {
    summary: 'hold files so that nobody else changes them',
    load: async () => (await import('./commands/verb.ts')).defineVerb((await import('./team/claim.ts')).claim),
  },
  claims: {
    summary: 'list who holds what',
    load: async () => (await import('./commands/verb.ts')).defineVerb((await import('./team/claim.ts')).claims),
  },
  unclaim: {
    summary: 'release files, or hand them to somebody',
    load: async () => (await import('./commands/verb.ts')).defineVerb((await import('./team/claim.ts')).unclaim),
  },
  message: {
    summary: 'write to somebody',
    load: async () => (await import('./commands/verb.ts')).defineVerb((await import('./team/messages.ts')).message),
  },
  broadcast: {
    summary: 'write to everyone else',
    load: async () => (await import('./commands/verb.ts')).defineVerb((await import('./team/messages.ts')).broadcast),
  },
  inbox: {
    summary: 'read messages to you',
    load: async () => (await import('./commands/verb.ts')).defineVerb((await import('./team/messages.ts')).inbox),
  },
  reply: {
    summary: 'answer a message',
    load: async () => (await import('./commands/verb.ts')).defineVerb((await import('./team/messages.ts')).reply),
  },
  context: {
    summary: 'share facts and values with all sessions',
    load: async () => (await import('./commands/context.ts')).defineContext,
  },
  commit: {
    summary: 'commit what you have changed',
    load: async () => (await import('./commands/commit.ts')).defineCommit,
  },
  pull: {
    summary: 'take in the newest state of the branch your work lands on',
    load: async () => (await import('./commands/pull.ts')).definePull,
  },
  push: {
    summary: 'push your own branch',
    load: async () => (await import('./commands/push.ts')).definePush,
  },
  update: {
    summary: 'say how your task gets on',
    load: async () => (await import('./commands/update.ts')).defineUpdate,
  },
  mcp: {
    summary: 'serve the verbs of a session as tools, over stdio',
    load: async () => (await import('./commands/mcp.ts')).defineMcp,
  },
  snapshot: {
    summary: 'list, show and restore snapshots',
    load: async () => (await import('./commands/snapshot.ts')).defineSnapshot,
  },
  worktree: {
    summary: 'list the worktrees of tasks',
    load: async () => (await import('./commands/worktree.ts')).defineWorktree,
  },
  land: {
    summary: 'land one entry of a merge queue',
    hidden: true,
    load: async () => (await import('./commands/land.ts')).defineLand,
  },
};
