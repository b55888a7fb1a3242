/** What the process says when it ends. The only table of it; scripts rely on the numbers. */
export const exitCodes = {
  done: 0,
  /** The world said no: refused, conflict, failed task, held by another. */
  refused: 1,
  /** The person's mistake; nothing was changed. */
  usage: 2,
  /** What was waited for has not come yet. */
  notYet: 3,
  /** A task has used up what it was allowed. */
  limit: 4,
  /** A mistake of this program. */
  bug: 70,
  /** The person stopped it. */
  stopped: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
