// Measures what docs promise about speed, as ratios in one run: npm run bench [-- name…] [--json].
import { mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { activation } from './activation.ts';
import { type Benchmark, described, type Finding, holds, Skipped } from './benchmark.ts';
import { blocking } from './blocking.ts';
import { gate } from './gate.ts';
import { latency } from './latency.ts';
import { leases } from './leases.ts';
import { runProgram } from './measure.ts';
import { news } from './news.ts';
import { overhead } from './overhead.ts';
import { snapshot } from './snapshot.ts';
import { status } from './status.ts';
import { verbs } from './verbs.ts';
import { worktrees } from './worktrees.ts';

const root = join(import.meta.dirname, '..');
const benchmarks: readonly Benchmark[] = [
  status,
  verbs,
  news,
  gate,
  leases,
  snapshot,
  worktrees,
  activation,
  blocking,
  latency,
  overhead,
];

/** What came of one benchmark. */
interface Outcome {
  readonly benchmark: string;
  readonly seconds: number;
  readonly findings: readonly Finding[];
  /** Why it did not run. */
  readonly skipped?: string;
}

async function bench(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((name) => !benchmarks.some((each) => each.name === name));
  if (unknown.length > 0)
    throw new Error(
      `no benchmark “${unknown.join('”, “')}”; there are ${benchmarks.map(({ name }) => name).join(', ')}`,
    );
  const wanted = benchmarks.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const say = (line: string) => console.error(styleText('dim', line));
  say('building');
  await runProgram(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root, env: process.env });
  const outcomes: Outcome[] = [];
  for (const benchmark of wanted) outcomes.push(await measure(benchmark, say));
  if (values.json) console.log(JSON.stringify({ outcomes }, undefined, 2));
  else show(outcomes);
}

async function measure(benchmark: Benchmark, say: (line: string) => void): Promise<Outcome> {
  const { name, about } = benchmark;
  say(`${name}: ${about}`);
  const folder = await realpath(await mkdtemp(join(await fastFolder(), 'swarm bench ')));
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  try {
    const cli = join(root, 'dist', 'cli', 'main.js');
    const findings = await benchmark.run({ root, cli, folder, say: (line) => say(`  ${line}`) });
    return { benchmark: name, seconds: seconds(), findings };
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
    return { benchmark: name, seconds: seconds(), findings: [], skipped: error.message };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Linux has a folder in memory, where a disk's moods do not count. */
async function fastFolder(): Promise<string> {
  const memory = '/dev/shm';
  return (await stat(memory).catch(() => undefined))?.isDirectory() ? memory : tmpdir();
}

function show(outcomes: readonly Outcome[]): void {
  for (const { benchmark, seconds, findings, skipped } of outcomes) {
    console.log(styleText('bold', `\n${benchmark}, ${seconds} s`));
    if (skipped !== undefined) console.log(`  skipped: ${skipped}`);
    for (const finding of findings) {
      const kept = holds(finding);
      const sign = kept === undefined ? ' ' : kept ? styleText('green', '✓') : styleText('red', '✗');
      console.log(
        `${sign} ${finding.goal.padEnd(4)} ${finding.what}: ${described(finding.value, finding.unit)}${targetOf(finding)}`,
      );
      console.log(styleText('dim', `       ours ${finding.ours} · ${finding.beside}`));
    }
  }
}

function targetOf({ atMost, atLeast, unit }: Finding): string {
  if (atMost !== undefined) return `, target ≤ ${atMost} ${unit}`;
  return atLeast === undefined ? '' : `, target ≥ ${atLeast} ${unit}`;
}

await bench();
