import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { tempFolder } from '../support/tempFolder.ts';
import { openWindow } from '../support/vscode/window.ts';
import { openStage } from './host/stage.ts';

const progress = (line: string) => process.stderr.write(`${line}\n`);

test('the suite inside the extension host holds, and the window lets go of the repository when it closes', async () => {
  await using folder = await tempFolder();
  await using stage = await openStage(folder.path);
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'));
  const dataFolder = join(folder.path, 'vscode');
  await using window = await openWindow(stage.repository, {
    dataFolder,
    env: stage.env,
    vsix: [inject('vsix')],
    workspaceTrust: false,
    suite: { file: stage.suite, extension: join(dataFolder, 'extensions', `swarm.swarm-${version}`) },
    progress,
  });
  const code = await window.suiteEnded;
  const { made, ...outcome } = await stage.outcome();
  expect(made).toBeGreaterThan(0);
  expect({ code, ...outcome }).toEqual({ code: 0, failed: [], asked: 0, left: [] });
});
