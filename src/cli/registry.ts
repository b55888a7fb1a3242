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
