import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { closeAfterTests } from '../support/vscode/closing.ts';
import { pictures } from '../support/vscode/install.ts';
import { openScene, type Scene } from '../support/vscode/scene.ts';
import { openWindow, type VSCodeWindow } from '../support/vscode/window.ts';

const soon = { timeout: 30_000 };
let scene: Scene;
let plain: string;
let window: VSCodeWindow;

/** Nobody has any of it: no folder, no repository, no Claude Code, no account. */
beforeAll(async () => {
  scene = await openScene([], { signedIn: false, claude: 'claude' });
  plain = join(scene.folder, 'coffee shop');
  await mkdir(plain);
  window = await openWindow(undefined, scene.window);
});

closeAfterTests(() => ({ window, behind: scene }));

const tasks = () => window.view('Tasks');
const picture = (name: string) => window.screenshot(join(pictures, `welcome ${name}.png`));
const welcome = async () => (await tasks().welcome()).replaceAll(/\s+/g, ' ');

test('without a folder there is one to open or to clone', async () => {
  await window.showContainer('Swarm');
  await expect
    .poll(welcome, soon)
    .toBe(
      'Open a folder with a git repository, and give its tasks to Claude Code sessions that work side by side. Open Folder Or clone a repository.',
    );
  await picture('1, no folder');
  await tasks().pressWelcome('clone a repository');
  await window.quickInput('repository URL');
  await window.page.keyboard.press('Escape');
  await tasks().pressWelcome('Open Folder');
  await window.quickInput('Open Folder');
  await window.page.keyboard.press('Escape');
});

test('a folder that is no repository becomes one', async () => {
  await window.open(plain);
  await window.showContainer('Swarm');
  await expect
    .poll(welcome, soon)
    .toBe(
      'This folder is no git repository. Each task works on a branch of its own, so Swarm needs one with at least one commit. Initialize Repository Then look again.',
    );
  await picture('2, no repository');
  await tasks().pressWelcome('Initialize Repository');
  await (await window.quickInput('initialize git repo')).pick('coffee shop');
  await expect
    .poll(async () => (await execa('git', ['rev-parse'], { cwd: plain, reject: false })).exitCode, soon)
    .toBe(0);
  await tasks().pressWelcome('look again');
  await expect.poll(welcome, soon).toContain('Claude Code was not found.');
  await window.command('Swarm: Fan out tasks');
  await expect
    .poll(() => window.notifications(), soon)
    .toEqual([
      'The tasks could not be fanned out: the repository has no commit yet. Make a first commit, then try again.',
    ]);
  await picture('3, an empty repository');
});

test('without Claude Code there is where to get it, and a way to name it', async () => {
  await window.open(scene.repository);
  await window.showContainer('Swarm');
  await expect
    .poll(welcome, soon)
    .toBe('Claude Code was not found. Install it, or name its path. Get Claude Code Then look again.');
  await picture('4, no Claude Code');
  await tasks().pressWelcome('Get Claude Code');
  await expect.poll(() => window.dialog(), soon).toContain('https://claude.com/claude-code');
  await picture('5, the page of Claude Code');
  await window.answerDialog('Cancel');
  await tasks().pressWelcome('name its path');
  const settings = window.page.locator('.settings-editor');
  await expect
    .poll(() => settings.locator('.setting-item-title').allTextContents(), soon)
    .toContain('Swarm › Claude: Path');
  await picture('6, the setting of its path');
  await window.page.getByRole('button', { name: 'Close Modal Editor' }).click();
  await symlink(scene.claude, join(scene.folder, 'claude'));
  await tasks().pressWelcome('look again');
});

test('whoever is not signed in is led to the terminal that asks', async () => {
  await expect.poll(welcome, soon).toBe('Claude Code is not signed in. Sign In');
  await picture('7, not signed in');
  await tasks().pressWelcome('Sign In');
  await expect.poll(() => window.terminals.names(), soon).toEqual(['Claude Code']);
  await expect.poll(() => window.terminals.text('Claude Code'), soon).toContain('Select login method');
  await picture('8, signing in');
});
