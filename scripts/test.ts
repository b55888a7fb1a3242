// Everything that has to hold, each part under its own heading: `npm test`. Arguments go to vitest instead: `npm test -- --project unit`.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { AppError, messageOf } from '../src/base/errors.ts';
import { tempFolder } from '../test/support/tempFolder.ts';
import { ensureChromium, ensureCodeServer, pictures } from '../test/support/vscode/install.ts';
import { quickChecks } from './quickChecks.ts';

/** What a part of the run adds to the closing line. */
interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const root = join(import.meta.dirname, '..');
const inCI = Boolean(process.env.CI);
const passed: Totals = { passed: 1, failed: 0, skipped: 0 };
const failed: Totals = { passed: 0, failed: 1, skipped: 0 };
const skipped: Totals = { passed: 0, failed: 0, skipped: 1 };

const parts: readonly (readonly [heading: string, run: () => Promise<Totals>])[] = [
  ...quickChecks.map(([heading, name, ...args]) => [heading, () => program(name, ...args)] as const),
  ['Unit', () => vitest('--project', 'unit')],
  ['Integration', () => vitest('--project', 'integration')],
  ['Real Claude Code, scripted model', () => vitest('--project', 'claude')],
  ['Real VS Code', endToEnd],
];

async function program(name: string, ...args: string[]): Promise<Totals> {
  const { exitCode } = await execa(name, args, {
    cwd: root,
    preferLocal: true,
    localDir: root,
    stdio: 'inherit',
    reject: false,
  });
  return exitCode === 0 ? passed : failed;
}

async function endToEnd(): Promise<Totals> {
  try {
    await ensureCodeServer(console.log);
    await ensureChromium(console.log);
  } catch (error) {
    console.error(messageOf(error), error instanceof AppError ? (error.hint ?? '') : '');
    return skipped;
  }
  const totals = await vitest('--project', 'e2e');
  console.log(`Pictures of the windows are in ${pictures}`);
  return totals;
}

/** The part of vitest's JSON report that is needed here. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numTotalTests: number;
}

/** Counts whatever fails without a failed test (a file that does not load, an error nobody caught, no test at all) as one failure. */
async function vitest(...args: string[]): Promise<Totals> {
  await using folder = await tempFolder();
  const file = join(folder.path, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const run = await program('vitest', 'run', ...args, ...reporters);
  if (!existsSync(file)) return failed;
  const report: Report = JSON.parse(await readFile(file, 'utf8'));
  return {
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, run.failed),
    skipped: report.numTotalTests - report.numPassedTests - report.numFailedTests,
  };
}

const args = process.argv.slice(2);
const selected = args.length > 0 ? [[args.join(' '), () => vitest(...args)] as const] : parts;
const lines: string[] = [];
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const [part, run] of selected) {
  console.log(`\n━━ ${part} ━━`);
  const started = performance.now();
  const totals = await run().catch((error: unknown) => {
    console.error(error);
    return failed;
  });
  // Where nobody looks at what was left out, leaving out is failing.
  const counted = inCI ? { ...totals, failed: totals.failed + totals.skipped, skipped: 0 } : totals;
  for (const key of ['passed', 'failed', 'skipped'] as const) sum[key] += counted[key];
  const seconds = Math.round((performance.now() - started) / 1000);
  const sign = counted.failed > 0 ? '✗' : counted.skipped > 0 ? '-' : '✓';
  lines.push(
    `${sign} ${part}: ${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped in ${seconds} s`,
  );
}

console.log(`\n━━ Summary ━━\n${lines.join('\n')}`);
if (sum.skipped > 0) console.log(`${sum.skipped} skipped`);
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed === 0 ? 0 : 1;
