import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTerminal } from '../../support/model/terminal.ts';
import { tempFolder } from '../../support/tempFolder.ts';
import { waitFor } from '../../support/waitFor.ts';

test('what is said in a terminal whose window was closed goes nowhere, and is no error', async () => {
  await using folder = await tempFolder();
  const program = join(folder.path, 'program.mjs');
  const notes = join(folder.path, 'notes.txt');
  await writeFile(
    program,
    `import { writeFileSync } from 'node:fs';
    import { openOutput } from ${JSON.stringify(new URL('../../../src/cli/output.ts', import.meta.url))};
    const output = openOutput(false);
    process.once('SIGHUP', () => {
      output.line('too late');
      writeFileSync(${JSON.stringify(notes)}, output.closed.aborted ? 'closed' : 'open');
      process.exit();
    });
    output.line('ready');
    setInterval(() => {}, 1000);`,
  );
  {
    await using terminal = await openTerminal({
      command: [process.execPath, program],
      cwd: folder.path,
      env: { PATH: process.env.PATH ?? '' },
      folder: folder.path,
    });
    await waitFor('the program to be ready', () => terminal.printed().includes('ready'));
  }
  expect(await readFile(notes, 'utf8')).toBe('closed');
});
