import type { BatchId, FaceId, RepoId } from './ids.ts';
import type { SessionMode } from './session.ts';

/** `human`: a person decides. `none`: approved by itself once the check is green. */
export const reviewPolicies = ['human', 'none'] as const;
export type ReviewPolicy = (typeof reviewPolicies)[number];

/** The tasks of one fan-out and what was decided for all of them. */
export interface Batch {
  readonly id: BatchId;
  readonly repo: RepoId;
  readonly face: FaceId;
  readonly mode: SessionMode;
  /** How many workers at most work for it at once. */
  readonly workers: number;
  readonly review: ReviewPolicy;
  /** Land approved work without being told to. */
  readonly land: boolean;
  /** The command that must pass before landing; absent: none. Kept with the batch, so later settings do not change it. */
  readonly check?: string;
  readonly createdAt: number;
}
