// Runs inside an extension host: watches what holds it while the extension starts, opens the repository and shows its tasks.
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { commands, extensions, Uri, workspace } from 'vscode';
import { waitFor } from '../../test/support/waitFor.ts';
import { LoopWatch } from '../loopWatch.ts';

/** Called by VS Code; the longest turns are in the file that `SWARM_HOST_REPORT` names. */
export async function run(): Promise<void> {
  const { SWARM_HOST_REPORT: report = '', SWARM_HOST_TASK: task = '' } = process.env;
  const extension = extensions.getExtension('swarm.swarm');
  if (!extension) throw new Error('the extension is not installed');
  if (extension.isActive) throw new Error('the extension was there before it could be watched');
  const watch = await LoopWatch.start();
  await extension.activate();
  const page = await workspace.openTextDocument(Uri.from({ scheme: 'swarm-task', path: '/page.md', query: task }));
  await waitFor('the page of the last task', () => page.getText().includes(task));
  await commands.executeCommand('swarm.tasks.focus');
  await sleep(1_000);
  await writeFile(
    report,
    JSON.stringify(await watch.end((url) => url.includes(extension.extensionPath.split('/').at(-1) ?? ''))),
  );
}
