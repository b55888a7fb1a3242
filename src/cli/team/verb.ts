import { AppError } from '../../base/errors.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Teamwork } from '../../core/flow/teamwork.ts';
import type { ClaimPath } from '../../core/model/claim.ts';
import type { Refusal } from '../../core/model/review.ts';
import type { ExitCode } from '../exitCodes.ts';
import type { Output } from '../output.ts';

/** A party at work on the command line: what a verb inside a session has at hand. */
export interface Speaking {
  readonly team: Teamwork;
  readonly output: Output;
  /** What somebody means who names paths; throws a UsageError for what cannot be claimed. */
  paths(texts: readonly string[]): readonly ClaimPath[];
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Hears of changes, until the person stops it; absent on the lean path, which waits for nothing. */
  readonly waiting?: { onDidChange(listener: () => void): Disposable; readonly signal: AbortSignal };
}

/** An option as the help has it: `--to <who>`, with what it is for. */
interface VerbOption {
  readonly flags: string;
  readonly text: string;
  /** Needs the whole program. */
  readonly isWhole?: true;
}

interface VerbArgument {
  /** As the help has it: `<path...>`. */
  readonly name: string;
  readonly text: string;
  /** A lone `-` stands for what comes through stdin. */
  readonly stdin?: true;
}

/**
 * A verb inside a session. One description of it serves the whole program and the lean path, so that both read a line
 * alike.
 */
export interface Verb<Name extends string = string> {
  readonly description: string;
  readonly arguments: readonly VerbArgument[];
  readonly options: Readonly<Record<Name, VerbOption>>;
  run(speaking: Speaking, words: readonly string[], given: Given<Name>): Promise<ExitCode>;
}

/** The options that were given: their value, or `true` where they have or need none. */
export type Given<Name extends string = string> = Readonly<Partial<Record<Name, string | true>>>;

/** A verb with the names of its options. */
export const verb = <Name extends string = never>(described: Verb<Name>): Verb<Name> => described;

/** The value of an option that has one. */
export const textOf = (given: string | true | undefined): string | undefined => (given === true ? undefined : given);

/** What was answered, unless it was refused: then throws, with what to do. */
export function unlessRefused<T>(answer: T | Refusal, hint?: string): T {
  if (typeof answer === 'object' && answer !== null && 'refused' in answer && typeof answer.refused === 'string') {
    throw new AppError('refused', answer.refused, hint === undefined ? {} : { hint });
  }
  return answer as T;
}
