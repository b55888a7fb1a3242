import { spawn } from 'node:child_process';

/** Measurements of one side, in the order in which they were taken. */
export interface Series {
  readonly values: readonly number[];
  readonly median: number;
  /** The middle half lies between these two. */
  readonly low: number;
  readonly high: number;
}

/** What a number of measurements comes to. */
export function seriesOf(values: readonly number[]): Series {
  return { values, median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/** The value below which that share (0 to 1) of all values lies, interpolated. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** One series made of others, round by round. */
export function eachRound(one: Series, other: Series, combine: (one: number, other: number) => number): Series {
  return seriesOf(one.values.map((value, round) => combine(value, other.values[round] ?? Number.NaN)));
}

/**
 * Measures several sides in turn, round by round, so that whatever else the machine does falls on all of them. Each returns
 * its measurement, is told the number of its round, and is run once before without being counted (round 0).
 */
export async function inTurns<Side extends string>(
  rounds: number,
  sides: Readonly<Record<Side, (round: number) => Promise<number>>>,
): Promise<Readonly<Record<Side, Series>>> {
  const names = Object.keys(sides) as Side[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Side, number[]>;
  for (let round = 0; round <= rounds; round += 1) {
    // Who comes first changes, since the first one may find the machine in another state than the others.
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) {
      const value = await sides[name](round);
      if (round > 0) values[name].push(value);
    }
  }
  return Object.fromEntries(names.map((name) => [name, seriesOf(values[name])])) as Record<Side, Series>;
}

/** How long some work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export interface ProgramCall {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** Runs a program to its end; rejects with what it printed unless it ends with 0. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env, input }: ProgramCall = {},
): Promise<string> {
  const child = spawn(program, args, { cwd, env, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stdin?.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const text = Buffer.concat(printed).toString('utf8');
      if (code === 0) resolve(text);
      else reject(new Error(`${[program, ...args].join(' ')} ended with ${code}:\n${text}`));
    });
  });
}
