import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { inject } from 'vitest';
import { createSampleRepository } from '../../../scripts/sample/repository.ts';
import { claudeHome } from '../model/claudeHome.ts';
import type { Scenario } from '../model/script.ts';
import { type ModelServer, startModel } from '../model/server.ts';
import { tempFolder } from '../tempFolder.ts';
import { pictures } from './install.ts';
import type { ServerOptions } from './server.ts';

/** Tells whoever runs the tests how far slow preparations are. */
const progress = (line: string): void => void process.stderr.write(`${line}\n`);

/** How a scene differs from the usual one. */
export interface SceneOptions {
  /** Whether VS Code asks before it trusts a folder; default false. */
  readonly workspaceTrust?: boolean;
  /** Whether somebody signed in to Claude Code; default true. */
  readonly signedIn?: boolean;
  /** Where Claude Code is looked for: a path inside the scene's folder. Default: where it is. */
  readonly claude?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Everything around a window with the packaged extension: a sample repository, and the real Claude Code with a scripted model. */
export interface Scene extends AsyncDisposable {
  /** Holds everything else. */
  readonly folder: string;
  readonly repository: string;
  /** The real Claude Code. */
  readonly claude: string;
  readonly model: ModelServer;
  /** What to open a window with; the windows of one scene share what VS Code remembers. */
  readonly window: ServerOptions;
  /** Runs the installed extension’s command line in the repository, once a window was opened, and returns what it prints as JSON. */
  swarm<Answer>(...args: readonly string[]): Promise<Answer>;
}

/** Prepares it in a new folder; disposing it ends the model and removes the folder. */
export async function openScene(script: readonly Scenario[], options: SceneOptions = {}): Promise<Scene> {
  await using cleanup = new AsyncDisposableStack();
  const { path: folder } = cleanup.use(await tempFolder());
  const repository = join(folder, 'tea shop');
  const home = join(folder, 'home');
  const dataFolder = join(folder, 'vscode');
  await mkdir(pictures, { recursive: true });
  await mkdir(home);
  await createSampleRepository(repository);
  const model = cleanup.use(await startModel(...script));
  const { signedIn = true, settings = {} } = options;
  const claude = await claudeHome({ folder: home, modelUrl: model.url, signedIn, trusts: [repository] });
  const own = {
    SWARM_CLAUDE: options.claude === undefined ? claude.binary : join(folder, options.claude),
    SWARM_CONFIG_DIR: join(home, 'swarm'),
  };
  const env = { ...claude.env, ...own };
  const vsix = [inject('vsix')];
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, '..', '..', '..', 'package.json'), 'utf8'));
  const cli = join(dataFolder, 'extensions', `swarm.swarm-${version}`, 'dist', 'cli', 'main.js');
  const cleanups = cleanup.move();
  return {
    folder,
    repository,
    claude: claude.binary,
    model,
    window: { dataFolder, env, vsix, settings, workspaceTrust: options.workspaceTrust ?? false, progress },
    async swarm(...args) {
      const { stdout } = await execa(process.execPath, [cli, ...args, '--json'], {
        cwd: repository,
        env,
        extendEnv: false,
      });
      return JSON.parse(stdout);
    },
    [Symbol.asyncDispose]: () => cleanups[Symbol.asyncDispose](),
  };
}
