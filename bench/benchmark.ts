import type { Series } from './measure.ts';

/** Where benchmarks run and what they tell while they do. */
export interface World {
  /** Top folder of this repository. */
  readonly root: string;
  /** The built command line. */
  readonly cli: string;
  /** A folder for this benchmark alone, empty, removed afterwards; in memory where the machine offers that. */
  readonly folder: string;
  say(line: string): void;
}

/** One measured fact with what it has to hold. */
export interface Finding {
  /** Its name in docs/performance.md; empty: no target is set. */
  readonly goal: string;
  readonly what: string;
  /** Ours and what it is compared with, in words with figures. */
  readonly ours: string;
  readonly beside: string;
  /** What the target is about. */
  readonly value: Series;
  /** Behind the figure: `×`, `ms`. */
  readonly unit: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** One benchmark: `npm run bench -- name` runs it alone. */
export interface Benchmark {
  readonly name: string;
  readonly about: string;
  run(world: World): Promise<readonly Finding[]>;
}

/** Thrown by a benchmark that lacks something on this machine; the message says what. */
export class Skipped extends Error {}

/** Whether a finding holds what was set; undefined when nothing was. */
export function holds({ value, atMost, atLeast }: Finding): boolean | undefined {
  if (atMost === undefined && atLeast === undefined) return undefined;
  return value.median <= (atMost ?? Number.POSITIVE_INFINITY) && value.median >= (atLeast ?? Number.NEGATIVE_INFINITY);
}

/** Three figures are all that a measurement is worth. */
function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `12.3 ms (11.8–13.0)`. */
export function described({ median, low, high }: Series, unit: string): string {
  const space = unit === '×' ? ' ' : ' ';
  return `${figure(median)}${space}${unit} (${figure(low)}–${figure(high)})`;
}
