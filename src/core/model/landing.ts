import type { TaskId } from './ids.ts';

/** A file that a merged task has changed on its target. */
export interface LandedFile {
  /** Grows in the order of landings. */
  readonly seq: number;
  /** Relative to the repository. */
  readonly path: string;
  /** The commit on the target by which it came. */
  readonly commit: string;
  readonly task: TaskId;
  readonly title: string;
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
}
