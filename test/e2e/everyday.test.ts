import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { bash, say, type Turn, task, write } from '../support/model/script.ts';
import { closeAfterTests } from '../support/vscode/closing.ts';
import { pictures } from '../support/vscode/install.ts';
import { openScene, type Scene } from '../support/vscode/scene.ts';
import { openWindow, type VSCodeWindow } from '../support/vscode/window.ts';

const soon = { timeout: 30_000 };
const hours = 'Opening hours';
const assam = 'Describe Assam';
const taskList = `tasks:
  - name: hours
    title: ${hours}
    prompt: Write the opening hours into docs/hours.md
  - title: ${assam}
    prompt: Describe Assam in docs/assam.md
    after: [hours]
`;

/** The session on Assam is interrupted twice before it comes to its end. */
let interruptions = 0;
const never = Promise.withResolvers<never>().promise;
const script = [
  task(/^You were interrupted/).turns((): Turn | Promise<Turn> => {
    interruptions += 1;
    return interruptions < 2 ? never : [bash('git add . && git commit -m "Describe Assam"')];
  }, [say('Assam is described.')]),
  task('Write the opening hours').turns(
    [write('docs/hours.md', 'Tuesday to Saturday.\n')],
    [bash('git add . && git commit -m "Write the opening hours"')],
    [say('The opening hours are written down.')],
  ),
  task('Describe Assam in').turns([write('docs/assam.md', 'Assam is a black tea.\n')], () => never),
];

let scene: Scene;
let window: VSCodeWindow;

beforeAll(async () => {
  scene = await openScene(script);
  await writeFile(join(scene.folder, 'tasks.yaml'), taskList);
  window = await openWindow(scene.repository, scene.window);
});

closeAfterTests(() => ({ window, behind: scene }));

const tasks = () => window.view('Tasks');
const picture = (name: string) => window.screenshot(join(pictures, `everyday ${name}.png`));
const rows = async () => (await tasks().rows()).map(({ label, description }) => `${label}: ${description}`);
const copied = () => window.page.evaluate<string>('navigator.clipboard.readText()');

interface TaskShown {
  readonly task: { readonly worktree: string; readonly sessions: readonly { readonly claudeSessionId: string }[] };
}

const shown = async (title: string) => (await scene.swarm<TaskShown>('task', 'show', title)).task;

test('a task list in a file is fanned out, one task after the other', async () => {
  await window.showContainer('Swarm');
  await expect.poll(() => tasks().welcome(), soon).toContain('Fan out tasks');
  await tasks().pressWelcome('Fan out tasks');
  const input = await window.quickInput('What is to be done?');
  await input.pick('A file…');
  const files = await window.quickInput('Tasks from a File');
  // VS Code takes a path only after it has looked at the folder: first at the one that it begins with.
  await expect.poll(() => files.items(), soon).toContain('src');
  await files.type(join(scene.folder, 'tasks.yaml'));
  await expect.poll(() => files.items(), soon).toContain('tasks.yaml');
  await files.accept();
  await expect.poll(() => input.items(), soon).toContain(`2. ${assam}`);
  await picture('1, tasks of a file');
  await input.accept();
  await (await window.quickInput('On which branch')).accept();
  await (await window.quickInput('How many workers')).accept();
  await (await window.quickInput('Press Enter to start')).accept();
  await expect
    .poll(rows, soon)
    .toEqual(['Needs Review: 1', `${hours}: 1 file +1 −0`, 'Queued: 1', `${assam}: waits for “${hours}” (in review)`]);
});

test('a message that is answered too late says what has become of its task', async () => {
  await expect.poll(() => window.notifications(), soon).toEqual([`“${hours}” is ready for review.`]);
  await scene.swarm('review', 'approve', hours);
  await expect.poll(rows, soon).toContain(`${hours}: ready to merge into main`);
  await window.answerNotification('is ready for review', 'Review');
  await expect.poll(() => window.notifications(), soon).toEqual([`This was settled meanwhile. “${hours}”: approved.`]);
  await picture('2, settled meanwhile');
  expect(await window.editors()).toEqual([]);
});

test('the terminal of a worker knows Swarm’s own command line', async () => {
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'));
  await window.terminals.type('worker 1', '!swarm --version');
  await expect.poll(() => window.terminals.text('worker 1'), soon).toMatch(new RegExp(`\\s${version}\\s`));
  await picture('3, swarm in a terminal');
});

test('one approved task is merged from its row, and what waited for it begins', async () => {
  await tasks().action(hours, 'Merge');
  await expect.poll(() => window.dialog(), soon).toContain(`Merge “${hours}” into main?`);
  await picture('4, merge one');
  await window.answerDialog('Merge');
  await expect.poll(rows, soon).toEqual(['Running: 1', `${assam}: worker 1`, 'Merged: 1']);
  expect(await readFile(join(scene.repository, 'docs', 'hours.md'), 'utf8')).toBe('Tuesday to Saturday.\n');
});

test('a worker is restarted, another stopped, and the same session goes on each time', async () => {
  const { worktree } = await shown(assam);
  const written = () => readFile(join(worktree, 'docs', 'assam.md'), 'utf8').catch(() => '');
  await expect.poll(written, soon).toBe('Assam is a black tea.\n');
  await window.command('Swarm: Restart Worker…');
  await (await window.quickInput('Restart which worker?')).pick('worker 1');
  await expect.poll(() => window.dialog(), soon).toContain(`a new worker goes on with “${assam}” in the same session`);
  await picture('5, restart');
  await window.answerDialog('Restart Worker');
  await expect.poll(() => interruptions, soon).toBe(1);
  await expect.poll(rows, soon).toContain(`${assam}: worker 2`);
  await window.command('Swarm: Stop Worker…');
  await (await window.quickInput('Stop which worker?')).pick('worker 2');
  await expect.poll(() => window.dialog(), soon).toContain('another worker goes on with it at once');
  await picture('6, stop');
  await window.answerDialog('Stop Worker');
  await expect.poll(rows, soon).toContain(`${assam}: 1 file +1 −0 · attempt 3`);
  await picture('7, after both');
  const prompts = scene.model.conversations().map(({ prompt }) => prompt);
  expect(prompts).toEqual(['Write the opening hours into docs/hours.md', 'Describe Assam in docs/assam.md']);
});

test('the session’s id is copied, and its worktree opens in a window of its own', async () => {
  const { sessions, worktree } = await shown(assam);
  await window.command('Swarm: Copy Session Id');
  await (await window.quickInput('Copy the session id')).pick(assam);
  await expect.poll(copied, soon).toBe(sessions.at(-1)?.claudeSessionId);
  await window.command('Swarm: Open Worktree in New Window');
  const opened = window.page.context().waitForEvent('page');
  await (await window.quickInput('Open the worktree')).pick(assam);
  expect(new URL((await opened).url()).searchParams.get('folder')).toBe(worktree);
});
