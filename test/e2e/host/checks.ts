import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { commands, extensions, Uri, window, workspace } from 'vscode';
import { settings } from '../../../src/core/settings.ts';
import { waitFor } from '../../support/waitFor.ts';

/** What has to hold inside the extension host: by its name, in this order, on a repository without tasks and a Claude Code that nobody signed in to. */
export const checks: Readonly<Record<string, () => Promise<void>>> = {
  async 'the extension is activated and offers no interface'() {
    assert.equal(await extension().activate(), undefined);
    assert.equal(extension().isActive, true);
  },

  async 'every command of the manifest is there, and none besides'() {
    const declared = manifest().commands.map(({ command }) => command);
    const there = (await commands.getCommands(true)).filter((id) => id.startsWith('swarm.'));
    // VS Code adds its own for each view: swarm.tasks.focus and others.
    const ofViews = views().map((view) => `${view}.`);
    assert.deepEqual(
      there.filter((id) => !ofViews.some((prefix) => id.startsWith(prefix))).toSorted(),
      declared.toSorted(),
    );
  },

  async 'every setting has the default that it has on the command line'() {
    const seen = Object.keys(settings).map((key) => [
      key,
      workspace.getConfiguration('swarm').inspect(key)?.defaultValue,
    ]);
    const wanted = Object.entries(settings).map(([key, setting]) => [key, setting.default]);
    assert.deepEqual(seen, wanted);
  },

  async 'tasks that the command line queues have a page here and a row that opens it'() {
    const [first] = await queue(['Count the leaves', 'Weigh the leaves']);
    await pageShows(first, '**queued**');
    const tab = await waitFor('the page of the first row', async () => {
      await commands.executeCommand('swarm.tasks.focus');
      // The first row is the section's; a task's opens its page.
      for (const key of ['focusFirst', 'focusDown', 'select']) await commands.executeCommand(`list.${key}`);
      return tabs().find((label) => label.includes(first.title));
    });
    assert.equal(tab, `Preview ${first.title}.md`);
  },

  async 'what happens to a task on the command line is followed here'() {
    const [task] = await queue(['Burn the leaves']);
    await pageShows(task, '**queued**');
    await swarm('task', 'cancel', task.id);
    await pageShows(task, '**cancelled**');
  },

  async 'five hundred tasks are seen, the last one too'() {
    const tasks = await queue(Array.from({ length: 500 }, (_, index) => `Smell leaf ${index + 1}`));
    const last = tasks.at(-1);
    assert(last);
    await pageShows(last, 'Smell leaf 500');
  },

  async 'a fan-out from an editor asks to sign in, once for all its tasks, and starts no worker'() {
    const prompts = ['Name a tea', 'Price a tea', 'Pour a tea'];
    assert.deepEqual(terminals(), [], 'what others queue asks nobody here');
    await window.showTextDocument(await workspace.openTextDocument({ content: prompts.join('\n') }));
    await untilDone(commands.executeCommand('swarm.fanOutDocument'));
    const { tasks } = (await swarm('task', 'list')) as { tasks: Task[] };
    assert.deepEqual(
      tasks.slice(-3).map(({ title }) => title),
      prompts,
    );
    await waitFor('the terminal in which Claude Code asks', () => terminals().length > 0);
    assert.deepEqual(terminals(), ['Claude Code']);
  },
};

interface Manifest {
  readonly commands: readonly { readonly command: string }[];
  readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
}

interface Task {
  readonly id: string;
  readonly title: string;
}

function extension() {
  const found = extensions.getExtension('swarm.swarm');
  assert(found, 'the extension is not installed');
  return found;
}

const manifest = () => extension().packageJSON.contributes as Manifest;
const views = () => Object.values(manifest().views).flatMap((each) => each.map(({ id }) => id));
const tabs = () => window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));
const terminals = () => window.terminals.map(({ name }) => name);

/** Presses Enter in whatever asks until the command has ended. */
async function untilDone(command: Thenable<unknown>): Promise<void> {
  let ended = false;
  const end = Promise.resolve(command).finally(() => {
    ended = true;
  });
  await waitFor('the command to end', async () => {
    await commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return ended;
  });
  await end;
}

/** Runs the command line of the extension in the repository that is open. */
async function swarm(...args: string[]): Promise<unknown> {
  const cli = join(extension().extensionPath, 'dist', 'cli', 'main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [cli, '--json', ...args], {
    cwd: workspace.workspaceFolders?.[0]?.uri.fsPath,
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    maxBuffer: 10_000_000,
  });
  return JSON.parse(stdout);
}

async function queue(prompts: readonly string[]): Promise<readonly [Task, ...Task[]]> {
  const { tasks } = (await swarm('task', 'add', ...prompts)) as { tasks: [Task, ...Task[]] };
  assert.equal(tasks.length, prompts.length);
  return tasks;
}

/** Waits until the task's page, which is read again after every change, contains `text`. */
async function pageShows({ id, title }: Task, text: string): Promise<void> {
  const uri = Uri.from({ scheme: 'swarm-task', path: `/${title}.md`, query: id });
  const page = await workspace.openTextDocument(uri);
  await waitFor(`“${text}” on the page of “${title}”`, () => page.getText().includes(text));
}
