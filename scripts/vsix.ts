import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder, type Progress } from '../test/support/vscode/install.ts';

const root = join(import.meta.dirname, '..');

/** Builds the extension, packages it as users get it, and returns the path of the VSIX. Throws with the tool's output. */
export async function packageExtension(progress: Progress): Promise<string> {
  const vsix = join(cacheFolder, 'swarm.vsix');
  const options = { cwd: root, preferLocal: true, localDir: root, all: true } as const;
  await mkdir(cacheFolder, { recursive: true });
  progress('Building and packaging the extension.');
  await execa('node', ['scripts/build.ts'], options);
  await execa(
    'vsce',
    ['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', vsix],
    options,
  );
  return vsix;
}
