import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TaskId } from '../../src/core/model/ids.ts';
import type { SessionTeam } from '../../src/core/ports.ts';
import { sandbox } from '../support/model/sandbox.ts';
import { bash, edit, read, say, task, use, write } from '../support/model/script.ts';
import { launchSession, sessionRequest } from '../support/session.ts';
import { terminalWorld } from '../support/terminalWorld.ts';

/** Something that one scripted model waits for and another one says. */
function signal() {
  const said = Promise.withResolvers<void>();
  return { say: () => said.resolve(), until: <T>(turn: T) => said.promise.then(() => turn) };
}

describe('two sessions that want one file', () => {
  test('one writes it, the other is told whose it is, asks for it, hears that it is free, and writes it then', async () => {
    const [claimed, denied, released] = [signal(), signal(), signal()];
    await using world = await terminalWorld(
      task('Write the first').turns(
        [read('a.txt')],
        [edit('a.txt', 'one', 'first')],
        () => {
          claimed.say();
          return denied.until([bash('git status')]);
        },
        [bash('git restore a.txt && swarm unclaim a.txt')],
        () => {
          released.say();
          return [write('first.md', 'first\n')];
        },
        [say('Done without a.txt.')],
      ),
      task('Write the second').turns(
        () => claimed.until([read('a.txt')]),
        [edit('a.txt', 'one', 'second')],
        ({ conversation }) => {
          const [, holder] = /`swarm message (\S+) /.exec(conversation.toolResults.at(-1)?.text ?? '') ?? [];
          return [bash(`swarm message ${holder} "May I have a.txt? I change its only line."`)];
        },
        () => {
          denied.say();
          return released.until([write('second.md', 'second\n')]);
        },
        [edit('a.txt', 'one', 'second')],
        [say('All done.')],
      ),
    );
    const first = await world.queue('Write the first');
    const second = await world.queue('Write the second');
    await Promise.all([world.open(), world.open()]);
    await Promise.all([world.reaches(first, 'in_review'), world.reaches(second, 'in_review')]);
    const of = (prompt: string) => world.box.model.conversations().find((each) => each.prompt === prompt);
    const [one, two] = [of('Write the first'), of('Write the second')];
    const heard = (conversation = one) => conversation?.reminders.filter((text) => text.includes('News from Swarm'));
    expect({
      results: two?.toolResults.map(({ tool, isError }) => `${tool}${isError ? ' refused' : ''}`),
      refused: two?.toolResults[1]?.text,
      asked: heard(one),
      told: heard(two),
      landing: await world.box.git('diff', 'main', (await world.task(second)).branch, '--', 'a.txt'),
      unread: [await world.opened.store.unread(first), await world.opened.store.unread(second)],
    }).toEqual({
      results: ['Read', 'Edit refused', 'Bash', 'Write', 'Edit'],
      refused: expect.stringMatching(
        new RegExp(
          `^a\\.txt is claimed by worker \\d \\(task ${first}, “Write the first”\\), while it works, at least \\d+ s more\\.`,
        ),
      ),
      asked: [
        expect.stringMatching(
          new RegExp(`A message from task ${second} .*\n> May I have a\\.txt\\? I change its only line\\.$`),
        ),
      ],
      told: [expect.stringContaining('> a.txt is free now')],
      landing: expect.stringContaining('+second'),
      unread: [0, 0],
    });
  });
});

describe('a session with others', () => {
  test('is told what a command of it has changed that others hold, and cannot commit that', async () => {
    await using world = await terminalWorld(
      task('Generate').turns(
        [bash('cp b.txt a.txt && cp b.txt free.txt')],
        [bash('git add a.txt free.txt && git commit -m "Generate"')],
        [bash('git restore --staged --worktree a.txt && git add free.txt && git commit -m "Generate"')],
        [say('Generated.')],
      ),
    );
    await writeFile(join(world.box.repository, 'b.txt'), 'b\n');
    await world.box.git('add', '.');
    await world.box.git('commit', '--quiet', '--message', 'second');
    await world.set({ 'claude.allowedCommands': ['cp'] });
    await world.opened.swarm.teamwork('you').claim([{ kind: 'file', path: 'a.txt' }]);
    const id = await world.queue('Generate');
    await world.open();
    const { base, head } = await world.reaches(id, 'in_review');
    const [conversation] = world.box.model.conversations();
    const events = await world.opened.store.eventsAfter(0, 1000, id);
    expect({
      results: conversation?.toolResults.map(({ isError }) => isError),
      refused: conversation?.toolResults[1]?.text,
      told: conversation?.reminders.filter((text) => text.includes('a.txt is claimed by')).length,
      landing: await world.box.git('diff', '--name-only', base, head),
      violated: events.filter(({ kind }) => kind === 'claim.violated').length,
      claims: (await world.opened.store.claims({ party: id })).map(({ path }) => path),
    }).toEqual({
      results: [false, true, false],
      refused: expect.stringContaining(
        'swarm: nothing was committed: a.txt is claimed by the person, until it is released.',
      ),
      told: 1,
      landing: 'free.txt\n',
      violated: 1,
      claims: ['free.txt'],
    });
  });

  test('has its tools for them without being asked, on the command line and over MCP', async () => {
    await using world = await terminalWorld(
      task('Look').turns(
        [bash('swarm claim a.txt "b c.txt"')],
        [use('mcp__swarm__claims', {})],
        [use('mcp__swarm__context_add', { category: 'decision', text: 'Tabs.' })],
        [bash('swarm review list')],
        [say('Looked.')],
      ),
    );
    const id = await world.queue('Look');
    const worker = await world.open();
    await world.reaches(id, 'waiting');
    await worker.prints('Do you want to proceed?');
    const [conversation] = world.box.model.conversations();
    expect({
      offered: ['message', 'sync', 'claim'].filter((name) => conversation?.tools.includes(`mcp__swarm__${name}`)),
      results: conversation?.toolResults.map(({ tool, isError, text }) => [tool, isError, text.split('\n')[0]]),
      claims: (await world.opened.store.claims({ party: id })).map(({ path }) => path),
      context: (await world.opened.store.context({ most: 9 })).map(({ text }) => text),
    }).toEqual({
      offered: ['message', 'sync', 'claim'],
      results: [
        ['Bash', false, 'a.txt'],
        ['mcp__swarm__claims', false, expect.stringContaining(`(task ${id}, “Look”)`)],
        ['mcp__swarm__context_add', false, expect.stringContaining('Shared')],
      ],
      claims: ['a.txt', 'b c.txt'],
      context: ['Tabs.'],
    });
  });

  test('hears of what it has not read before it ends its turn, and goes on', async () => {
    let worlds: Awaited<ReturnType<typeof terminalWorld>> | undefined;
    let id: TaskId | undefined;
    await using world = await terminalWorld(
      task('Write it').turns(
        [write('it.md', '1\n')],
        async () => {
          if (id !== undefined) await worlds?.opened.swarm.teamwork('you').message(id, 'Make it two.');
          return [say('It is written.')];
        },
        [write('two.md', '2\n')],
        [say('Two of them.')],
      ),
    );
    worlds = world;
    id = await world.queue('Write it');
    await world.open();
    const { base, head } = await world.reaches(id, 'in_review');
    const [conversation] = world.box.model.conversations();
    const events = (await world.opened.store.eventsAfter(0, 1000, id)).map(({ kind }) => kind);
    expect({
      heard: conversation?.userTexts.slice(1),
      files: await world.box.git('diff', '--name-only', base, head),
      turns: events.filter((kind) => kind === 'session.turn_ended').length,
      states: await world.states(id),
      unread: await world.opened.store.unread(id),
    }).toEqual({
      heard: [expect.stringMatching(/A message from the person you work for; .*\n> Make it two\.$/)],
      files: 'it.md\ntwo.md\n',
      turns: 1,
      states: ['queued', 'leased', 'running', 'in_review'],
      unread: 0,
    });
  });

  test('says how it gets on, and waits for the person when it is stuck', async () => {
    await using world = await terminalWorld(
      task('Look for the key').turns(
        [say('I look.\nSTATUS: looking (40%)'), write('a.md', '1\n')],
        [say('It is nowhere.\nSTUCK: there is no key')],
      ),
      task('It is under the mat').turns([write('key.md', '1\n')], [say('Found.')]),
    );
    const id = await world.queue('Look for the key');
    const worker = await world.open();
    const { waitingFor } = await world.reaches(id, 'waiting');
    await world.tells(id, 'turn_ended');
    const still = (await world.task(id)).state;
    await worker.terminal.type('It is under the mat');
    await world.reaches(id, 'in_review');
    const events = await world.opened.store.eventsAfter(0, 1000, id);
    const said = (kind: string) => events.filter((event) => event.kind === kind).map(({ text }) => text);
    expect({
      waitingFor,
      still,
      status: said('session.status'),
      stuck: said('session.stuck'),
      waits: said('task.waiting'),
      states: await world.states(id),
    }).toEqual({
      waitingFor: 'stuck: there is no key',
      still: 'waiting',
      status: ['looking (40 % sure)'],
      stuck: ['stuck: there is no key'],
      waits: ['waits: stuck: there is no key'],
      states: ['queued', 'leased', 'running', 'waiting', 'running', 'in_review'],
    });
  });
});

describe('a print session', () => {
  test('is told the news with its prompt, after its tools and before it would end, and its answers were sent by then', async () => {
    const sent: string[] = [];
    let stops = 0;
    const team: Partial<SessionTeam> = {
      news: async ({ kind }) => {
        if (kind === 'stopping' && stops++ > 0) return undefined;
        return { text: `News at ${kind}.`, done: (isSent) => void sent.push(`${kind} ${isSent}`) };
      },
    };
    await using box = await sandbox({
      script: [
        task('do it').turns([read('a.txt'), bash('ls')], [say('STATUS: done (90%)')], [say('STUCK: not really')]),
      ],
    });
    await using session = await launchSession(sessionRequest(box, { prompt: 'do it', team }), box.home.env);
    const end = await session.finished;
    const [conversation] = box.model.conversations();
    expect({
      end: end.succeeded,
      reminders: conversation?.reminders.flatMap((text) => /News at \w+\./.exec(text)?.[0] ?? []),
      userTexts: conversation?.userTexts,
      sent,
      events: session.events.map(({ kind }) => kind),
    }).toEqual({
      end: true,
      reminders: ['News at prompted.', 'News at tools_done.'],
      userTexts: ['do it', expect.stringContaining('News at stopping.')],
      sent: ['prompted true', 'tools_done true', 'stopping true'],
      events: ['started', 'prompted', 'tool', 'tool', 'tool_done', 'tool_done', 'batch_done'].concat(
        ['text', 'status', 'text', 'stuck'],
        ['usage', 'turn_ended'],
      ),
    });
  });

  test('is refused what others hold, and a commit, with the reasons', async () => {
    const team: Partial<SessionTeam> = {
      mayWrite: async ({ path }) =>
        path === 'theirs.txt' ? { refused: 'theirs.txt is claimed by worker 2' } : undefined,
      mayCommit: async (paths) => ({ refused: `not ${paths.join(', ')}` }),
    };
    await using box = await sandbox({
      script: [
        task('do it').turns(
          [write('theirs.txt', 'x'), write('mine.txt', 'x')],
          [bash('git add -A && git commit -m "x"')],
          [say('Done.')],
        ),
      ],
    });
    await using session = await launchSession(sessionRequest(box, { prompt: 'do it', team }), box.home.env);
    const end = await session.finished;
    expect({
      denied: end.denied,
      texts: box.model.conversations()[0]?.toolResults.map(({ text }) => text),
      status: await box.git('status', '--porcelain'),
      log: await box.git('log', '--format=%s'),
      programs: existsSync(join(session.request.logs, 'programs')),
    }).toEqual({
      denied: ['Write'],
      texts: [
        expect.stringContaining('theirs.txt is claimed by worker 2'),
        expect.stringContaining('File created successfully'),
        expect.stringContaining('swarm: nothing was committed: not mine.txt'),
      ],
      status: 'A  mine.txt\n',
      log: 'first\n',
      programs: false,
    });
  });
});
