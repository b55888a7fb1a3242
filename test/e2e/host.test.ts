import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageExtension } from '../../scripts/vsix.ts';
import { tempFolder } from '../support/tempFolder.ts';
import { openWindow } from '../support/vscode/window.ts';
import { openStage } from './host/stage.ts';

const progress = (line: string) => process.stderr.write(`${line}\n`);

test('what a window’s extension host can see of the extension holds, and the window closes properly', async () => {
  await using folder = await tempFolder();
  await using stage = await openStage(folder.path);
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'));
  const dataFolder = join(folder.path, 'vscode');
  await using window = await openWindow(stage.repository, {
    dataFolder,
    env: stage.env,
    vsix: [await packageExtension(progress)],
    workspaceTrust: false,
    suite: { file: stage.suite, extension: join(dataFolder, 'extensions', `swarm.swarm-${version}`) },
    progress,
  });
  const code = await window.suiteEnded;
  const { checks, asked } = await stage.outcome();
  const failed = checks.filter(({ error }) => error !== undefined);
  expect({ code, failed, made: checks.length > 0, asked }).toEqual({ code: 0, failed: [], made: true, asked: 0 });
});
