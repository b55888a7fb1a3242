import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { bash, say, task, write } from '../support/model/script.ts';
import { closeAfterTests } from '../support/vscode/closing.ts';
import { pictures } from '../support/vscode/install.ts';
import { openScene, type Scene } from '../support/vscode/scene.ts';
import { openWindow, type VSCodeWindow } from '../support/vscode/window.ts';

const soon = { timeout: 60_000 };
const hours = 'Write the opening hours into docs/hours.md';
const assam = 'Describe Assam in docs/assam.md';
const inReview = (title: string, attempt: number) => ({
  label: title,
  description: `1 file +1 −0 · attempt ${attempt}`,
  level: 2,
});

/** Nobody answers a session's second question before this window is gone, so that each is at work when it is killed. */
const never = Promise.withResolvers<never>().promise;
const script = [
  task(/^You were interrupted/).turns(
    [bash('git add . && git commit -m "Write it down"')],
    [say('It is written down.')],
  ),
  task(hours).turns([write('docs/hours.md', 'Tuesday to Saturday.\n')], () => never),
  task(assam).turns([write('docs/assam.md', 'Assam is a black tea.\n')], () => never),
];

let scene: Scene;
let window: VSCodeWindow;

beforeAll(async () => {
  scene = await openScene(script);
  window = await openWindow(scene.repository, scene.window);
});

closeAfterTests(() => ({ window, behind: scene }));

interface TaskNow {
  readonly title: string;
  readonly state: string;
  readonly worktree: string;
}

const tasks = () => window.view('Tasks');
const picture = (name: string) => window.screenshot(join(pictures, `${name}.png`));
const processes = async (pattern: RegExp) =>
  (await window.server.processes()).filter(({ command }) => pattern.test(command)).map(({ pid }) => pid);
const sessions = () => processes(/^\S*claude(\.exe)? .*--session-id/);

async function workers(): Promise<readonly number[]> {
  const { workers: all } = await scene.swarm<{ workers: { pid: number }[] }>('worker', 'list');
  return all.map(({ pid }) => pid).toSorted();
}

/** By title: how each task stands, and what lies uncommitted in its worktree. */
async function work() {
  const { tasks: all } = await scene.swarm<{ tasks: TaskNow[] }>('task', 'list');
  const entries = all.map(async ({ title, state, worktree }) => {
    const { stdout } = await execa('git', ['status', '--porcelain', '-uall'], { cwd: worktree });
    return [title, { state, uncommitted: stdout }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

const atWork = {
  [hours]: { state: 'running', uncommitted: '?? docs/hours.md' },
  [assam]: { state: 'running', uncommitted: '?? docs/assam.md' },
};

test('the lines that are selected in an editor become tasks', async () => {
  await window.showContainer('Swarm');
  await expect.poll(() => tasks().welcome(), soon).toContain('Fan out tasks');
  await window.command('File: New Untitled Text File');
  const editor = window.page.locator('.editor-instance .monaco-editor');
  await editor.click();
  await window.page.keyboard.insertText(`Not this line\n${hours}\n${assam}`);
  for (const key of ['Shift+ArrowUp', 'Shift+Home']) await window.page.keyboard.press(key);
  await window.command('Swarm: Fan out tasks');
  const input = await window.quickInput('What is to be done?');
  await picture('selection 1, where tasks come from');
  await input.pick('The selection');
  await expect.poll(() => input.items(), soon).toContain(`2. ${assam}`);
  expect((await input.items()).filter((label) => /^\d/.test(label))).toEqual([`1. ${hours}`, `2. ${assam}`]);
  await input.accept();
  await (await window.quickInput('On which branch')).accept();
  await (await window.quickInput('How many workers')).accept();
  await (await window.quickInput('Press Enter to start')).accept();
  await expect.poll(work, soon).toEqual(atWork);
});

test('an extension host that is killed leaves the sessions at work, and the next one knows them', async () => {
  const before = { workers: await workers(), sessions: await sessions() };
  expect(before).toEqual({
    workers: [expect.any(Number), expect.any(Number)],
    sessions: [expect.any(Number), expect.any(Number)],
  });
  const [host = 0] = await processes(/--type=extensionHost/);
  process.kill(host, 'SIGKILL');
  await expect
    .poll(() => processes(/--type=extensionHost/), soon)
    .toEqual([expect.not.toSatisfy((pid) => pid === host)]);
  await expect
    .poll(async () => (await tasks().rows()).map(({ label, description }) => `${label}: ${description}`), soon)
    .toEqual(['Running: 2', expect.stringMatching(/: worker \d$/), expect.stringMatching(/: worker \d$/)]);
  await window.view('Workers').action('worker 2', 'Reveal Terminal');
  const inFront = window.page.locator('.terminal-tabs-entry.is-active');
  await expect.poll(() => inFront.textContent(), soon).toContain('worker 2');
  await picture('killed 1, the next extension host');
  expect({ workers: await workers(), sessions: await sessions() }).toEqual(before);
  expect(await work()).toEqual(atWork);
});

test('what is killed with VS Code, its terminals and sessions is taken up by the next window', async () => {
  const all = [window.server.pid, ...(await window.server.processes()).map(({ pid }) => pid)];
  for (const pid of all) process.kill(pid, 'SIGKILL');
  expect(await work()).toEqual(atWork);
  await window.reopen();
  await window.showContainer('Swarm');
  await expect.poll(() => tasks().rows(), soon).toContainEqual(inReview(hours, 2));
  await expect.poll(() => tasks().rows(), soon).toContainEqual(inReview(assam, 2));
  await picture('killed 2, the next window');
  const { tasks: done } = await scene.swarm<{ tasks: TaskNow[] }>('task', 'list');
  const written = (title: string, path: string) =>
    readFile(join(done.find((each) => each.title === title)?.worktree ?? '', path), 'utf8');
  expect({
    hours: await written(hours, 'docs/hours.md'),
    assam: await written(assam, 'docs/assam.md'),
    work: await work(),
    prompts: scene.model
      .conversations()
      .map(({ prompt }) => prompt)
      .toSorted(),
    unexpected: scene.model.unexpected,
  }).toEqual({
    hours: 'Tuesday to Saturday.\n',
    assam: 'Assam is a black tea.\n',
    work: { [hours]: { state: 'in_review', uncommitted: '' }, [assam]: { state: 'in_review', uncommitted: '' } },
    prompts: [assam, hours],
    unexpected: [],
  });
});
