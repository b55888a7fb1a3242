import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { type TempFolder, tempFolder } from '../support/tempFolder.ts';
import { closeAfterTests } from '../support/vscode/closing.ts';
import { openWindow, type VSCodeWindow } from '../support/vscode/window.ts';

const soon = { timeout: 20_000 };
let folder: TempFolder;
let window: VSCodeWindow;

beforeAll(async () => {
  folder = await tempFolder();
  const repository = join(folder.path, 'repository');
  const vsix = join(folder.path, 'probe.vsix');
  await execa('git', ['init', '-q', repository]);
  await execa('vsce', ['package', '--no-dependencies', '--allow-missing-repository', '--skip-license', '--out', vsix], {
    cwd: join(import.meta.dirname, '..', 'fixtures', 'probe-extension'),
    preferLocal: true,
    localDir: import.meta.dirname,
  });
  window = await openWindow(repository, {
    dataFolder: join(folder.path, 'vscode'),
    env: { PATH: process.env.PATH ?? '', HOME: folder.path, LANG: 'C.UTF-8', PROBE: 'from the test' },
    settings: { 'probe.greeting': 'hello' },
    vsix: [vsix],
    workspaceTrust: true,
    progress: (line) => process.stderr.write(`${line}\n`),
  });
});

closeAfterTests(() => ({ window, behind: folder }));

test('a window opens quietly, in restricted mode until the folder is trusted', async () => {
  await expect.poll(() => window.statusBar(), soon).toContain('Restricted Mode');
  expect(await window.editors()).toEqual([]);
  await window.trustFolder();
  await expect.poll(() => window.statusBar(), soon).toContain('2 things');
  expect(await window.statusBar()).not.toContain('Restricted Mode');
});

test('a tree is read, unfolded, hovered and acted upon', async () => {
  await window.showContainer('Probe');
  const things = window.view('Things');
  const apple = { label: 'apple', description: 'a apple', level: 1 };
  const pear = { label: 'pear', description: 'a pear', level: 1 };
  await expect.poll(() => things.rows(), soon).toEqual([apple, pear]);
  await things.press('apple');
  await expect
    .poll(() => things.rows(), soon)
    .toEqual([apple, { label: 'core', description: 'a core', level: 2 }, pear]);
  expect(await things.hover('pear')).toBe('pear is good');
  await things.action('apple', 'Remove');
  await expect.poll(() => things.rows(), soon).toEqual([pear]);
  expect(await window.view('Nothing').welcome()).toBe('Nothing here yet.\n\nAsk');
});

test('a command asks its questions and its notification is answered', async () => {
  await window.command('Probe: Ask Two Things');
  const name = await window.quickInput('What is it called?');
  await name.answer('ball');
  const colours = await window.quickInput('Colours');
  expect(await colours.items()).toEqual(['red', 'green', 'blue']);
  await colours.pick('red');
  await colours.pick('blue');
  await colours.accept();
  await (await window.quickInput('Size')).pick('large');
  await expect.poll(() => window.notifications(), soon).toEqual(['hello large red and blue ball from the test']);
  await window.answerNotification('ball', 'Open It');
  await expect.poll(() => window.editors(), soon).toEqual(['ball']);
});

test('a modal dialog is read and answered', async () => {
  await window.command('Probe: Confirm');
  await expect.poll(() => window.dialog(), soon).toBe('Throw all away?\nFor ever.');
  await window.answerDialog('Throw Away');
  await expect.poll(() => window.notifications(), soon).toEqual(['All is gone']);
});

test('split terminals are typed into and read, also after a reload', async () => {
  await window.command('Probe: Open Terminals');
  await expect.poll(() => window.terminals.names(), soon).toEqual(['one', 'two']);
  await window.terminals.type('one', '✓ first');
  await window.terminals.type('two', 'second');
  await expect.poll(() => window.terminals.text('one'), soon).toBe('✓ first\n✓ first');
  await window.reload();
  await expect.poll(() => window.terminals.names(), soon).toEqual(['one', 'two']);
  await expect.poll(() => window.terminals.text('two'), soon).toBe('second\nsecond');
});

test('nothing that a window started outlives it, not even what ignores that its terminal closed', async () => {
  const ours = async () =>
    (await execa('ps', ['-A', '-o', 'args='])).stdout.split('\n').filter((line) => line.includes(folder.path));
  expect((await ours()).filter((line) => line.includes('SIGHUP'))).toHaveLength(2);
  await window[Symbol.asyncDispose]();
  expect(await ours()).toEqual([]);
});
