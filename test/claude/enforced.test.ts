import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TaskId } from '../../src/core/model/ids.ts';
import type { SessionTeam } from '../../src/core/ports.ts';
import { type Sandbox, sandbox } from '../support/model/sandbox.ts';
import { say, task, write } from '../support/model/script.ts';
import { launchSession, sessionRequest } from '../support/session.ts';
import { type TerminalWorld, terminalWorld } from '../support/terminalWorld.ts';

const edits = ['Edit', 'Write'];
const shiftTab = '\u001b[Z';

/** Settings by which a person or a repository lets edits through, or silences hooks. */
const loose = {
  allow: { permissions: { allow: edits } },
  acceptEdits: { permissions: { defaultMode: 'acceptEdits' } },
  disableAllHooks: { disableAllHooks: true },
} as const;

const places = {
  'the repository’s settings': ({ repository }: Sandbox) => join(repository, '.claude', 'settings.json'),
  'the local settings': ({ repository }: Sandbox) => join(repository, '.claude', 'settings.local.json'),
  'the person’s settings': ({ home }: Sandbox) => join(home.configFolder, 'settings.json'),
} as const;

async function put(file: string, content: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(content));
}

/** Somebody else holds `theirs.txt`. */
const others: Partial<SessionTeam> = {
  mayWrite: async ({ path }) => (path === 'theirs.txt' ? { refused: 'theirs.txt is claimed by worker 2' } : undefined),
};

const textOf = (folder: string, name: string) => readFile(join(folder, name), 'utf8').catch(() => 'not written');

describe('in print mode', () => {
  test.each(Object.keys(places).flatMap((place) => Object.keys(loose).map((key) => [key, place] as const)))(
    '%s in %s lets nobody write what is claimed, and it is told where it could let edits through',
    async (key, place) => {
      await using box = await sandbox({
        script: [task('do it').turns([write('theirs.txt', 'x'), write('free.txt', 'x')], [say('Done.')])],
      });
      await put(places[place as keyof typeof places](box), loose[key as keyof typeof loose]);
      await using session = await launchSession(sessionRequest(box, { prompt: 'do it', team: others }), box.home.env);
      const { denied } = await session.finished;
      const told = session.events.flatMap((event) => (event.kind === 'unenforced' ? [event.reason] : []));
      expect({
        denied,
        theirs: await textOf(box.repository, 'theirs.txt'),
        free: await textOf(box.repository, 'free.txt'),
        told,
      }).toEqual({
        denied: ['Write'],
        theirs: 'not written',
        free: 'x',
        told: key === 'allow' ? [expect.stringMatching(/^edits are allowed anyway by .* \(Edit, Write\)$/)] : [],
      });
    },
  );
});

describe('in a terminal', () => {
  test('settings and Shift+Tab let nobody write what is claimed, and are shown', async () => {
    const pressed = Promise.withResolvers<void>();
    await using world = await terminalWorld(
      task('Do it').turns(
        [write('theirs.txt', '1'), write('free.txt', '1')],
        () => pressed.promise.then(() => [write('theirs.txt', '2'), write('free2.txt', '2')]),
        [say('Done.')],
      ),
    );
    const { opened, box } = world;
    await put(places['the person’s settings'](box), loose.disableAllHooks);
    await put(places['the repository’s settings'](box), { ...loose.allow, ...loose.disableAllHooks });
    await put(places['the local settings'](box), { permissions: { allow: edits, defaultMode: 'acceptEdits' } });
    await box.git('add', '--force', '.claude');
    await box.git('commit', '--quiet', '--message', 'settings');
    await opened.swarm.teamwork('you').claim([{ kind: 'file', path: 'theirs.txt' }]);
    const id = await world.queue('Do it');
    const worker = await world.open();
    await world.tells(id, 'batch_done');
    worker.terminal.press(shiftTab);
    await worker.prints('accept edits on');
    pressed.resolve();
    await world.tells(id, 'turn_ended');
    expect(await outcome(world, id, ['free.txt', 'free2.txt'])).toEqual({
      theirs: 'not written',
      free: ['1', '2'],
      denied: 2,
      unenforced: [...bySettings, byMode],
      warned: [...bySettings, byMode],
    });
  });

  test('“don’t ask again” lets nobody write what is claimed, and is shown', async () => {
    await using world = await terminalWorld(
      task('Do it').turns(
        [write('.vscode/tasks.json', '{}')],
        [write('theirs.txt', '1'), write('free.txt', '1')],
        [say('Done.')],
      ),
    );
    await world.opened.swarm.teamwork('you').claim([{ kind: 'file', path: 'theirs.txt' }]);
    const id = await world.queue('Do it');
    const worker = await world.open();
    await worker.prints('Do you want to create');
    worker.terminal.press('2');
    await world.tells(id, 'turn_ended');
    expect(await outcome(world, id, ['free.txt', '.vscode/tasks.json'])).toEqual({
      theirs: 'not written',
      free: ['1', '{}'],
      denied: 1,
      unenforced: [byMode],
      warned: [byMode],
    });
  });
});

const bySettings = ['the repository’s .claude/settings.json', '.claude/settings.local.json'].map(
  (whose) => `claims are not enforced: edits are allowed anyway by ${whose} (Edit, Write)`,
);
const byMode = 'claims are not enforced: in the mode acceptEdits Claude Code allows edits by itself';

/** What was written, and what people were told. */
async function outcome({ opened, task: read }: TerminalWorld, id: TaskId, free: readonly string[]) {
  const { worktree = '' } = await read(id);
  const events = await opened.store.eventsAfter(0, 1000, id);
  const texts = (kind: string) => events.flatMap((event) => (event.kind === kind ? [event.text] : []));
  return {
    theirs: await textOf(worktree, 'theirs.txt'),
    free: await Promise.all(free.map((name) => textOf(worktree, name))),
    denied: texts('session.denied').length,
    unenforced: texts('session.unenforced'),
    warned: texts('task.warned').filter((text) => text.startsWith('claims are not enforced')),
  };
}
