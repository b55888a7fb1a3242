import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { bash, edit, read, say, task, write } from '../support/model/script.ts';
import { closeAfterTests } from '../support/vscode/closing.ts';
import { pictures } from '../support/vscode/install.ts';
import { openScene, type Scene } from '../support/vscode/scene.ts';
import { openWindow, type VSCodeWindow } from '../support/vscode/window.ts';

const soon = { timeout: 60_000 };

const hours = 'Write the opening hours into docs/hours.md';
const cents = 'Round every price to whole cents';
const assam = 'Describe Assam in docs/assam.md';
const row = (title: string, description: string) => ({ label: title, description, level: 2 });

/** The session on Assam thinks until it is told to go on, so that the window is reloaded in the middle of its work. */
const thought = Promise.withResolvers<void>();
const script = [
  task('Do you open on Sundays?').turns([say('No: the shop is closed on Sundays.')]),
  task(/^Your work on this task was reviewed/).turns(
    [read('docs/hours.md')],
    [edit('docs/hours.md', '18:00.', '18:00. Closed on public holidays.')],
    [bash('git commit -a -m "Name public holidays"')],
    [say('Public holidays are named.')],
  ),
  task(hours).turns(
    [write('docs/hours.md', 'Tuesday to Saturday, 10:00 to 18:00.\n')],
    [bash('git add . && git commit -m "Write the opening hours"')],
    [say('The opening hours are written down.')],
  ),
  task(cents).turns(
    [read('src/price.js')],
    [edit('src/price.js', 'teas[tea] * packets', 'Math.round(teas[tea] * packets * 100) / 100')],
    [bash('git add . && git commit -m "Round to whole cents"')],
    [say('Prices are whole cents.')],
  ),
  task(assam).turns(
    async () => {
      await thought.promise;
      return [write('docs/assam.md', 'Assam is a black tea.\n')];
    },
    [bash('git add . && git commit -m "Describe Assam"')],
    [say('Assam is described.')],
  ),
];

let scene: Scene;
let window: VSCodeWindow;

beforeAll(async () => {
  scene = await openScene(script, { workspaceTrust: true });
  window = await openWindow(scene.repository, scene.window);
});

closeAfterTests(() => ({ window, behind: scene }));

const tasks = () => window.view('Tasks');
const sections = async () =>
  (await tasks().rows()).filter(({ level }) => level === 1).map(({ label, description }) => `${label} ${description}`);
const terminals = async () => (await window.terminals.names()).toSorted();
const picture = (name: string) => window.screenshot(join(pictures, `${name}.png`));

async function workers(): Promise<readonly { name: string; pid: number }[]> {
  const { workers: all } = await scene.swarm<{ workers: { name: string; pid: number }[] }>('worker', 'list');
  return all.map(({ name, pid }) => ({ name, pid })).toSorted((one, other) => one.name.localeCompare(other.name));
}

/** The command lines of the programs that a process has started and that still run. */
async function childrenOf(pid: number): Promise<readonly string[]> {
  const { stdout } = await execa('ps', ['-A', '-o', 'ppid=,args=']);
  const found = stdout.split('\n').map((line) => /^\s*(\d+) (.*)$/.exec(line));
  return found.flatMap((line) => (Number(line?.[1]) === pid ? [line?.[2] ?? ''] : []));
}

/** The name of the worker that has a task or keeps its session open. */
async function workerWith(title: string): Promise<string> {
  const rows = await window.view('Workers').rows();
  return rows.find(({ description }) => description.includes(title))?.label ?? '';
}

test('nothing runs before the folder is trusted, and then there is one thing to do', async () => {
  await window.showContainer('Swarm');
  await expect.poll(() => tasks().welcome(), soon).toContain('nothing runs before you trust it');
  await picture('1 not trusted yet');
  await window.trustFolder();
  await expect.poll(() => tasks().welcome(), soon).toContain('Fan out tasks');
  await picture('2 no tasks yet');
});

test('three tasks are fanned out from the palette, each to the real Claude Code in a terminal of its own', async () => {
  await window.command('Swarm: Fan out tasks');
  const input = await window.quickInput('What is to be done?');
  for (const [index, prompt] of [hours, cents, assam].entries()) {
    await input.answer(prompt);
    await expect.poll(() => input.items(), soon).toContain(`${index + 1}. ${prompt}`);
  }
  await picture('3 fan out, tasks');
  await input.accept();
  await (await window.quickInput('On which branch')).accept();
  await (await window.quickInput('How many workers')).accept();
  const start = await window.quickInput('Press Enter to start');
  await picture('4 fan out, start');
  await start.accept();

  await expect.poll(terminals, soon).toEqual(['worker 1', 'worker 2', 'worker 3']);
  await expect.poll(() => tasks().rows(), soon).toContainEqual(row(hours, '1 file +1 −0'));
  await expect.poll(() => tasks().rows(), soon).toContainEqual(row(cents, '1 file +1 −1'));
  // VS Code shows what has changed about a row before it moves the row to its new section.
  await expect.poll(sections, soon).toEqual(['Needs Review 2', 'Running 1']);
  const running = await workers();
  expect(running.map(({ name }) => name)).toEqual(['worker 1', 'worker 2', 'worker 3']);
  for (const { pid } of running) {
    expect(await childrenOf(pid)).toEqual([expect.stringMatching(/claude(\.exe)? .*--session-id/)]);
  }
  await picture('5 two in review, one at work');
});

test('a line typed into a terminal is answered by its session, which then hands its task over again', async () => {
  const name = await workerWith(hours);
  await window.terminals.type(name, 'Do you open on Sundays?');
  await expect.poll(() => window.terminals.text(name), soon).toContain('the shop is closed on Sundays');
  await picture('6 a typed line is answered');
  await expect.poll(() => tasks().rows(), soon).toContainEqual(row(hours, '1 file +1 −0 · attempt 2'));
});

test('a window that is reloaded in the middle of the work finds its workers again', async () => {
  const before = await workers();
  await window.reload();
  await window.showContainer('Swarm');
  await expect.poll(terminals, soon).toEqual(['worker 1', 'worker 2', 'worker 3']);
  await expect.poll(() => workerWith(assam), soon).not.toBe('');
  expect(await tasks().rows()).toContainEqual(row(assam, await workerWith(assam)));
  await window.view('Workers').action('worker 2', 'Reveal Terminal');
  const inFront = window.page.locator('.terminal-tabs-entry.is-active');
  await expect.poll(() => inFront.textContent(), soon).toContain('worker 2');
  await picture('7 after the reload');
  thought.resolve();
  await expect.poll(() => tasks().rows(), soon).toContainEqual(row(assam, '1 file +1 −0'));
  expect(await workers()).toEqual(before);
});

test('a review shows what a task changes; one is approved there, another goes back to the same session', async () => {
  await tasks().press(cents);
  await expect.poll(() => window.editors(), soon).toEqual([`Review: ${cents} (1 file)`]);
  await expect.poll(() => window.page.locator('.editor-instance').textContent(), soon).toContain('Math.round');
  await picture('8 a review');
  await window.command('Swarm: Approve');
  await expect.poll(() => tasks().rows(), soon).toContainEqual(row(cents, 'ready to merge into main'));

  await tasks().action(hours, 'Request Changes');
  await (await window.quickInput('What should change?')).answer('Name public holidays, too.');
  await expect.poll(() => tasks().rows(), soon).toContainEqual(row(hours, '1 file +1 −0 · attempt 3'));
  expect(
    scene.model
      .conversations()
      .map(({ prompt }) => prompt)
      .toSorted(),
  ).toEqual([hours, cents, assam].toSorted());
  await picture('9 changes were made');
});

test('approved work is merged after its check, and the checkout follows', async () => {
  for (const title of [hours, assam]) {
    await tasks().action(title, 'Approve');
    await expect.poll(() => tasks().rows(), soon).toContainEqual(row(title, 'ready to merge into main'));
  }
  await window.command('Swarm: Merge All Approved…');
  await expect.poll(() => window.dialog(), soon).toContain('Merge 3 tasks into main?');
  await picture('10 merge');
  await window.answerDialog('Merge');
  await expect.poll(() => tasks().rows(), soon).toEqual([{ label: 'Merged', description: '3', level: 1 }]);
  await picture('11 all is merged');
  const landed = (path: string) => readFile(join(scene.repository, path), 'utf8');
  const { stdout: changes } = await execa('git', ['status', '--porcelain'], { cwd: scene.repository });
  expect({
    hours: await landed('docs/hours.md'),
    assam: await landed('docs/assam.md'),
    price: await landed('src/price.js'),
    changes,
    unexpected: scene.model.unexpected,
  }).toEqual({
    hours: 'Tuesday to Saturday, 10:00 to 18:00. Closed on public holidays.\n',
    assam: 'Assam is a black tea.\n',
    price: expect.stringContaining('Math.round'),
    changes: '',
    unexpected: [],
  });
});
