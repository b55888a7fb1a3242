import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const git = (folder: string, ...args: string[]) => promisify(execFile)('git', args, { cwd: folder });

/** The price list of a small tea shop, with a test of its own and a check for Swarm. */
const sampleFiles = {
  'README.md': `# Tea shop

Prices of a small tea shop. \`node --test\` runs its tests.
`,
  'package.json': `${JSON.stringify({ name: 'tea-shop', private: true, type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  'swarm.yaml': `check:
  command: node --test
workers:
  max: 3
`,
  'src/price.js': `/** Price of one packet of each tea, in euros. */
export const teas = { assam: 4.5, darjeeling: 6.2, sencha: 5.8 };

/** What a number of packets costs, in euros. */
export function price(tea, packets) {
  return teas[tea] * packets;
}
`,
  'test/price.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { price } from '../src/price.js';

test('two packets cost twice as much as one', () => {
  assert.equal(price('assam', 2), 2 * price('assam', 1));
});
`,
} as const;

/** Makes the sample repository in a folder that does not exist yet or is empty: branch \`main\`, one commit. */
export async function createSampleRepository(folder: string): Promise<void> {
  for (const [path, text] of Object.entries(sampleFiles)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await git(folder, 'init', '--quiet', '--initial-branch=main');
  await git(folder, 'config', 'user.name', 'Ada');
  await git(folder, 'config', 'user.email', 'ada@example.com');
  await git(folder, 'add', '.');
  await git(folder, 'commit', '--quiet', '--message', 'Open the tea shop');
}
