import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { createSampleRepository } from '../../../scripts/sample/repository.ts';
import { openStore } from '../../../src/store/open.ts';
import { claudeHome } from '../../support/model/claudeHome.ts';
import { startModel } from '../../support/model/server.ts';
import { cacheFolder } from '../../support/vscode/install.ts';
import { waitFor } from '../../support/waitFor.ts';
import type { Checked } from './suite.ts';

/** Everything around a window in which the suite runs: the sample repository, and a Claude Code that nobody signed in to. */
export interface Stage extends AsyncDisposable {
  readonly repository: string;
  /** For the window; scrubbed. */
  readonly env: Readonly<Record<string, string>>;
  /** The suite as VS Code loads it. */
  readonly suite: string;
  /** What the suite found, and what it did to the world outside: both waited for, since a window closes after its suite has ended. */
  outcome(): Promise<Outcome>;
}

/** What has come of the suite. */
export interface Outcome {
  readonly checks: readonly Checked[];
  /** Questions that reached the model, which was to be left alone. */
  readonly asked: number;
}

/** Prepares it in `folder`, which must be empty. */
export async function openStage(folder: string): Promise<Stage> {
  const repository = join(folder, 'tea shop');
  const home = join(folder, 'home');
  const report = join(folder, 'report.json');
  await mkdir(home);
  await createSampleRepository(repository);
  const suite = await bundleSuite();
  const model = await startModel();
  const claude = await claudeHome({ folder: home, modelUrl: model.url, signedIn: false });
  return {
    repository,
    suite,
    env: {
      ...claude.env,
      SWARM_CLAUDE: claude.binary,
      SWARM_CONFIG_DIR: join(home, 'swarm'),
      SWARM_HOST_REPORT: report,
    },
    async outcome() {
      await closed(repository);
      return { checks: JSON.parse(await readFile(report, 'utf8')), asked: model.unexpected.length };
    },
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  };
}

/** VS Code loads one file of CommonJS. */
async function bundleSuite(): Promise<string> {
  const outfile = join(cacheFolder, 'host-suite.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'suite.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    sourcemap: 'inline',
  });
  return outfile;
}

/** A window that closes gives back what others would wait for; one that is killed does not. */
async function closed(repository: string): Promise<void> {
  const store = await openStore({ path: join(repository, '.git', 'swarm', 'store.db') });
  try {
    await waitFor('the window to give its lease back', async () => (await store.situation()).leases.length === 0);
  } finally {
    store.dispose();
  }
}
