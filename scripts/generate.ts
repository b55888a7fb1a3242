// Writes what follows from the code: node scripts/generate.ts, or with --check only says what is stale (exit 1).
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { settings } from '../src/core/settings.ts';
import { cliPage } from './generate/cliPage.ts';
import { withConfiguration, withSettingTexts } from './generate/manifest.ts';
import { settingsPage } from './generate/settingsPage.ts';
import { settingsSchema } from './generate/settingsSchema.ts';

const root = join(import.meta.dirname, '..');
const { values: flags } = parseArgs({ options: { check: { type: 'boolean' } } });

/** Every generated file and how it is made of what is there now. */
const files: readonly (readonly [path: string, make: (now: string) => string | Promise<string>])[] = [
  ['package.json', (now) => withConfiguration(now, settings)],
  ['package.nls.json', (now) => withSettingTexts(now, settings)],
  ['media/swarm.schema.json', () => settingsSchema(settings)],
  ['docs/settings.md', () => settingsPage(settings)],
  ['docs/cli.md', () => cliPage()],
];

const stale: string[] = [];
for (const [path, make] of files) {
  const file = join(root, path);
  const now = await readFile(file, 'utf8').catch(() => '');
  const made = await make(now);
  if (made === now) continue;
  stale.push(path);
  if (!flags.check) await writeFile(file, made);
}
if (flags.check && stale.length > 0) {
  console.error(`Out of date: ${stale.join(', ')}. Run \`npm run generate\`.`);
  process.exitCode = 1;
} else {
  console.log(stale.length === 0 ? 'Generated files are up to date.' : `Written: ${stale.join(', ')}`);
}
