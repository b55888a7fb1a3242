import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openSwarm } from '../../src/bridge/open.ts';
import { sandbox } from '../support/model/sandbox.ts';
import { type Asked, bash, type Scenario, type Step, say, task, use, write } from '../support/model/script.ts';
import { openTerminal } from '../support/model/terminal.ts';
import { waitFor } from '../support/waitFor.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');

const plan = {
  tasks: [
    { prompt: 'Write tea.txt', title: 'Tea', name: 'tea', paths: ['tea.txt'] },
    { prompt: 'Write milk.txt', title: 'Milk', paths: ['milk.txt'] },
  ],
};
const writes = (name: string) =>
  task(`Write ${name}`).turns([write(name, 'x\n')], [bash(`git add ${name} && git commit -m ${name}`)], [say('Done.')]);

const isEarly = (text: string) => text.includes('No such tool available: mcp__');

/** The model's turns one after the other; what it has asked for too early, while tools still connect, it asks for again. */
const patiently = (...turns: readonly (readonly Step[])[]) =>
  Array.from({ length: 100 }, () => async ({ conversation }: Asked) => {
    const early = conversation.toolResults.filter(({ text }) => isEarly(text)).length;
    if (early > 0) await sleep(100);
    return turns[conversation.toolResults.length - early] ?? [];
  });

/** `swarm start` in a terminal, with a real Claude Code. */
async function planning(text: string, ...script: readonly Scenario[]) {
  await using stack = new AsyncDisposableStack();
  const box = stack.use(await sandbox({ script }));
  const env = { ...box.home.env, SWARM_CLAUDE: box.home.binary, SWARM_CONFIG_DIR: join(box.folder, 'home', 'swarm') };
  const opened = stack.adopt(await openSwarm({ folder: box.repository, trusted: () => true }), (each) =>
    each.dispose(),
  );
  const command = [process.execPath, main, 'start', text] as const;
  const terminal = stack.use(
    await openTerminal({ command: [...command], cwd: box.repository, env, folder: box.folder }),
  );
  const disposables = stack.move();
  return { box, opened, terminal, [Symbol.asyncDispose]: () => disposables.disposeAsync() };
}

describe('swarm start', () => {
  test('plans, asks the person, opens the sessions at their yes, and stays until they are done', async () => {
    await using place = await planning(
      'Serve tea with milk.',
      writes('tea.txt'),
      writes('milk.txt'),
      task('Serve tea with milk.').turns(
        ...patiently(
          [use('mcp__swarm__overview', {})],
          [use('Write', { file_path: '/tmp/never.txt', content: 'x' })],
          [use('mcp__swarm__fan_out', plan)],
          [say('Both are at work.')],
        ),
      ),
    );
    const { box, opened, terminal } = place;
    await waitFor(
      'the question',
      () => /fan_out/.test(terminal.printed()) && /Doyouwanttoproceed\?/.test(terminal.printed()),
      60_000,
    );
    expect((await opened.store.overview()).tasks).toEqual([]);
    terminal.press('\r');
    await waitFor(
      'both tasks to be in review',
      async () => {
        const { tasks } = await opened.store.overview();
        return tasks.length === 2 && tasks.every(({ state }) => state === 'in_review');
      },
      90_000,
    );
    await waitFor('the last words', () => terminal.printed().includes('Bothareatwork.'));
    terminal.press('/exit\r');
    const code = await terminal.exit;
    const conversation = box.model
      .conversations()
      .find(({ userTexts }) => userTexts.some((each) => each.includes('Serve tea')));
    const { tasks } = await opened.store.overview();
    expect({
      code,
      results: conversation?.toolResults
        .filter(({ text }) => !isEarly(text))
        .map(({ tool, isError }) => `${tool}${isError ? ' refused' : ''}`),
      offered: conversation?.tools.filter((name) => /^(Edit|Write|NotebookEdit|MultiEdit)$/.test(name)),
      titles: tasks.map(({ title, options }) => [title, options.paths]),
      untouched: await box.git('status', '--porcelain'),
    }).toEqual({
      code: 0,
      results: ['mcp__swarm__overview', 'Write refused', 'mcp__swarm__fan_out'],
      offered: [],
      titles: [
        ['Tea', ['tea.txt']],
        ['Milk', ['milk.txt']],
      ],
      untouched: '',
    });
  }, 240_000);
});
