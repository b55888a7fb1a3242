import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSampleRepository } from '../../../scripts/sample/repository.ts';
import { AppError } from '../../../src/base/errors.ts';
import { openStore } from '../../../src/store/open.ts';
import { claudeHome } from '../../support/model/claudeHome.ts';
import { startModel } from '../../support/model/server.ts';
import { bundleHostSuite } from '../../support/vscode/hostSuite.ts';
import { waitFor } from '../../support/waitFor.ts';
import type { Checked } from './suite.ts';

/** Everything around a window in which the suite runs: the sample repository, and a Claude Code that nobody signed in to. */
export interface Stage extends AsyncDisposable {
  readonly repository: string;
  /** For the window: nobody's account, nobody's settings. */
  readonly env: Readonly<Record<string, string>>;
  /** The file of the suite. */
  readonly suite: string;
  /** What has come of the suite. The window closes after it; that is waited for. */
  outcome(): Promise<Outcome>;
}

/** What has come of the suite. */
interface Outcome {
  /** How many checks were made. */
  readonly made: number;
  /** Those that did not hold. */
  readonly failed: readonly Checked[];
  /** How often the model was asked something; it was to be left alone. */
  readonly asked: number;
  /** Names of leases that the window has not given back. */
  readonly left: readonly string[];
}

/** Prepares it in `folder`, which must be empty. */
export async function openStage(folder: string): Promise<Stage> {
  const repository = join(folder, 'tea shop');
  const home = join(folder, 'home');
  const report = join(folder, 'report.json');
  await mkdir(home);
  await createSampleRepository(repository);
  const suite = await bundleHostSuite(join(import.meta.dirname, 'suite.ts'));
  const model = await startModel();
  const claude = await claudeHome({ folder: home, modelUrl: model.url, signedIn: false });
  const own = { SWARM_CLAUDE: claude.binary, SWARM_CONFIG_DIR: join(home, 'swarm'), SWARM_HOST_REPORT: report };
  return {
    repository,
    suite,
    env: { ...claude.env, ...own },
    async outcome() {
      const text = await readFile(report, 'utf8').catch((cause: unknown) => {
        throw new AppError('suite_silent', 'VS Code has ended before its suite had reported.', { cause });
      });
      const checks: readonly Checked[] = JSON.parse(text);
      const failed = checks.filter(({ error }) => error !== undefined);
      return { made: checks.length, failed, asked: model.unexpected.length, left: await leasesLeft(repository) };
    },
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  };
}

/** The leases that are left when the window has had its time to close. One that closes gives back what others would wait for. */
async function leasesLeft(repository: string): Promise<readonly string[]> {
  const store = await openStore({ path: join(repository, '.git', 'swarm', 'store.db') });
  const left = async () => (await store.situation()).leases.map(({ name }) => name);
  try {
    await waitFor('the window to let go', async () => (await left()).length === 0).catch(() => {});
    return await left();
  } finally {
    store.dispose();
  }
}
