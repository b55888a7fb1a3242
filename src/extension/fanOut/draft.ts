import type { FanOut } from '../../core/flow/fanOut.ts';
import type { TaskRequest } from '../../core/flow/plan.ts';
import type { ReviewPolicy } from '../../core/model/batch.ts';
import type { PermissionMode } from '../../core/model/session.ts';

/** A fan-out as far as the person has said what they want; what is absent comes from the settings. */
export interface Draft {
  readonly requests: readonly TaskRequest[];
  readonly target: string;
  /** A branch or commit to start from instead of the target's tip. */
  readonly base?: string;
  readonly workers: number;
  readonly model?: string;
  readonly permissionMode?: PermissionMode;
  readonly check?: string;
  readonly review: ReviewPolicy;
  /** Merge by itself what is approved. */
  readonly land: boolean;
}

/** The fan-out that a draft asks for. What a task list says of a single task wins over what is said for all. */
export function fanOutOf(draft: Draft): FanOut {
  const { requests, target, base, workers, model, permissionMode, check, review, land } = draft;
  const forAll = {
    ...(model === undefined || model === '' ? {} : { model }),
    ...(permissionMode === undefined ? {} : { permissionMode }),
  };
  return {
    requests: requests.map((request) => ({ ...request, options: { ...forAll, ...request.options } })),
    target,
    ...(base === undefined ? {} : { base }),
    workers,
    mode: 'interactive',
    review,
    land,
    ...(check === undefined ? {} : { check }),
  };
}

/** Whether `typed` is what an input of one line makes of the several lines of `copied`: then several tasks were pasted. */
export function isPasteOf(typed: string, copied: string): boolean {
  const squeezed = (text: string) => text.replace(/\s+/g, '');
  return /\S\s*\n\s*\S/.test(copied) && squeezed(typed) === squeezed(copied);
}
