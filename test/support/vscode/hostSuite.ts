import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { cacheFolder } from './install.ts';

/** Bundles what exports `run()` into the one file of CommonJS that VS Code loads into its extension host, and returns its path. */
export async function bundleHostSuite(entry: string): Promise<string> {
  const outfile = join(cacheFolder, 'host', `${basename(entry, '.ts')}.cjs`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    sourcemap: 'inline',
  });
  return outfile;
}
