import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { MessageId, TaskId } from '../../src/core/model/ids.ts';
import type { Message } from '../../src/core/model/message.ts';
import { workerColor } from '../../src/extension/model/workerColor.ts';
import { openStore } from '../../src/store/open.ts';
import type { OpenStore } from '../../src/store/store.ts';
import { edit, read, say, task, write } from '../support/model/script.ts';
import { closeAfterTests } from '../support/vscode/closing.ts';
import { markOn } from '../support/vscode/explorer.ts';
import { pictures } from '../support/vscode/install.ts';
import { openScene, type Scene } from '../support/vscode/scene.ts';
import { openWindow, type VSCodeWindow } from '../support/vscode/window.ts';

const soon = { timeout: 60_000 };
const manifest = JSON.parse(await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as {
  readonly contributes: {
    readonly colors: readonly { readonly id: string; readonly defaults: Record<string, string> }[];
  };
};

const cents = 'Round every price to whole cents';
const hours = 'Write the opening hours into docs/hours.md';

/** Both sessions think until the last test lets them go on. */
const thought = Promise.withResolvers<void>();
const script = [
  task(cents).turns(
    [read('src/price.js')],
    [edit('src/price.js', 'teas[tea] * packets', 'Math.round(teas[tea] * packets * 100) / 100')],
    async () => {
      await thought.promise;
      return [say('Prices are whole cents.')];
    },
  ),
  task(hours).turns([write('docs/hours.md', 'Tuesday to Saturday, 10:00 to 18:00.\n')], async () => {
    await thought.promise;
    return [say('The opening hours are written down.')];
  }),
];

let scene: Scene;
let window: VSCodeWindow;
let store: OpenStore;

beforeAll(async () => {
  scene = await openScene(script);
  window = await openWindow(scene.repository, scene.window);
});

closeAfterTests(() => ({ window, behind: scene }));

const claims = () => window.view('Claims');
const inbox = () => window.view('Inbox');
const rows = async (view: 'Claims' | 'Inbox') =>
  (await window.view(view).rows()).map(({ label, description }) => `${label}: ${description}`);
const picture = (name: string) => window.screenshot(join(pictures, `claims ${name}.png`));
const badge = async (name: string) => (await window.explorer.mark(name)).badge;

const numberOf = (title: string) => workerOf(title).replace('worker ', '');
let taskOf: (title: string) => TaskId;
let workerOf: (title: string) => string;

async function tell(from: TaskId, body: string, kind: Message['kind'] = 'message'): Promise<void> {
  const id = `m${Math.random().toString(36).slice(2)}` as MessageId;
  await store.send({ from, to: ['you'], kind, body, ids: [id], now: Date.now() });
}

const received = async (title: string) =>
  (await store.mailbox({ party: taskOf(title), box: 'in', unreadOnly: false, most: 10 })).map(
    ({ from, kind, body }) => ({
      from,
      kind,
      body,
    }),
  );

test('what sessions write is claimed for them, and the view shows who holds what', async () => {
  await window.showContainer('Swarm');
  await claims().unfold();
  await inbox().unfold();
  await expect.poll(() => claims().welcome(), soon).toContain('Who changes a file holds it');
  await expect.poll(() => inbox().welcome(), soon).toContain('What sessions want to tell you');
  await picture('1, nothing yet');
  await window.command('Swarm: Fan out tasks');
  const input = await window.quickInput('What is to be done?');
  for (const [index, prompt] of [cents, hours].entries()) {
    await input.answer(prompt);
    await expect.poll(() => input.items(), soon).toContain(`${index + 1}. ${prompt}`);
  }
  await input.accept();
  await (await window.quickInput('On which branch')).accept();
  await (await window.quickInput('How many workers')).accept();
  await (await window.quickInput('Press Enter to start')).accept();

  await expect.poll(() => rows('Claims'), soon).toContain('price.js: src');
  await expect.poll(() => rows('Claims'), soon).toContain('hours.md: docs');
  store = await openStore({ path: join(scene.repository, '.git', 'swarm', 'store.db') });
  const { tasks, workers } = await store.overview();
  taskOf = (title) => tasks.find((each) => each.title === title)?.id as TaskId;
  workerOf = (title) => workers.find((each) => each.task === taskOf(title))?.name ?? '';
  const wanted = [cents, hours].map((title) => `${workerOf(title)}: ${title} · 1`);
  expect((await rows('Claims')).toSorted()).toEqual([...wanted, 'hours.md: docs', 'price.js: src'].toSorted());
  await expect
    .poll(() => claims().hover('price.js'), soon)
    .toMatch(/Held by: worker \d \(“Round every price to whole cents”\)/);
  await picture('2, two sessions hold files');
  await claims().action(workerOf(cents), 'Reveal Task');
  await expect.poll(() => window.view('Tasks').chosen(), soon).toEqual([cents]);
  await claims().press('price.js');
  await expect.poll(() => window.page.locator('.editor-instance').textContent(), soon).toContain('Math.round');
  const tab = window.page.locator('.editor-group-container .tab');
  // Beside what git says of it.
  await expect.poll(async () => (await markOn(tab)).badge, soon).toMatch(new RegExp(`\\b${numberOf(cents)}$`));
});

test('claimed files are marked in the explorer, in every theme, and what is marked says who holds it', async () => {
  await window.showContainer('Explorer');
  await window.explorer.press('src');
  await expect.poll(() => badge('price.js'), soon).toBe(numberOf(cents));
  await window.explorer.menu('README.md');
  await picture('3, menu of a file');
  await window.explorer.choose('Claim for Me');
  await expect.poll(() => badge('README.md'), soon).toBe('Y');
  await expect
    .poll(() => window.explorer.hover('price.js'), soon)
    .toContain(`Claimed by ${workerOf(cents)} (“${cents}”), while`);
  const color = workerColor(workerOf(cents));
  for (const [theme, kind] of [
    ['Dark Modern', 'dark'],
    ['Light Modern', 'light'],
  ] as const) {
    await window.command('Preferences: Color Theme');
    await (await window.quickInput('Select Color Theme')).pick(theme);
    const hex = manifest.contributes.colors.find(({ id }) => id === color)?.defaults[kind] ?? '';
    const rgb = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    await expect
      .poll(() => window.explorer.mark('price.js'), soon)
      .toEqual({ badge: numberOf(cents), color: `rgb(${rgb.join(', ')})` });
    await picture(`4, marked files, ${kind}`);
  }
});

test('the holder is asked from the explorer, also where a claim was refused', async () => {
  expect(await window.explorer.menu('price.js')).toEqual(
    expect.arrayContaining(['Claim for Me', 'Release Claim', 'Ask the Holder…']),
  );
  await window.explorer.choose('Claim for Me');
  await expect
    .poll(() => window.notifications(), soon)
    .toContainEqual(expect.stringContaining(`“src/price.js” is claimed by ${workerOf(cents)} (“${cents}”)`));
  await picture('6, refused');
  await window.answerNotification('“src/price.js” is claimed by', 'Ask the Holder…');
  const why = await window.quickInput('Why do you need it?');
  await picture('7, why');
  await why.answer('The tax rules change.');
  await expect
    .poll(() => received(cents), soon)
    .toEqual([
      {
        from: 'you',
        kind: 'claim_request',
        body: 'Please release src/price.js as soon as you can. The tax rules change.',
      },
    ]);
});

test('a message from a session comes to the inbox, is read there and answered', async () => {
  await window.showContainer('Swarm');
  await tell(taskOf(hours), 'Are you open on Sundays?\n\n- The old page says so\n- [The new one](command:x) does not');
  await expect
    .poll(() => window.notifications(), soon)
    .toContainEqual(`${workerOf(hours)} (“${hours}”): Are you open on Sundays?`);
  await expect
    .poll(() => rows('Inbox'), soon)
    .toEqual(['Unread: 1', `${workerOf(hours)}: now · Are you open on Sundays?`]);
  await picture('8, a message');
  await inbox().press(workerOf(hours));
  await expect.poll(() => window.editors(), soon).toContainEqual(expect.stringContaining('Message from'));
  await expect
    .poll(() => rows('Inbox'), soon)
    .toEqual(['Earlier: 1', `${workerOf(hours)}: now · Are you open on Sundays?`]);
  await inbox().action(workerOf(hours), 'Reply');
  await (await window.quickInput('Your answer')).answer('No, never.');
  await expect.poll(() => received(hours), soon).toEqual([{ from: 'you', kind: 'message', body: 'No, never.' }]);
  await picture('9, a message is read');
});

test('who asks the person for a file gets it with one press', async () => {
  await tell(taskOf(cents), 'Please release README.md as soon as you can. It names the hours, too.', 'claim_request');
  await expect.poll(() => rows('Inbox'), soon).toContain('Unread: 1');
  expect(await rows('Claims')).toContain('README.md: ');
  const asking = `now · Please release README.md as soon as you can. It names the hours, too.`;
  await expect.poll(() => rows('Inbox'), soon).toContain(`${workerOf(cents)}: ${asking}`);
  await inbox().action(workerOf(cents), 'Release It');
  await expect.poll(() => rows('Claims'), soon).not.toContain('README.md: ');
  await expect.poll(() => rows('Inbox'), soon).toContain('Earlier: 2');
});

test('the person writes to everyone, and adds to what all sessions share', async () => {
  await window.command('Swarm: Message…');
  await (await window.quickInput('Write to whom?')).pick('Everyone');
  await (await window.quickInput('Message to Everyone')).answer('Prices change on Monday.');
  const last = async (title: string) => (await received(title)).at(-1)?.body;
  await expect
    .poll(() => Promise.all([cents, hours].map(last)), soon)
    .toEqual(Array(2).fill('Prices change on Monday.'));
  await window.command('Swarm: Add to Shared Context…');
  await (await window.quickInput('What kind of fact is it?')).pick('Decision');
  await (await window.quickInput('All sessions are told of it.')).answer('Prices are *whole* cents.');
  await expect
    .poll(async () => (await store.context({ most: 10 })).map(({ text }) => text), soon)
    .toEqual(['Prices are *whole* cents.']);
  await window.command('Swarm: Show Shared Context');
  await expect.poll(() => window.editors(), soon).toContain('Preview Shared Context.md');
  const shown = () =>
    Promise.all(
      window.page.frames().map((frame) =>
        frame
          .locator('body')
          .textContent({ timeout: 1_000 })
          .catch(() => ''),
      ),
    );
  await expect.poll(async () => (await shown()).join('\n'), soon).toContain('Prices are *whole* cents.');
  await picture('11, shared context');
});

test('a claim is released from its row, after a question where somebody is at work', async () => {
  await claims().action('price.js', 'Release Claim');
  await expect.poll(() => window.dialog(), soon).toContain('is at work and counts on it.');
  await picture('10, release');
  await window.answerDialog('Release');
  await expect.poll(() => rows('Claims'), soon).not.toContain('price.js: src');
  await window.showContainer('Explorer');
  await expect.poll(() => badge('price.js'), soon).not.toBe(numberOf(cents));
});

test('marks can be switched off', async () => {
  await window.explorer.menu('swarm.yaml');
  await window.explorer.choose('Claim for Me');
  await expect.poll(() => badge('swarm.yaml'), soon).toBe('Y');
  await window.command('Preferences: Open Settings (UI)');
  const settings = window.page.locator('.settings-editor');
  await settings.locator('.suggest-input-container').click();
  await window.page.keyboard.type('swarm.decorations.claims');
  const setting = settings.locator('.settings-row-inner-container', { hasText: 'Swarm › Decorations: Claims' });
  await setting.locator('.setting-value-checkbox').click();
  await picture('12, the setting of marks');
  // The page of settings writes with a delay, and not at all once it is closed.
  await expect.poll(() => badge('swarm.yaml'), soon).toBe('');
  await window.page.getByRole('button', { name: 'Close Modal Editor' }).click();
  thought.resolve();
  store.dispose();
  expect(scene.model.unexpected).toEqual([]);
});
